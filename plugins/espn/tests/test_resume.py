"""A pull that was interrupted goes on where it was, and does not take old pages for new."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from recon_espn.errors import UnreachableError
from recon_espn.plugin import recon_expected_games
from recon_espn.scoreboard import parse_page
from recon_espn.scratch import PageStore

from recon_core.api import DiskError, ScheduleError

NOW = datetime(2025, 1, 12, 12, tzinfo=UTC)
BAD_DAY = date(2025, 1, 20)


@pytest.fixture
def pull(context, season):
    context.now = NOW
    return lambda: list(recon_expected_games(season, context))


@pytest.fixture
def interrupted(espn, context, pull, event, fault):
    """A pull that failed on the season's last day, after all others; then the server is well again."""
    espn.add(
        event("401700001", "2025-01-07T23:00Z"),
        event("401700002", "2025-01-14T23:00Z", status="STATUS_SCHEDULED"),
        event("401700003", "2025-01-20T23:00Z", status="STATUS_SCHEDULED"),
    )
    context.given["max_concurrency"] = 1
    espn.faults[BAD_DAY] = [fault("status", 404)]
    with pytest.raises(UnreachableError):
        pull()
    assert len(espn.asked) == 20
    espn.asked.clear()


def test_the_next_pull_asks_only_for_what_is_lacking(espn, context, pull, interrupted):
    context.now = NOW + timedelta(hours=1)
    games = pull()
    assert espn.asked == [BAD_DAY]
    assert [(game.game_id, game.pulled_at) for game in games] == [
        ("401700001", NOW),
        ("401700002", NOW),
        ("401700003", None),
    ]


def test_hours_later_only_pages_that_cannot_have_changed_are_used(espn, context, pull, interrupted):
    context.now = NOW + timedelta(days=2)
    games = pull()
    assert sorted(set(range(1, 21)) - {day.day for day in espn.asked}) == [7]
    assert [(game.game_id, game.pulled_at) for game in games] == [
        ("401700001", NOW),
        ("401700002", None),
        ("401700003", None),
    ]


def test_a_page_of_a_day_that_was_not_over_may_have_changed(espn, context, season, event, page):
    # Final at nine in the evening, and another game was still to come that night.
    evening = datetime(2025, 1, 8, 2, tzinfo=UTC)
    store = PageStore(context.scratch, "2024-25", espn.url, evening)
    day = date(2025, 1, 7)
    store.save(day, page(day, [event("401700001", "2025-01-07T23:00Z")]))
    assert PageStore(context.scratch, "2024-25", espn.url, evening + timedelta(hours=5)).load(day) is not None
    assert PageStore(context.scratch, "2024-25", espn.url, evening + timedelta(hours=7)).load(day) is None


def test_a_page_from_the_future_is_not_used(espn, context, pull, interrupted):
    context.now = NOW - timedelta(days=30)
    pull()
    assert len(espn.asked) == 20


def test_pages_of_another_address_or_season_are_not_used(espn, context, interrupted):
    day = date(2025, 1, 7)
    assert PageStore(context.scratch, "2024-25", espn.url, NOW).load(day) is not None
    assert PageStore(context.scratch, "2024-25", "http://else.test/nba", NOW).load(day) is None
    assert PageStore(context.scratch, "2023-24", espn.url, NOW).load(day) is None


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b"null", b'{"version": 1}', b"\xff\xfe", b"<html>", b"[" * 100_000]
)
def test_a_damaged_page_is_fetched_again(espn, context, pull, interrupted, damage):
    damaged = context.scratch / "espn-2024-25-20250107.json"
    damaged.write_bytes(damage)
    assert len(pull()) == 3
    assert sorted(espn.asked) == [date(2025, 1, 7), BAD_DAY]
    assert json.loads(damaged.read_text())["version"] == 1


def test_saved_pages_hold_no_address(context, interrupted):
    for path in context.scratch.iterdir():
        assert "127.0.0.1" not in path.read_text()


def test_a_saved_page_says_what_the_fetched_one_said(context, event, page):
    day = date(2025, 6, 19)
    odd = [
        event("401700070", "2025-06-20T04:00Z", "NY", "TBD", status="STATUS_SCHEDULED", kind=3, time_valid=False),
        event("401700071", "2025-06-19T23:00Z", headline="NBA Cup Championship", competition_type="CC"),
        event("401700072", "2025-06-19T23:30Z", "EAST", "WEST", status="STATUS_POSTPONED", competition_type="ALLSTAR"),
    ]
    del odd[1]["competitions"][0]["status"]
    document = page(day, odd, [day, date(2025, 1, 3)])
    store = PageStore(context.scratch, "2024-25", "http://x.test", NOW)
    store.save(day, document)
    fresh, saved = parse_page(document, day, "here"), store.load(day)
    assert saved is not None
    assert saved.events == fresh.events
    assert saved.calendar == fresh.calendar
    assert saved.fetched_at == NOW


def test_nothing_is_saved_of_a_page_that_cannot_be_read(espn, context, pull, fault):
    espn.faults[BAD_DAY] = [fault("shape")]
    with pytest.raises(ScheduleError):
        pull()
    assert not list(context.scratch.glob("*20250120*"))
    assert not list(context.scratch.glob("*.tmp"))


def test_a_scratch_folder_that_cannot_be_written_is_a_clear_error(context, pull, tmp_path):
    (tmp_path / "file").write_text("")
    context.scratch = tmp_path / "file"
    with pytest.raises(DiskError, match=r"cannot keep the scoreboard of 2025-01-.*pull again"):
        pull()


def test_without_a_scratch_folder_a_pull_works_as_well(espn, context, pull, event):
    espn.add(event("401700001", "2025-01-07T23:00Z"))
    context.scratch = None
    assert [game.game_id for game in pull()] == ["401700001"]
