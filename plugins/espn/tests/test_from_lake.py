"""A schedule out of the scoreboard files that the lake holds: whole, or a clear refusal."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from recon_espn.plugin import recon_expected_games
from recon_espn.seasons import SEASONS

from recon_core.api import Game, LakeError, ScheduleError

SEASON_START = datetime(2025, 1, 1, 5, tzinfo=UTC)


@pytest.fixture
def put(lake_context, page):
    """Put a scoreboard file of a January day into the lake."""

    def put(number: int, *events, layout: str = "espn_schedules", calendar=None) -> str:
        key = f"{layout}/202501{number:02d}.json"
        document = page(date(2025, 1, number), events, calendar)
        lake_context.lake[key] = json.dumps(document).encode()
        return key

    return put


@pytest.fixture
def pull(lake_context, season):
    return lambda: list(recon_expected_games(season, lake_context))


def test_games_come_from_files_of_both_layouts(put, pull, event):
    put(3, event("401700001", "2025-01-04T00:00Z"))
    put(5, event("401700002", "2025-01-06T01:00Z", status="STATUS_POSTPONED"), layout="schedule")
    assert [(game.game_id, f"{game.date}", game.status) for game in pull()] == [
        ("401700001", "2025-01-03", "final"),
        ("401700002", "2025-01-05", "postponed"),
    ]


def test_nothing_is_asked_of_the_network(put, pull, lake_context, event):
    lake_context.given["base_url"] = "http://127.0.0.1:9/nba"
    put(3, event("401700001", "2025-01-04T00:00Z"))
    assert len(pull()) == 1


def test_rows_claim_no_later_time_than_a_file_proves(put, pull, event):
    put(3, event("401700001", "2025-01-04T00:00Z", status="STATUS_SCHEDULED"), event("401700002", "2025-01-04T01:00Z"))
    assert {game.pulled_at for game in pull()} == {SEASON_START}


def test_a_network_pull_after_it_asks_for_every_day(put, pull, event, espn, context, season):
    put(3, event("401700001", "2025-01-04T00:00Z"))
    context.stored = pull()
    recon_expected_games(season, context)
    assert len(espn.asked) == 20


def test_of_two_copies_of_a_day_the_later_state_counts(put, pull, event):
    put(3, event("401700001", "2025-01-04T00:00Z"), layout="schedule")
    put(3, event("401700001", "2025-01-04T00:00Z", status="STATUS_SCHEDULED"))
    assert [game.status for game in pull()] == ["final"]


def test_files_of_other_seasons_are_not_read(put, pull, lake_context, event):
    put(3, event("401700001", "2025-01-04T00:00Z"))
    lake_context.lake["espn_schedules/20240103.json"] = b"not read"
    assert len(pull()) == 1


def test_a_day_without_games_is_no_error(put, pull, event):
    put(3, event("401700001", "2025-01-04T00:00Z"))
    put(4)
    assert len(pull()) == 1


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "empty, expected a scoreboard"),
        (b"{}", "no list of events"),
        (b"<html>", "an HTML page"),
        (b'{"events": [', "broken off"),
        (b'{"events": [{"id": "4"}]}', "event 4: "),
    ],
)
def test_a_file_that_cannot_be_read_fails_the_pull_and_is_named_and_counted(put, pull, lake_context, event, body, told):
    put(3, event("401700001", "2025-01-04T00:00Z"))
    for number in (7, 9):
        lake_context.lake[f"espn_schedules/202501{number:02d}.json"] = body
    with pytest.raises(ScheduleError) as caught:
        pull()
    message = str(caught.value)
    assert message.startswith("lake object espn_schedules/20250107.json: ")
    assert told in message
    assert "2 of 3 days of 2024-25 have no readable scoreboard file" in message
    assert "\n" not in message


def test_a_good_copy_makes_up_for_an_empty_shell_of_the_other_layout(put, pull, lake_context, event):
    put(3, event("401700001", "2025-01-04T00:00Z"))
    lake_context.lake["schedule/20250103.json"] = b"{}"
    assert len(pull()) == 1


def test_a_file_that_is_too_large_is_not_parsed(put, pull, lake_context, event):
    lake_context.given["max_body_bytes"] = 100
    put(3, event("401700001", "2025-01-04T00:00Z"))
    with pytest.raises(ScheduleError, match="more than 100 bytes"):
        pull()


def test_a_lake_without_scoreboard_files_is_no_season_without_games(pull, lake_context):
    lake_context.lake["espn_schedules/20240103.json"] = b"{}"
    with pytest.raises(ScheduleError, match="the lake holds no scoreboard file of 2024-25"):
        pull()


def test_a_lake_that_cannot_be_read_passes_its_own_error_on(put, pull, lake_context, event, monkeypatch):
    key = put(3, event("401700001", "2025-01-04T00:00Z"))

    def denied(self, key):
        raise LakeError(f"{key}: access denied")

    monkeypatch.setattr(type(lake_context), "read", denied)
    with pytest.raises(LakeError, match=key):
        pull()


def test_game_days_of_the_calendar_without_a_file_are_refused(put, pull, lake_context, event):
    calendar = [date(2025, 1, number) for number in (3, 5, 8, 15)]
    lake_context.now = datetime(2025, 1, 12, 12, tzinfo=UTC)
    put(3, event("401700001", "2025-01-04T00:00Z"), calendar=calendar)
    with pytest.raises(ScheduleError, match=r"no scoreboard file of 2025-01-05, a game day .* 2 such days in all"):
        pull()
    lake_context.given["lake_gaps"] = True
    assert len(pull()) == 1
    lake_context.given["lake_gaps"] = False
    put(5)
    put(8)
    assert len(pull()) == 1


def row(game_id: str, number: int, status: str, pulled: datetime | None) -> Game:
    return Game(game_id=game_id, season="2024-25", date=date(2025, 1, number), status=status, pulled_at=pulled)


def test_stored_rows_stay_where_the_lake_knows_less(put, pull, lake_context, event):
    later = datetime(2025, 1, 20, tzinfo=UTC)
    put(3, event("401700001", "2025-01-03T23:00Z", status="STATUS_SCHEDULED"), event("401700002", "2025-01-03T23:00Z"))
    put(5, event("401700003", "2025-01-05T23:00Z", status="STATUS_SCHEDULED"))
    lake_context.stored = [
        row("401700001", 3, "final", later),  # the lake's file is older
        row("401700002", 3, "scheduled", later),  # final wins
        row("401700003", 5, "postponed", later),  # pulled later than any file is known to be
        row("401700004", 5, "final", later),  # gone from a day that has a file
        row("401700005", 9, "final", later),  # of a day without a file
    ]
    assert {game.game_id: (game.status, game.pulled_at) for game in pull()} == {
        "401700001": ("final", later),
        "401700002": ("final", SEASON_START),
        "401700003": ("postponed", later),
        "401700005": ("final", later),
    }


def test_a_stored_row_known_under_its_other_id_is_not_doubled(page, lake_context, event):
    season = next(season for season in SEASONS if season.label == "2011-12")
    day = date(2011, 12, 25)
    events = [event("400278001", "2011-12-25T22:00Z", "BOS", "NY", year=2012)]
    lake_context.lake["schedule/20111225.json"] = json.dumps(page(day, events, year=2012)).encode()
    old = Game(game_id="311225002", season="2011-12", date=date(2011, 12, 24), status="final", home="BOS", away="NY")
    lake_context.stored = [old]
    (game,) = recon_expected_games(season, lake_context)
    assert (game.game_id, game.alt_ids) == ("400278001", ("311225002",))


def test_progress_counts_the_files_days(put, pull, lake_context, event):
    put(3, event("401700001", "2025-01-04T00:00Z"))
    put(4)
    pull()
    assert lake_context.steps[-1] == (2, 2, "scoreboard files of 2024-25")


def test_the_same_lake_gives_the_same_games(put, pull, lake_context, event):
    put(3, event("401700001", "2025-01-04T00:00Z"))
    first = pull()
    lake_context.stored = [replace(game) for game in first]
    assert pull() == first
