"""Pulling a season from a local server: what is asked for, in which manner, and what comes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from recon_espn.plugin import recon_expected_games

from recon_core.api import Game

JANUARY = [date(2025, 1, 1) + timedelta(days=n) for n in range(20)]


def day(number: int) -> date:
    return date(2025, 1, number)


def stored(game_id: str, number: int, status: str = "final", pulled: int = 10, **fields) -> Game:
    """A row that the pull of a January day at noon UTC left."""
    return Game(
        game_id=game_id,
        season="2024-25",
        season_type="regular",
        date=day(number),
        start_utc=datetime(2025, 1, number, 23, tzinfo=UTC),
        home="ATL",
        away="BOS",
        status=status,
        pulled_at=datetime(2025, 1, pulled, 12, tzinfo=UTC),
        **fields,
    )


def test_a_first_pull_asks_for_every_day_of_the_season(espn, context, season, event):
    espn.add(
        event("401700001", "2025-01-02T00:00Z"),
        event("401700002", "2025-01-10T00:30Z", "GS", "NY", status="STATUS_SCHEDULED"),
    )
    games = list(recon_expected_games(season, context))
    assert sorted(espn.asked) == JANUARY
    assert [(game.game_id, f"{game.date}", game.status, game.pulled_at) for game in games] == [
        ("401700001", "2025-01-01", "final", None),
        ("401700002", "2025-01-09", "scheduled", None),
    ]
    assert games[0] == Game(
        game_id="401700001",
        season="2024-25",
        season_type="regular",
        date=day(1),
        start_utc=datetime(2025, 1, 2, tzinfo=UTC),
        home="ATL",
        away="BOS",
        status="final",
    )


def test_requests_are_those_that_espn_expects_and_say_who_asks(espn, context, season):
    recon_expected_games(season, context)
    assert espn.queries[0] == {"dates": [f"{espn.asked[0]:%Y%m%d}"], "limit": ["1000"]}
    assert all(headers["User-Agent"].startswith("recon-espn/") for headers in espn.server.headers)


def test_the_last_evening_of_the_season_is_not_lost(espn, context, season, event):
    espn.add(event("401700099", "2025-01-21T03:30Z"))  # the day after the season's last, in UTC
    (game,) = recon_expected_games(season, context)
    assert game.date == season.ends == day(20)


def test_the_calendar_spares_days_between_its_first_and_its_last(espn, context, season, event):
    espn.calendar = [day(3), day(5), day(12)]
    espn.add(event("401700001", "2025-01-04T00:00Z"), event("401700002", "2025-01-13T00:00Z"))
    games = recon_expected_games(season, context)
    assert sorted(espn.asked) == [*(day(n) for n in (1, 2, 3, 5, *range(12, 21))), date(2025, 1, 21)]
    assert [game.game_id for game in games] == ["401700001", "401700002"]


def test_espns_own_bounds_of_the_season_are_asked_for_as_well(espn, context, season, event):
    espn.calendar = [day(3), date(2025, 2, 2)]
    espn.add(event("401700001", "2025-02-03T00:00Z"))
    (game,) = recon_expected_games(season, context)
    assert game.date == date(2025, 2, 2)


def test_a_calendar_that_is_contradicted_is_not_believed_for_any_day(espn, context, season, event):
    # The 7th, nearest to now, is asked for first. The calendar that comes with it leaves it out, and yet it has a
    # game: so the 9th, left out as well, is asked for too.
    espn.calendar = [day(3), day(19)]
    espn.add(event("401700001", "2025-01-08T00:00Z"), event("401700002", "2025-01-10T00:00Z"))
    context.now = datetime(2025, 1, 7, 17, tzinfo=UTC)
    games = recon_expected_games(season, context)
    assert espn.asked[0] == day(7)
    assert [game.game_id for game in games] == ["401700001", "401700002"]


def test_the_calendar_of_another_season_spares_nothing(espn, context, season):
    espn.calendar = [day(3), day(19)]
    espn.year = 2024
    recon_expected_games(season, context)
    assert sorted(espn.asked) == JANUARY


def test_the_calendar_can_be_switched_off(espn, context, season):
    espn.calendar = [day(3), day(19)]
    context.given["calendar"] = False
    recon_expected_games(season, context)
    assert sorted(espn.asked) == JANUARY


def test_no_more_requests_at_once_than_allowed_and_no_day_twice(espn, context, season):
    context.given["max_concurrency"] = 3
    espn.server.linger = 0.01
    recon_expected_games(season, context)
    assert espn.server.most_at_once <= 3
    assert len(espn.asked) == len(set(espn.asked)) == 20


def test_every_request_waits_its_turn_at_the_rate(espn, context, season, monkeypatch):
    context.given["requests_per_second"] = 50.0
    monkeypatch.setattr("recon_espn.client.AsyncLimiter", recorder := LimiterRecorder())
    recon_expected_games(season, context)
    assert recorder.made == [(1, pytest.approx(1 / 50))]
    assert recorder.acquired == len(espn.asked) == 20


class LimiterRecorder:
    def __init__(self) -> None:
        self.made: list[tuple[float, float]] = []
        self.acquired = 0

    def __call__(self, rate: float, period: float) -> LimiterRecorder:
        self.made.append((rate, period))
        return self

    async def acquire(self) -> None:
        self.acquired += 1


def test_progress_ends_with_all_days_done(espn, context, season):
    recon_expected_games(season, context)
    assert context.steps[0] == (0, 1, "days of 2024-25")
    assert context.steps[-1] == (20, 20, "days of 2024-25")
    assert [done for done, _, _ in context.steps] == sorted(done for done, _, _ in context.steps)


def test_a_season_whose_games_are_all_over_is_not_asked_for_again(espn, context, season):
    context.stored = [stored(f"4017000{n:02d}", n, pulled=30) for n in range(1, 20, 2)]
    games = recon_expected_games(season, context)
    assert espn.asked == []
    assert games == list(context.stored)


def test_only_open_days_and_those_since_the_last_pull_are_asked_for(espn, context, season, event):
    context.now = datetime(2025, 1, 14, 12, tzinfo=UTC)
    context.stored = [
        stored("401700001", 1),
        stored("401700002", 3, "postponed"),
        stored("401700003", 5, "in_progress"),
        stored("401700004", 7, "cancelled"),
        stored("401700005", 8, "scheduled"),
        stored("401700006", 9),
        stored("401700007", 15, "scheduled"),
    ]
    espn.add(
        event("401700003", "2025-01-05T23:00Z"),
        event("401700005", "2025-01-08T23:00Z", status="STATUS_POSTPONED"),
        event("401700007", "2025-01-15T23:00Z", status="STATUS_SCHEDULED"),
        event("401700008", "2025-01-12T23:00Z"),
    )
    games = {game.game_id: game for game in recon_expected_games(season, context)}
    assert sorted(espn.asked) == [day(5), day(8), *(day(n) for n in range(10, 21))]
    assert {game_id: game.status for game_id, game in games.items()} == {
        "401700001": "final",
        "401700002": "postponed",
        "401700003": "final",
        "401700004": "cancelled",
        "401700005": "postponed",
        "401700006": "final",
        "401700007": "scheduled",
        "401700008": "final",
    }
    for kept in ("401700001", "401700002", "401700004", "401700006"):
        assert games[kept].pulled_at == datetime(2025, 1, 10, 12, tzinfo=UTC)
    for seen in ("401700003", "401700005", "401700007", "401700008"):
        assert games[seen].pulled_at is None


def test_rows_without_a_time_of_pull_spare_no_day(espn, context, season):
    context.stored = [replace(stored("401700001", 1), pulled_at=None), stored("401700002", 2, pulled=30)]
    recon_expected_games(season, context)
    assert sorted(espn.asked) == JANUARY


def test_a_game_that_vanished_from_its_day_is_gone_from_the_result(espn, context, season):
    context.stored = [stored("401700001", 1), stored("401700002", 12, "scheduled")]
    games = recon_expected_games(season, context)
    assert [game.game_id for game in games] == ["401700001"]


def test_a_game_that_moved_is_one_row_at_its_new_date(espn, context, season, event):
    context.stored = [stored("401700001", 9)]
    espn.add(event("401700001", "2025-01-15T23:00Z", status="STATUS_SCHEDULED"))
    (game,) = recon_expected_games(season, context)
    assert (game.date, game.status) == (day(15), "scheduled")


def test_an_open_morning_game_is_looked_for_on_the_day_before_as_well(espn, context, season, event):
    early = replace(stored("401700001", 6, "scheduled"), start_utc=datetime(2025, 1, 6, 10, 30, tzinfo=UTC))
    context.stored = [stored("401700000", 5), early]
    espn.add(event("401700000", "2025-01-05T23:00Z"), day=day(5))
    espn.add(event("401700001", "2025-01-06T10:30Z"), day=day(5))
    games = recon_expected_games(season, context)
    assert {day(5), day(6)} <= set(espn.asked)
    assert [(game.game_id, game.status, game.date) for game in games] == [
        ("401700000", "final", day(5)),
        ("401700001", "final", day(6)),
    ]


def test_a_stretch_that_the_stored_rows_leave_out_is_asked_for(espn, context, full_season, event):
    # As an import may: the regular season, and of the rest the Finals only.
    days = [date(2024, 10, 22) + timedelta(days=n) for n in range(174)]
    days += [date(2025, 6, 5) + timedelta(days=3 * n) for n in range(6)]
    pulled = datetime(2025, 7, 20, tzinfo=UTC)
    context.stored = [replace(stored(f"40170{n:04d}", 1), date=one, pulled_at=pulled) for n, one in enumerate(days)]
    espn.add(event("401799999", "2025-05-02T00:00Z", kind=3))
    games = recon_expected_games(full_season, context)
    absent = [date(2024, 10, 1) + timedelta(days=n) for n in range(21)]
    absent += [date(2025, 4, 14) + timedelta(days=n) for n in range(52)]
    assert sorted(espn.asked) == absent
    assert len(games) == len(days) + 1
    assert next(game for game in games if game.game_id == "401799999").season_type == "playoffs"


def test_two_pulls_of_the_same_pages_give_the_same_games(espn, context, season, event):
    espn.add(*(event(f"4017000{n:02d}", f"2025-01-{n:02d}T23:00Z") for n in range(1, 19)))
    context.scratch = None
    first = recon_expected_games(season, context)
    assert recon_expected_games(season, context) == first
