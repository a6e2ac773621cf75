"""From the rows of a schedule file to games: dates, states, kinds, ids, and what the source itself does not have."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hoopr_files import NOW, POSTPONED, ROWS, SCHEDULED, as_csv, as_parquet, row, season
from hypothesis import given
from hypothesis import strategies as st
from recon_hoopr.games import games_of
from recon_hoopr.table import read_rows

from recon_core.api import ScheduleError

LATER = NOW - timedelta(days=3)


def games(*rows, label="2024-25", flags_since=LATER):
    found = games_of(season(label), read_rows(as_parquet(rows), "file", parquet=True), "file", flags_since)
    return found[0] if len(found) == 1 else found


def test_a_game_as_it_stands_in_the_file():
    game = games(row(401705001, "2025-01-14T00:30Z", game_date="2025-01-13"))
    assert (game.game_id, game.season, game.date) == ("401705001", "2024-25", date(2025, 1, 13))
    assert game.start_utc == datetime(2025, 1, 14, 0, 30, tzinfo=UTC)
    assert (game.home, game.away, game.status, game.season_type) == ("LAL", "BOS", "final", "regular")
    assert (game.alt_ids, game.unavailable, game.pulled_at) == ((), (), None)


@pytest.mark.parametrize("form", ["parquet", "csv", "csv of R", "floats"])
def test_every_form_gives_the_same_games(form):
    if form == "parquet":
        rows = read_rows(as_parquet(ROWS), "file", parquet=True)
    elif form == "floats":
        turned = [{**one, "game_id": float(one["game_id"]), "season": 2025.0, "season_type": 2.0} for one in ROWS]
        rows = read_rows(as_parquet(turned), "file", parquet=True)
    else:
        content = as_csv(ROWS, nothing="NA" if form == "csv of R" else "")
        if form == "csv of R":
            content = content.replace(b'"True"', b"TRUE").replace(b'"False"', b"FALSE")
        rows = read_rows(content, "file", parquet=False)
    found = games_of(season(), rows, "file", LATER)
    assert found == games(*ROWS)
    assert [game.game_id for game in found] == ["401705002", "401705001", "401705003", "401705004"]


def test_only_a_game_that_is_long_over_lacks_what_its_flags_deny():
    by_id = {game.game_id: game for game in games(*ROWS)}
    # Played five days ago: what is not there will not come.
    assert by_id["401705002"].unavailable == ("play_by_play", "player_box")
    # Played the night before last, and not played yet: the flags say no more than that nothing is there so far.
    assert by_id["401705003"].unavailable == ()
    assert by_id["401705004"].unavailable == ()
    ended = datetime(2025, 1, 10, 4, tzinfo=UTC)
    one = ROWS[1]
    assert games(one, flags_since=ended).unavailable == ()
    assert games(one, flags_since=ended + timedelta(microseconds=1)).unavailable == ("play_by_play", "player_box")


def test_flags_that_say_nothing_deny_nothing():
    one = row(401705002, "2024-11-10T01:00Z", PBP=None)
    del one["team_box"], one["player_box"]
    assert games(one).unavailable == ()


@pytest.mark.parametrize(
    ("start", "changes", "expected"),
    [
        # Three of four tip-offs fall on the next day in UTC, also where hoopR states that day.
        ("2025-01-14T03:30Z", {}, date(2025, 1, 13)),
        ("2025-01-14T03:30Z", {"game_date": "2025-01-14"}, date(2025, 1, 13)),
        ("2025-01-14T18:00Z", {"game_date": date(2025, 1, 14)}, date(2025, 1, 14)),
        ("2025-06-23T00:00Z", {"game_date": "2025-06-22"}, date(2025, 6, 22)),
        # A placeholder is no start, and its day is what hoopR states.
        ("2025-01-14T04:00Z", {"time_valid": False, "game_date": "2025-01-14"}, date(2025, 1, 14)),
    ],
)
def test_the_official_date_is_that_of_the_east(start, changes, expected):
    game = games(row(1, start, **changes))
    assert game.date == expected
    assert (game.start_utc is None) == (changes.get("time_valid") is False)


@pytest.mark.parametrize(
    ("changes", "status", "kind"),
    [
        ({"state": SCHEDULED}, "scheduled", "regular"),
        ({"state": POSTPONED}, "postponed", "regular"),
        ({"state": ("STATUS_CANCELED", "post", False)}, "cancelled", "regular"),
        ({"state": ("STATUS_HALFTIME", "in", False)}, "in_progress", "regular"),
        ({"state": ("STATUS_FINAL", "post", False)}, "in_progress", "regular"),
        ({"state": ("STATUS_FORFEIT", "post", True)}, "final", "regular"),
        ({"state": ("STATUS_ABANDONED", "post", False)}, "tbd", "regular"),
        ({"state": (None, None, None)}, "tbd", "regular"),
        ({"state": SCHEDULED, "season_type": 3, "time_valid": False}, "tbd", "playoffs"),
        ({"state": SCHEDULED, "season_type": 3, "notes_headline": "Game 7 - If Necessary"}, "tbd", "playoffs"),
        ({"state": SCHEDULED, "home": "TBD"}, "tbd", "regular"),
        ({"season_type": 5}, "final", "playin"),
        ({"season_type": 1, "away": "MELB"}, "final", "preseason"),
        ({"notes_headline": "NBA Cup - Championship"}, "final", "cup_final"),
        ({"notes_headline": "NBA Cup - Group Play"}, "final", "regular"),
        ({"type_abbreviation": "ALLSTAR", "home": "EAST", "away": "WEST"}, "final", "allstar"),
        ({"home": "Team LeBron", "away": "Team Giannis"}, "final", "allstar"),
    ],
)
def test_states_and_kinds(changes, status, kind):
    game = games(row(1, "2025-01-14T00:30Z", **changes))
    assert (game.status, game.season_type) == (status, kind)


def test_a_postponed_game_stays_beside_its_make_up():
    old = row(401705090, "2025-01-12T00:30Z", state=POSTPONED)
    new = row(401748704, "2025-01-14T00:30Z")
    assert [(game.game_id, game.status) for game in games(old, new)] == [
        ("401705090", "postponed"),
        ("401748704", "final"),
    ]


def test_a_game_that_stands_there_twice_is_one():
    early, late = row(1, "2025-01-14T00:30Z", state=SCHEDULED), row(1, "2025-01-14T00:30Z")
    assert games(early, late).status == games(late, early).status == "final"


def test_a_game_under_both_kinds_of_id_is_one_game():
    old = row(320118013, "2012-01-19T03:30Z", season=2012, PBP=False, team_box=False)
    new = row(400578500, "2012-01-19T03:30Z", season=2012, PBP=False)
    game = games(old, new, label="2011-12")
    assert (game.game_id, game.alt_ids, game.unavailable) == ("400578500", ("320118013",), ("play_by_play",))
    double = games(row(400578500, "2012-01-18T20:00Z"), row(400578501, "2012-01-19T03:30Z"), label="2011-12")
    assert [(game.game_id, game.ordinal) for game in double] == [("400578500", 1), ("400578501", 2)]


def test_rows_of_another_season_are_left_to_its_file():
    own, other = row(1, "2025-01-14T00:30Z"), row(2, "2023-01-14T00:30Z", season=2023)
    assert games(own, other).game_id == "1"
    # By its date it can be of no other season, whatever the label says.
    assert games(row(3, "2025-01-14T00:30Z", season=2024)).game_id == "3"
    with pytest.raises(ScheduleError, match="no game of it is of 2024-25: it is another season's file"):
        games(other)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"game_id": "40170x"}, "a game with the id 40170x, which is no number"),
        ({"game_id": None}, "a game with the id None"),
        ({"date": "soon"}, "game 1: Invalid isoformat string"),
        ({"date": None}, "game 1: date is empty"),
        ({"game_date": "2025-03-01"}, "but game_date 2025-03-01"),
        ({"game_date": "13.1.2025"}, "game_date is '13.1.2025', no date"),
        ({"season_type": 4}, "season_type is 4, none of 1, 2, 3 and 5"),
        ({"season_type": None}, "season_type is None, no whole number"),
        ({"season": "2024-25"}, "season is '2024-25', no whole number"),
        ({"PBP": "maybe"}, "PBP is 'maybe', neither true nor false"),
    ],
)
def test_a_row_that_cannot_be_understood_is_named(changes, told):
    with pytest.raises(ScheduleError) as caught:
        games({**row(1, "2025-01-14T00:30Z"), **changes})
    assert told in str(caught.value)
    assert "look for a newer recon-hoopr" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "broken off or no schedule (empty), expected a Parquet file"),
        (b"<html>rate limit</html>", "(an HTML page)"),
        (as_parquet(ROWS)[:-30], "broken off or no schedule ("),
        (as_parquet(ROWS)[:400], "broken off or no schedule ("),
        (as_parquet([{"game_id": 1}]), "lacks the columns season, season_type, date,"),
        (b"PAR1", "broken off or no schedule ("),
    ],
)
def test_what_is_no_schedule_is_an_error_and_never_a_season_without_games(content, told):
    with pytest.raises(ScheduleError) as caught:
        read_rows(content, "file", parquet=True)
    assert told in str(caught.value)


def test_a_file_without_rows_is_an_error():
    with pytest.raises(ScheduleError, match="there is no game in it"):
        read_rows(as_csv(ROWS).split(b"\n")[0] + b"\n", "file", parquet=False)


@given(st.binary(max_size=300), st.booleans())
def test_no_content_breaks_the_reader(content, parquet):
    with pytest.raises(ScheduleError):
        read_rows(content, "file", parquet=parquet)
