"""From events to games: copies, two ids for one game, postponed games, double listings, seasons."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from recon_espn.merge import games_of
from recon_espn.scoreboard import parse_page
from recon_espn.seasons import SEASONS

from recon_core.api import Season


@pytest.fixture
def games(page):
    """Games of a season from scoreboards given as {day: [events]}."""

    def build(season: Season, scoreboards):
        return games_of(season, [parse_page(page(day, events), day, "page") for day, events in scoreboards.items()])

    return build


def season_of(label: str) -> Season:
    return next(season for season in SEASONS if season.label == label)


OLD = season_of("2011-12")
CHRISTMAS = date(2011, 12, 25)


def test_a_game_under_both_kinds_of_id_is_one_game(games, event):
    new = event("400278001", "2011-12-25T22:00Z", "BOS", "NY", year=2012)
    old = event("311225002", "2011-12-25T22:00Z", "BOS", "NY", year=2012)
    for order in ([new, old], [old, new]):
        (game,) = games(OLD, {CHRISTMAS: order})
        assert (game.game_id, game.alt_ids) == ("400278001", ("311225002",))


def test_both_kinds_of_id_meet_across_codes_of_the_same_franchise(games, event):
    new = event("400278001", "2011-12-26T00:30Z", "GS", "WSH", year=2012)
    old = event("311225009", "2011-12-26T00:30Z", "GS", "WAS", year=2012)
    (game,) = games(OLD, {CHRISTMAS: [old, new]})
    assert (game.game_id, game.away, game.alt_ids) == ("400278001", "WSH", ("311225009",))


def test_of_two_ids_a_final_status_and_a_known_start_win(games, event):
    new = event("400278001", "2011-12-25T05:00Z", "BOS", "NY", year=2012, status="STATUS_SCHEDULED", time_valid=False)
    old = event("311225002", "2011-12-25T22:00Z", "BOS", "NY", year=2012)
    (game,) = games(OLD, {CHRISTMAS: [new, old]})
    assert (game.status, game.start_utc) == ("final", datetime(2011, 12, 25, 22, tzinfo=UTC))


@pytest.mark.parametrize(
    "other",
    [
        "311226002",  # another day
        "311225001",  # another home team
        "400278002",  # the new kind as well
    ],
)
def test_ids_that_do_not_fit_are_two_games_that_ordinals_tell_apart(games, event, other):
    new = event("400278001", "2011-12-25T22:00Z", "BOS", "NY", year=2012)
    second = event(other, "2011-12-25T23:00Z", "BOS", "NY", year=2012)
    rows = games(OLD, {CHRISTMAS: [second, new]})
    assert [(game.game_id, game.ordinal) for game in rows] == [("400278001", 1), (other, 2)]
    assert {game.alt_ids for game in rows} == {()}


def test_an_old_game_listed_under_its_new_id_alone_is_known_by_the_old_one_too(games, event):
    (game,) = games(OLD, {CHRISTMAS: [event("400278001", "2011-12-25T22:00Z", "BOS", "NY", year=2012)]})
    assert game.alt_ids == ("311225002",)
    (lone,) = games(OLD, {CHRISTMAS: [event("311225002", "2011-12-25T22:00Z", "BOS", "NY", year=2012)]})
    assert (lone.game_id, lone.alt_ids) == ("311225002", ())


def test_newer_games_have_no_old_id(games, event, season):
    (game,) = games(season, {date(2025, 1, 14): [event("401700001", "2025-01-15T00:00Z")]})
    assert game.alt_ids == ()


def test_a_postponed_game_and_its_make_up_are_two_rows(games, event, season):
    rows = games(
        season,
        {
            date(2025, 1, 9): [event("401705090", "2025-01-10T03:30Z", "LAL", "ATL", status="STATUS_POSTPONED")],
            date(2025, 1, 19): [event("401748704", "2025-01-20T03:30Z", "LAL", "ATL")],
        },
    )
    assert [(game.game_id, game.status, f"{game.date}", game.ordinal) for game in rows] == [
        ("401705090", "postponed", "2025-01-09", 1),
        ("401748704", "final", "2025-01-19", 1),
    ]


def test_the_game_that_is_played_comes_first_of_two_on_one_day(games, event, season):
    rows = games(
        season,
        {
            date(2025, 1, 9): [
                event("401705090", "2025-01-09T18:00Z", "LAL", "ATL", status="STATUS_POSTPONED"),
                event("401748704", "2025-01-10T03:30Z", "LAL", "ATL"),
            ]
        },
    )
    assert {game.game_id: game.ordinal for game in rows} == {"401748704": 1, "401705090": 2}


def test_an_event_on_two_pages_is_one_game_in_its_latest_state(games, event, season):
    earlier = event("401700001", "2025-01-14T10:30Z", status="STATUS_SCHEDULED")
    later = event("401700001", "2025-01-14T10:30Z")
    for first, second in ((earlier, later), (later, earlier)):
        (game,) = games(season, {date(2025, 1, 13): [first], date(2025, 1, 14): [second]})
        assert (game.status, game.date) == ("final", date(2025, 1, 14))


def test_games_with_teams_to_be_found_out_are_no_double_header(games, event, season):
    day = date(2025, 1, 14)
    rows = games(
        season,
        {day: [event(f"40170000{n}", "2025-01-15T00:00Z", "TBD", "TBD", status="STATUS_SCHEDULED") for n in (1, 2)]},
    )
    assert [(game.ordinal, game.status, game.home) for game in rows] == [(1, "tbd", None), (1, "tbd", None)]


def test_espns_season_year_is_the_end_year(games, event, season):
    day = date(2025, 1, 14)
    (game,) = games(season, {day: [event("401700001", "2025-01-15T00:00Z", year=2025)]})
    assert game.season == "2024-25"


def test_an_event_of_another_season_on_a_day_outside_this_one_is_left_to_that_season(games, event, season):
    day = date(2025, 1, 25)
    assert games(season, {day: [event("401700001", "2025-01-26T00:00Z", year=2026)]}) == []
    (game,) = games(season, {day: [event("401700001", "2025-01-26T00:00Z", year=2025)]})
    assert game.date == day


@pytest.mark.parametrize("year", [2024, 2026, 2019])
def test_a_wrong_label_does_not_lose_a_game_within_the_season(games, event, season, year):
    day = date(2025, 1, 14)
    (game,) = games(season, {day: [event("401700001", "2025-01-15T00:00Z", year=year)]})
    assert game.season == "2024-25"


def test_preseason_guests_and_all_star_teams_are_kept_as_they_are_called(games, event, season):
    rows = games(
        season,
        {
            date(2025, 1, 2): [event("401700001", "2025-01-03T00:00Z", "UTAH", "NZB", kind=1)],
            date(2025, 1, 16): [event("401700002", "2025-01-17T01:20Z", "Team Chuck", "Team Kenny")],
        },
    )
    assert [(game.home, game.away, game.season_type) for game in rows] == [
        ("UTAH", "NZB", "preseason"),
        ("Team Chuck", "Team Kenny", "allstar"),
    ]


def test_rows_stand_by_date_start_and_id(games, event, season):
    day = date(2025, 1, 14)
    rows = games(
        season,
        {
            day: [
                event("401700003", "2025-01-15T04:00Z", "CHI", "DEN", status="STATUS_SCHEDULED", time_valid=False),
                event("401700002", "2025-01-15T00:00Z", "GS", "NY"),
                event("401700001", "2025-01-15T00:00Z"),
                event("401700004", "2025-01-14T18:00Z", "LAL", "WSH"),
            ]
        },
    )
    assert [game.game_id for game in rows] == ["401700004", "401700001", "401700002", "401700003"]
