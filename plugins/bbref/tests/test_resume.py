"""A pull that was interrupted goes on where it was, and does not take old pages for new."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from recon_bbref.errors import UnreachableError
from recon_bbref.plugin import recon_expected_games
from recon_bbref.scratch import PageStore
from recon_bbref.seasons import month_of

from recon_core.api import DiskError

NOW = datetime(2024, 7, 10, 12, tzinfo=UTC)
OCTOBER, NOVEMBER = "NBA_2024_games-october.html", "NBA_2024_games-november.html"


@pytest.fixture
def pull(context, season):
    return lambda: list(recon_expected_games(season, context))


@pytest.fixture
def interrupted(site, context, pull, page, row, fault):
    """A pull that got October and was blocked at November."""
    months = ["october", "november"]
    site.pages[OCTOBER] = page(row("2023-10-24"), months=months)
    site.pages[NOVEMBER] = page(row("2023-11-24"), months=months)
    site.faults[NOVEMBER] = [fault("status", 429)]
    with pytest.raises(UnreachableError):
        pull()
    del site.asked[:]


def test_only_the_rest_is_asked_for(site, pull, interrupted):
    assert len(pull()) == 2
    assert site.asked == [NOVEMBER]


def test_a_page_on_which_all_was_over_is_used_a_week_later(site, context, pull, interrupted):
    context.now = NOW + timedelta(days=7)
    games = pull()
    assert site.asked == [NOVEMBER]
    assert {f"{game.date:%m}": game.pulled_at for game in games} == {"10": NOW, "11": None}


def test_a_page_with_an_open_game_is_used_for_six_hours(context, season, page, row, site):
    month = month_of(season, "november")
    early = datetime(2023, 11, 10, tzinfo=UTC)
    PageStore(context.scratch, season, site.url, early).save(month, page(row("2023-11-24", points=None)))
    for hours, used in ((5, True), (7, False), (-1, False)):
        store = PageStore(context.scratch, season, site.url, early + timedelta(hours=hours))
        assert (store.load(month) is not None) is used


def test_pages_of_another_address_or_season_are_not_used(site, context, season, season_of, interrupted):
    month = month_of(season, "october")
    assert PageStore(context.scratch, season, site.url, NOW).load(month) is not None
    assert PageStore(context.scratch, season, "http://else.test", NOW).load(month) is None
    assert PageStore(context.scratch, season_of("2022-23"), site.url, NOW).load(month) is None


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b"null", b'{"version": 1}', b"\xff\xfe", b"<html>", b"[" * 100_000]
)
def test_a_damaged_page_is_fetched_again(site, context, pull, interrupted, damage):
    damaged = context.scratch / "bbref-2023-24-october.json"
    damaged.write_bytes(damage)
    assert len(pull()) == 2
    assert site.asked == [OCTOBER, NOVEMBER]
    assert json.loads(damaged.read_text())["version"] == 1


def test_saved_pages_hold_no_address(context, interrupted):
    for path in context.scratch.iterdir():
        assert "127.0.0.1" not in path.read_text()


def test_nothing_is_saved_of_a_page_that_cannot_be_read(site, context, pull, interrupted, page, row):
    site.pages[NOVEMBER] = page(row("2023-12-24"))
    with pytest.raises(Exception, match="is not of the month"):
        pull()
    assert [path.name for path in context.scratch.iterdir()] == ["bbref-2023-24-october.json"]


def test_a_scratch_folder_that_cannot_be_written_is_a_clear_error(context, site, pull, tmp_path, page, row):
    site.pages[OCTOBER] = page(row("2023-10-24"), months=["october"])
    (tmp_path / "file").write_text("")
    context.scratch = tmp_path / "file"
    with pytest.raises(DiskError, match=r"cannot keep the page of october in .*pull again"):
        pull()


def test_without_a_scratch_folder_a_pull_works_as_well(site, context, pull, page, row):
    site.pages[OCTOBER] = page(row("2023-10-24"), months=["october"])
    context.scratch = None
    assert len(pull()) == 1
