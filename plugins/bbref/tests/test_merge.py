"""From pages to games: season types, games that may not be needed, and what became of games that were moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from recon_bbref.merge import games_of
from recon_bbref.month_page import parse_page
from recon_bbref.seasons import SEASONS, month_of

from recon_core.api import Game

SEASON = next(season for season in SEASONS if season.label == "2023-24")
PULLED = datetime(2024, 1, 10, 12, tzinfo=UTC)


def merged(bodies: dict[str, bytes], stored: Sequence[Game] = (), today: date | None = None) -> list[Game]:
    pages = [parse_page(body, SEASON, month_of(SEASON, name), name) for name, body in bodies.items()]
    return games_of(SEASON, pages, stored, today)


def types(games: Sequence[Game]) -> dict[str, str | None]:
    return {game.game_id: game.season_type for game in games}


def test_a_separator_says_what_is_regular_and_what_is_not_on_all_pages(page, row, separator):
    games = merged(
        {
            "may": page(row("2024-05-02")),
            "april": page(row("2024-04-14"), separator, row("2024-04-14", "GSW", "LAL"), row("2024-04-20")),
            "march": page(row("2024-03-30")),
        }
    )
    assert types(games) == {
        "202403300ATL": "regular",
        "202404140ATL": "regular",
        "202404140GSW": "playoffs",
        "202404200ATL": "playoffs",
        "202405020ATL": "playoffs",
    }


def test_without_a_separator_play_in_games_part_the_season(page, row):
    games = merged(
        {
            "april": page(row("2024-04-14"), row("2024-04-16", note="Play-In Game"), row("2024-04-20", "DEN", "LAL")),
            "may": page(row("2024-05-02", note="at a neutral place")),
        }
    )
    assert list(types(games).values()) == ["regular", "playin", "playoffs", "playoffs"]


def test_a_later_page_tells_the_types_of_games_that_are_stored_without_one(page, row):
    stored = [old("202312010ATL", status="final"), old("202312020ATL", status="final", season_type="cup_final")]
    games = merged({"april": page(row("2024-04-16", note="Play-In Game"))}, stored)
    assert types(merged({"december": page(row("2023-12-02"))}, stored))["202312020ATL"] == "cup_final"
    assert list(types(games).values()) == ["regular", "cup_final", "playin"]
    assert games[0].pulled_at == PULLED


def test_a_page_that_does_not_tell_leaves_the_type_open(page, row):
    assert types(merged({"november": page(row("2023-11-01"))})) == {"202311010ATL": None}


def test_what_an_earlier_pull_knew_parts_the_season_too(page, row):
    stored = [
        Game(
            game_id="202404200DEN",
            season="2023-24",
            date=date(2024, 4, 20),
            status="final",
            season_type="playoffs",
            pulled_at=PULLED,
        )
    ]
    assert types(merged({"may": page(row("2024-05-02"))}, stored))["202405020ATL"] == "playoffs"


CUP = "In-Season Tournament"


def cup(row, *, semis=("LAL", "IND"), final=("2023-12-09", "LAL", "IND"), note=CUP):
    return [
        row("2023-12-04", "IND", "BOS", note=note),
        row("2023-12-05", "LAL", "PHO", note=note),
        row("2023-12-07", "MIL", semis[1], note=note),
        row("2023-12-07", semis[0], "NOP", note=note),
        *([row(*final, note=note)] if final else []),
        row("2023-12-11", "ATL", "DEN"),
    ]


def test_the_cup_final_is_told_from_the_cup_games_that_count(page, row):
    for note in (CUP, "NBA Cup"):
        games = merged({"december": page(*cup(row, note=note))})
        assert [game.game_id for game in games if game.season_type == "cup_final"] == ["202312090LAL"]


@pytest.mark.parametrize(
    "changed",
    [
        {"final": None},  # the final is not listed yet
        {"final": ("2023-12-09", "LAL", "DEN")},  # not among those who came through
        {"final": ("2023-12-07", "CHI", "DET")},  # three games on the last day
    ],
)
def test_no_cup_final_is_made_up(page, row, changed):
    games = merged({"december": page(*cup(row, **changed))})
    assert {game.season_type for game in games} == {None}


def test_unplayed_playoff_games_without_a_time_may_not_be_needed(page, row, separator):
    games = merged(
        {
            "april": page(row("2024-04-12", points=None, time=""), separator, row("2024-04-20")),
            "may": page(
                row("2024-05-01", points=None), row("2024-05-03", points=None, time=""), row("2024-05-05", time="")
            ),
        }
    )
    assert {f"{game.date:%m-%d}": game.status for game in games} == {
        "04-12": "scheduled",  # regular
        "04-20": "final",
        "05-01": "scheduled",
        "05-03": "tbd",
        "05-05": "final",
    }


def old(game_id: str, home: str = "ATL", away: str = "BOS", status: str = "scheduled", **more: object) -> Game:
    day = datetime.strptime(game_id[:8], "%Y%m%d").replace(tzinfo=UTC).date()
    known = {"home": home, "away": away, "pulled_at": PULLED, **more}
    return Game(game_id=game_id, season="2023-24", date=day, status=status, **known)


def test_a_game_that_was_moved_stays_as_postponed_beside_its_new_id(page, row):
    stored = [old("202401170GSW", "GSW", "UTA"), old("202401180ATL")]
    games = merged(
        {
            "january": page(row("2024-01-18", points=None)),
            "february": page(row("2024-02-15", "GSW", "UTA", points=None)),
        },
        stored,
    )
    assert [(game.game_id, game.status) for game in games] == [
        ("202401170GSW", "postponed"),
        ("202401180ATL", "scheduled"),
        ("202402150GSW", "scheduled"),
    ]
    assert games[0].pulled_at is None
    # And it stays so in the pulls after that.
    again = merged({"january": page(row("2024-01-18"))}, [replace(game, pulled_at=PULLED) for game in games])
    assert [(game.game_id, game.status) for game in again] == [
        ("202401170GSW", "postponed"),
        ("202401180ATL", "final"),
        ("202402150GSW", "scheduled"),
    ]


def test_another_game_may_take_the_place_of_a_moved_one(page, row):
    games = merged(
        {"january": page(row("2024-01-17", "GSW", "DAL")), "february": page(row("2024-02-15", "GSW", "UTA"))},
        [old("202401170GSW", "GSW", "UTA")],
    )
    assert [(game.game_id, game.away, game.status) for game in games] == [
        ("202401170GSW", "DAL", "final"),
        ("202402150GSW", "UTA", "final"),
    ]


@pytest.mark.parametrize(
    ("stored", "bodies"),
    [
        # No new game of these two, one at the other's home, and one that was known before.
        ([old("202401170GSW", "GSW", "UTA")], ["2024-01-18 ATL BOS"]),
        ([old("202401170GSW", "GSW", "UTA")], ["2024-01-18 UTA GSW"]),
        ([old("202401170GSW", "GSW", "UTA"), old("202401200GSW", "GSW", "UTA")], ["2024-01-20 GSW UTA"]),
        # It had been played: it cannot have been moved.
        ([old("202401170GSW", "GSW", "UTA", "final")], ["2024-01-20 GSW UTA"]),
        ([old("202401170GSW", "GSW", "UTA", "tbd")], ["2024-01-20 GSW UTA"]),
    ],
)
def test_a_game_that_is_simply_gone_is_left_out_for_the_core_to_ask_about(page, row, stored, bodies):
    games = merged({"january": page(*(row(*text.split()) for text in bodies))}, stored)
    assert "202401170GSW" not in {game.game_id for game in games}


def test_two_lost_games_of_two_teams_need_two_new_ones(page, row):
    stored = [old("202401170GSW", "GSW", "UTA"), old("202401190GSW", "GSW", "UTA")]
    games = merged({"january": page(row("2024-01-25", "GSW", "UTA"))}, stored)
    assert [(game.game_id, game.status) for game in games] == [("202401170GSW", "postponed"), ("202401250GSW", "final")]


def test_stored_games_of_months_without_a_page_stay_as_they_are(page, row):
    stored = [old("202312010ATL", status="final"), old("202401180ATL")]
    games = merged({"january": page(row("2024-01-18"))}, stored)
    assert games[0] == stored[0]
    assert (games[1].status, games[1].pulled_at) == ("final", None)


def test_games_that_never_got_a_box_score_say_so_once_it_is_sure(page, row):
    body = {"november": page(row("2023-11-01", box=False), row("2023-11-02"))}
    sure = {game.date.day: game.unavailable for game in merged(body, today=date(2024, 7, 1))}
    assert sure == {1: ("box_scores", "play_by_play", "shot_charts"), 2: ()}
    for today in (date(2023, 11, 3), None):
        assert {game.unavailable for game in merged(body, today=today)} == {()}


def test_games_stand_in_the_order_of_date_start_and_id(page, row):
    games = merged(
        {
            "november": page(
                row("2023-11-02", "DEN", time=""), row("2023-11-02", "CHI", time="9:00p"), row("2023-11-02", "BRK")
            )
        }
    )
    assert [game.home for game in games] == ["BRK", "CHI", "DEN"]
