"""Ids: made of date and home team, with the code of the day; and what a game of another source is called."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recon_bbref.ids import game_id_of, make_id, read_id
from recon_bbref.seasons import SEASONS, end_year, season_on
from recon_bbref.teams import ERAS, TEAMS, canonical, era_code

from recon_core.api import Game


def game(day: str, home: str | None, **more: object) -> Game:
    return Game(
        **{"game_id": "x", "season": "?", "date": date.fromisoformat(day), "status": "final", "home": home, **more}
    )


@pytest.mark.parametrize(
    ("day", "home", "expected"),
    [
        ("2024-10-22", "BOS", "202410220BOS"),
        ("2023-10-24", "PHX", "202310240PHO"),
        ("2023-10-25", "BKN", "202310250BRK"),
        ("2012-02-20", "BKN", "201202200NJN"),
        ("1976-11-03", "BKN", "197611030NYN"),
        ("2008-01-05", "OKC", "200801050SEA"),
        ("2008-11-05", "OKC", "200811050OKC"),
        ("2001-03-07", "MEM", "200103070VAN"),
        ("2000-10-31", "CHA", "200010310CHH"),
        ("2009-10-30", "CHA", "200910300CHA"),
        ("2024-10-26", "CHA", "202410260CHO"),
        ("2005-12-16", "NOP", "200512160NOK"),
        ("2004-12-16", "NOP", "200412160NOH"),
        ("2010-12-15", "NOP", "201012150NOH"),
        ("1996-11-01", "WAS", "199611010WSB"),
        ("1997-11-01", "WAS", "199711010WAS"),
        ("1963-03-03", "WAS", "196303030CHZ"),
        ("1949-11-20", "ATL", "194911200TRI"),
        ("1946-11-01", "TRH", "194611010TRH"),
        ("2020-08-15", "POR", "202008150POR"),
        ("2020-10-11", "MIA", "202010110MIA"),
        ("2021-07-20", "MIL", "202107200MIL"),
    ],
)
def test_the_id_of_a_game_that_another_source_knows(day, home, expected):
    assert game_id_of(game(day, home)) == expected
    assert read_id(expected).date == date.fromisoformat(day)


@pytest.mark.parametrize(
    "one",
    [
        game("2023-10-24", None),
        game("2023-10-24", "Team LeBron"),
        game("2003-12-01", "CHA"),  # no team in Charlotte between the Hornets and the Bobcats
        game("1994-12-01", "TOR"),  # a year before the first game
        game("2024-07-15", "BOS"),  # summer
        game("1946-10-01", "BOS", ordinal=2),
        game("2023-10-08", "BOS", season_type="preseason"),
        game("2024-02-18", "IND", season_type="allstar"),
        game("1900-01-01", "BOS"),
        game("2150-01-01", "BOS"),
    ],
)
def test_what_cannot_be_told_is_not_made_up(one):
    assert game_id_of(one) is None


@pytest.mark.parametrize(
    "text", ["", "202410220bos", "202413220BOS", "20241022BOS", "202410220BOSX", "401704627", "٢02410220BOS"]
)
def test_other_texts_are_no_ids(text):
    assert read_id(text) is None


@given(st.dates(date(1946, 11, 1), date(2049, 6, 30)), st.sampled_from(sorted(TEAMS)))
def test_what_is_made_is_read_back(day, code):
    told = read_id(make_id(day, code))
    assert (told.date, told.home) == (day, code)


@given(st.integers(1947, 2050), st.sampled_from(ERAS))
def test_a_team_has_one_code_in_a_season_and_the_code_leads_back_to_it(year, era):
    assert sum(other.canonical == era.canonical and other.covers(year) for other in ERAS) <= 1
    code = era_code(era.canonical, year)
    assert code is None or canonical(code) == era.canonical


def test_no_code_means_two_teams_in_one_season():
    for year in range(1947, 2051):
        codes = [era.code for era in ERAS if era.covers(year)]
        assert len(codes) == len(set(codes))


def test_canonical_codes_are_those_of_todays_teams_or_of_no_team_today():
    today = {era.canonical for era in ERAS if era.covers(2025)}
    assert len(today) == 30
    assert {era.canonical for era in ERAS} - today == {
        *("AND", "BLB", "CHS", "CLR", "DNN", "DTF", "INJ", "INO", "PIT", "PRO", "SHE", "STB", "TRH", "WAT", "WSC")
    }
    assert canonical("MAD") == "MAD"
    assert canonical(None) is None


def test_every_day_of_a_season_is_found_in_it():
    for season in SEASONS:
        for day in (season.starts, season.ends, season.starts + timedelta(days=60)):
            assert season_on(day) == season
        assert end_year(season) == int(season.label[:4]) + 1
