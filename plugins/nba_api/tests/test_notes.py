"""What a season's games show of games that are not listed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recon_nba_api.ids import GameId, build_id
from recon_nba_api.plugin import recon_schedule_notes
from recon_nba_api.seasons import SEASONS

from recon_core.api import Game

BY_YEAR = {int(season.label[:4]): season for season in SEASONS}


def season_games(year, numbers, status="final", kind="regular"):
    season = BY_YEAR[year]
    return [
        Game(
            game_id=build_id(GameId(season_type=kind, start_year=year, number=number)),
            season=season.label,
            season_type=kind,
            date=season.starts + timedelta(days=30),
            home="ATL",
            away="BOS",
            status=status,
        )
        for number in numbers
    ]


def notes(year, games):
    return list(recon_schedule_notes(BY_YEAR[year], games))


@pytest.mark.parametrize(
    ("year", "numbers"),
    [
        (2003, range(1, 1190)),
        (2004, range(1, 1231)),
        (2011, range(1, 991)),
        (2012, range(1, 1231)),
        (2012, [n for n in range(1, 1231) if n != 1214]),  # cancelled, listed or not
        (2019, [*range(1, 972), *range(1231, 1319)]),
        (2020, range(1, 1081)),
        (2024, range(1, 1231)),
        (2030, range(1, 1231)),
        (1995, range(1, 1190)),
        (1946, range(1, 332)),
    ],
)
def test_a_whole_season_needs_no_word(year, numbers):
    assert notes(year, season_games(year, numbers)) == []


def test_a_season_without_games_needs_none_either():
    assert notes(2024, []) == []


def test_a_season_as_first_released_is_incomplete():
    games = season_games(2024, [*range(1, 1205), 1229, 1230], "scheduled")
    (note,) = notes(2024, games)
    assert note.startswith("24 of 1,230 regular-season games are not listed (0022401205 to 0022401228): ")
    assert "the schedule is incomplete" in note
    assert "December" in note


def test_a_numbering_that_ends_early_is_incomplete_though_it_has_no_hole():
    (note,) = notes(2024, season_games(2024, range(1, 1201)))
    assert note.startswith("30 of 1,230 regular-season games are not listed (0022401201 to 0022401230): ")
    (note,) = notes(2030, season_games(2030, range(1, 1230)))
    assert note.startswith("1 of 1,230 regular-season games are not listed (0023001230): ")
    (note,) = notes(2011, season_games(2011, range(1, 990)))
    assert note.startswith("1 of 990 regular-season games are not listed (0021100990): ")


def test_before_the_number_of_games_is_known_only_holes_show():
    assert notes(1990, season_games(1990, range(1, 1000))) == []
    (note,) = notes(1990, season_games(1990, [1, 2, 4, 7, 8, 11, 13, 20]))
    assert note.startswith(
        "12 of 20 regular-season games are not listed (0029000003, 0029000005 to 0029000006, "
        "0029000009 to 0029000010 and 2 more runs): "
    )


def test_more_games_than_are_known_of_are_no_fault():
    assert notes(2024, season_games(2024, [*range(1, 1261), 99_999])) == []


def test_the_season_that_was_broken_off_is_counted():
    (note,) = notes(2019, season_games(2019, range(1, 972)))
    assert note == "971 of the 1,059 regular-season games that were played are listed as such"


def test_other_kinds_of_games_are_not_numbered_by_this_rule():
    games = season_games(2024, range(1, 1231))
    assert notes(2024, [*games, *season_games(2024, [5, 9], kind="preseason")]) == []
    (note,) = notes(2024, season_games(2024, [5, 9], kind="preseason"))
    assert note.startswith("1,230 of 1,230 regular-season games are not listed (0022400001 to 0022401230): ")


def test_ids_that_are_none_are_told():
    games = season_games(2024, range(1, 1231))
    short = Game(game_id="22400061", season="2024-25", date=date(2025, 1, 1), status="final")
    (note,) = notes(2024, [*games, short])
    assert note.startswith("1 game has an id that is none of the NBA's ten digits (first: '22400061')")


def test_games_whose_day_went_by_without_a_word_are_told():
    games = season_games(2024, range(1, 1231))
    silent = [replace(game, date=game.date - timedelta(days=1), status="tbd") for game in games[:2]]
    (note,) = notes(2024, [*silent, *games[2:]])
    assert note.startswith("2 games have a day that went by without a word of its being played or put off (first: 0022")
    # Without teams, or with no later game played, there is nothing odd about them.
    assert notes(2024, season_games(2024, range(1, 1231), "tbd")) == []
    teamless = [replace(game, home=None) for game in silent]
    assert notes(2024, [*teamless, *games[2:]]) == []


@settings(max_examples=30, deadline=None)
@given(st.sampled_from([2004, 2012, 2024]), st.sets(st.integers(1, 1230), max_size=40))
def test_the_number_of_absent_games_is_told_exactly(year, absent):
    games = season_games(year, [number for number in range(1, 1231) if number not in absent])
    counted = absent - ({1214} if year == 2012 else set())
    found = notes(year, games)
    assert [note.split(" of ")[0] for note in found] == ([f"{len(counted)}"] if counted else [])


@settings(deadline=None)
@given(st.lists(st.text(min_size=1, max_size=12)))
def test_no_ids_are_too_odd(ids):
    games = [Game(game_id=text, season="2024-25", date=date(2025, 1, 1), status="final") for text in ids]
    assert all(isinstance(note, str) and note for note in notes(2024, games))
