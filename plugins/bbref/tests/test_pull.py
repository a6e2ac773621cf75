"""Pulling a season from the site: which pages are asked for, how often, and what becomes of them."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from recon_bbref.errors import UnreachableError
from recon_bbref.plugin import recon_expected_games
from recon_bbref.pull import wanted_months
from recon_bbref.seasons import months_of

from recon_core.api import ConfigError, Game

MONTHS = ["october", "november", "december", "january", "february", "march", "april", "may", "june"]


@pytest.fixture
def pull(context, season):
    return lambda: list(recon_expected_games(season, context))


@pytest.fixture
def fill(site, page, row):
    """One game a month, on the 15th, on pages that list each other."""

    def fill(months=MONTHS, listed=MONTHS, **more):
        for name in months:
            number = (MONTHS.index(name) + 9) % 12 + 1
            day = date(2023 if number > 9 else 2024, number, 15)
            body = page(row(f"{day}", **more), months=listed, whole=bool(listed))
            site.pages[f"NBA_2024_games-{name}.html"] = body

    return fill


def asked(site):
    return [name.removeprefix("NBA_2024_games-").removesuffix(".html") for name in site.asked]


def test_every_month_of_a_season_is_asked_for_once(site, fill, pull):
    fill()
    assert [f"{game.date:%m}" for game in pull()] == ["10", "11", "12", "01", "02", "03", "04", "05", "06"]
    assert asked(site) == MONTHS
    assert site.server.headers[0]["User-Agent"].startswith("recon-bbref/")


def test_the_sites_own_list_of_months_wins(site, fill, pull):
    fill(MONTHS[:7], MONTHS[:7])
    assert len(pull()) == 7
    assert asked(site) == MONTHS[:7]


def test_a_month_that_the_tables_do_not_know_is_found_by_the_list(site, fill, pull, page, row):
    fill(listed=[*MONTHS, "july"])
    site.pages["NBA_2024_games-july.html"] = page(row("2024-07-01"))
    assert len(pull()) == 10


def test_a_season_that_began_later_than_the_tables_know(site, fill, pull):
    fill(MONTHS[2:], MONTHS[2:])
    assert len(pull()) == 7


def test_without_a_list_every_month_that_has_begun_must_be_there(site, context, fill, pull):
    fill(MONTHS[:5], [])
    with pytest.raises(UnreachableError, match=r"leagues/NBA_2024_games-march\.html: HTTP 404, there is no such page"):
        pull()
    context.now = datetime(2024, 2, 28, tzinfo=UTC)
    assert len(pull()) == 5


def test_a_listed_month_must_be_there(site, fill, pull):
    fill(MONTHS[:5], MONTHS[:6])
    with pytest.raises(UnreachableError, match=r"games-march\.html: HTTP 404"):
        pull()


def test_a_first_month_that_is_listed_later_is_not_forgotten(site, fill, pull):
    fill(MONTHS[1:], MONTHS)
    with pytest.raises(UnreachableError, match=r"games-october\.html: HTTP 404"):
        pull()


def test_a_season_of_which_the_site_has_nothing_yet(site, context, pull):
    context.now = datetime(2023, 7, 1, tzinfo=UTC)
    assert pull() == []
    assert asked(site) == ["october"]
    context.now = datetime(2023, 12, 1, tzinfo=UTC)
    with pytest.raises(UnreachableError, match=r"games-october\.html: HTTP 404"):
        pull()


def test_a_second_pull_asks_only_for_what_may_have_changed(site, context, fill, pull):
    context.now = datetime(2024, 2, 20, tzinfo=UTC)
    fill(MONTHS[:7], MONTHS[:7])
    first = pull()
    del site.asked[:]
    games = [replace(game, pulled_at=context.now) for game in first]
    context.stored = [replace(g, status="scheduled") if g.date.month in (12, 4) else g for g in games]
    context.now = datetime(2024, 5, 2, tzinfo=UTC)
    context.scratch = None
    fill(MONTHS[:8], MONTHS[:8])
    again = pull()
    assert asked(site) == ["december", "february", "march", "april", "may"]
    assert len(again) == 8
    kept = {game.date.month: game.pulled_at for game in again if game.pulled_at}
    assert kept == {month: datetime(2024, 2, 20, tzinfo=UTC) for month in (10, 11, 1)}


def test_wanted_months_after_an_import_without_times_are_all(season):
    one = Game(game_id="x", season="2023-24", date=date(2023, 11, 1), status="final")
    assert wanted_months(season, [one]) == months_of(season) == wanted_months(season, [])


def test_a_month_of_which_nothing_is_stored_is_asked_for(season):
    stored = [
        Game(
            game_id=f"{month.first}",
            season="2023-24",
            date=month.first,
            status="final",
            pulled_at=datetime(2024, 8, 1, tzinfo=UTC),
        )
        for month in months_of(season)
        if month.name != "february"
    ]
    assert [month.name for month in wanted_months(season, stored)] == ["february"]


def test_a_finished_season_is_not_asked_for_at_all(site, context, season, pull):
    context.stored = [
        Game(
            game_id=f"{month.first}",
            season="2023-24",
            date=month.first,
            status="final",
            pulled_at=datetime(2024, 7, 2, tzinfo=UTC),
        )
        for month in months_of(season)
    ]
    assert len(pull()) == 9
    assert site.asked == []


def test_requests_keep_their_distance_also_from_one_season_to_the_next(site, context, season_of, page, row):
    context.given["seconds_between_requests"] = 0.15
    site.pages["NBA_2024_games-october.html"] = page(row("2023-10-24"), months=["october"])
    site.pages["NBA_2023_games-october.html"] = page(row("2022-10-24"), months=["october"], year=2023)
    begun = time.monotonic()
    for label in ("2022-23", "2023-24"):
        context.scratch = None
        assert len(list(recon_expected_games(season_of(label), context))) == 1
    assert time.monotonic() - begun >= 0.15


def test_progress_counts_pages(fill, pull, context):
    fill()
    pull()
    assert context.steps[0] == (0, 9, "pages of 2023-24")
    assert context.steps[-1] == (9, 9, "pages of 2023-24")


@pytest.mark.parametrize("seconds", [0.0, 1.0, 2.99])
def test_the_site_itself_is_never_asked_more_often_than_it_allows(context, pull, seconds):
    for host in ("https://www.basketball-reference.com", "http://basketball-reference.com:80/mirror"):
        context.given |= {"base_url": host, "seconds_between_requests": seconds}
        with pytest.raises(ConfigError, match="more than 20 requests a minute"):
            pull()


def test_the_page_of_the_pull_is_the_state_of_its_time(site, context, fill, pull):
    fill(points=None)
    context.now = datetime(2023, 10, 1, tzinfo=UTC)
    games = pull()
    assert {game.status for game in games} == {"scheduled"}
    assert {game.pulled_at for game in games} == {None}
