"""Pulling a season from a local server: whom it asks, in which manner, and what comes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from recon_nba_api.plugin import recon_expected_games
from recon_nba_api.seasons import SEASONS

from recon_core.api import Game, ScheduleError


def day(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def season_of(label):
    return next(season for season in SEASONS if season.label == label)


@pytest.fixture
def pull(context, season):
    return lambda: list(recon_expected_games(season, context))


@pytest.fixture
def two(game):
    return [
        game("0022400061", "2025-01-14T19:30"),
        game("0022400062", "2025-01-15T22:30", "GSW", "NOP", status=1),
    ]


def test_the_season_under_way_comes_from_one_request(nba, context, pull, document, two):
    context.now = day("2025-01-15T12:00")
    nba.put_cdn(document(two))
    assert [(one.game_id, one.status, one.pulled_at) for one in pull()] == [
        ("0022400061", "final", context.now),
        ("0022400062", "scheduled", context.now),
    ]
    assert nba.asked == ["cdn"]


def test_requests_have_the_headers_that_the_nba_wants(nba, context, pull, document, two):
    nba.put_cdn(document(two))
    context.given["user_agent"] = "Mozilla/5.0 (mine)"
    pull()
    (headers,) = nba.headers
    assert (headers["Referer"], headers["Origin"]) == ("https://www.nba.com/", "https://www.nba.com/".rstrip("/"))
    assert headers["User-Agent"] == "Mozilla/5.0 (mine)"


def test_an_earlier_season_comes_from_the_other_address(nba, context, document, game):
    nba.put_stats("2005-06", document([game("0020500001", "2005-11-01T19:30")], "2005-06"))
    games = recon_expected_games(season_of("2005-06"), context)
    assert [one.game_id for one in games] == ["0020500001"]
    assert nba.asked == ["2005-06"]


@pytest.mark.parametrize(
    ("now", "asked"),
    [
        ("2024-06-20T12:00", ["2024-25"]),  # 2023-24 is listed
        ("2024-06-24T12:00", ["cdn"]),
        ("2024-08-16T12:00", ["cdn"]),
        ("2025-10-08T12:00", ["cdn"]),
        ("2025-10-10T12:00", ["2024-25"]),
    ],
)
def test_the_season_under_way_is_listed_from_before_its_start_until_the_next(
    nba, context, pull, document, two, now, asked
):
    context.now = day(now)
    nba.put_cdn(document(two))
    nba.put_stats("2024-25", document(two))
    assert len(pull()) == 2
    assert nba.asked == asked


def test_when_another_season_is_listed_there_the_other_address_is_asked(nba, context, pull, document, two):
    nba.put_cdn(document([], "2025-26"))
    nba.put_stats("2024-25", document(two))
    assert len(pull()) == 2
    assert nba.asked == ["cdn", "2024-25"]


@pytest.mark.parametrize(("fetch", "asked"), [("cdn", "cdn"), ("stats", "2024-25")])
def test_one_address_can_be_fixed(nba, context, pull, document, two, fetch, asked):
    context.given["fetch"] = fetch
    nba.put_cdn(document(two))
    nba.put_stats("2024-25", document(two))
    assert len(pull()) == 2
    assert nba.asked == [asked]


def test_a_fixed_address_that_has_another_season_is_refused(nba, context, pull, document):
    context.given["fetch"] = "cdn"
    nba.put_cdn(document([], "2025-26"))
    with pytest.raises(ScheduleError, match=r"/cdn\.json: the schedule of '2025-26', but 2024-25 was asked for"):
        pull()


def test_each_request_waits_its_turn(nba, context, pull, document, two, monkeypatch):
    waits = []

    async def sleep(seconds):
        waits.append(seconds)

    monkeypatch.setattr("recon_nba_api.client.asyncio.sleep", sleep)
    context.given["pause_seconds"] = 7.5
    nba.put_cdn(document([], "2025-26"))
    nba.put_stats("2024-25", document(two))
    pull()
    assert waits == [7.5, 7.5]


def test_rows_are_as_old_as_the_document_says(nba, context, pull, document, two):
    nba.put_cdn(document(two, made="2025-01-15T09:18:26.1826Z"))
    assert {one.pulled_at for one in pull()} == {datetime(2025, 1, 15, 9, 18, 26, 182600, tzinfo=UTC)}


def test_rows_are_no_younger_than_the_pull(nba, context, pull, document, two):
    context.now = day("2025-01-15T12:00")
    nba.put_cdn(document(two, made="2025-01-15T12:00:07Z"))
    assert {one.pulled_at for one in pull()} == {context.now}


def test_a_season_that_is_not_listed_yet_has_no_games(nba, context, document):
    nba.put_stats("2030-31", document([], "2030-31"))
    assert list(recon_expected_games(season_of("2030-31"), context)) == []


def test_a_season_that_is_over_and_of_which_nothing_was_played_is_refused(nba, context, pull, document, game):
    nba.put_cdn(document([game("0022400061", "2025-01-14T19:30", status=1)]))
    with pytest.raises(ScheduleError, match="not one of the 1 games of 2024-25 is said to have been played"):
        pull()
    context.now = day("2025-01-20T12:00")
    assert [one.status for one in pull()] == ["tbd"]


def row(game_id, status="scheduled", pulled="2025-01-10T12:00", date_="2025-01-14"):
    return Game(
        game_id=game_id,
        season="2024-25",
        date=date.fromisoformat(date_),
        status=status,
        pulled_at=None if pulled is None else day(pulled),
    )


def test_a_moved_game_keeps_its_id_and_takes_its_new_date(nba, context, pull, document, game):
    context.now = day("2025-01-15T12:00")
    context.stored = [row("0022400061", "postponed")]
    nba.put_cdn(document([game("0022400061", "2025-02-20T19:30", status=1)]))
    (found,) = pull()
    assert (found.game_id, f"{found.date}", found.status) == ("0022400061", "2025-02-20", "scheduled")


def test_stored_rows_stay_where_they_are_younger_than_the_document(nba, context, pull, document, game):
    nba.put_cdn(
        document(
            [game(f"002240006{n}", "2025-01-14T19:30", status=1 if n < 5 else 3) for n in (1, 2, 3, 5)],
            made="2025-01-12T12:00:00Z",
        )
    )
    younger, older = "2025-01-15T12:00", "2025-01-10T12:00"
    context.stored = [
        row("0022400061", "postponed", younger),
        row("0022400062", "postponed", older),
        row("0022400063", "final", None),  # imported as over
        row("0022400065", "cancelled", None),
        row("0022400068", "scheduled", younger),  # listed since
        row("0022400069", "scheduled", older),  # no longer listed
    ]
    assert {one.game_id[-2:]: one.status for one in pull()} == {
        "61": "postponed",
        "62": "scheduled",
        "63": "final",
        "65": "final",
        "68": "scheduled",
    }


def test_the_same_document_gives_the_same_games(nba, context, pull, document, two):
    nba.put_cdn(document(two, made="2025-01-15T09:00:00Z"))
    first = pull()
    context.stored = [replace(one) for one in first]
    assert pull() == first
