"""Reading a schedule: Eastern times dressed as UTC, statuses, teams, and everything that must be refused."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recon_nba_api.schedule import games_of, parse_body, read_document
from recon_nba_api.seasons import SEASONS
from recon_nba_api.statuses import advance, game_status

from recon_core.api import Game, ScheduleError

SEEN = datetime(2024, 10, 1, tzinfo=UTC)


@pytest.fixture
def read(season, document):
    """Read a document of these games, as seen before the season unless said otherwise."""

    def read(*games, seen=SEEN, label="2024-25"):
        return games_of(read_document(document(games, label), "here"), season, seen, "here")

    return read


def test_a_game_is_read_whole(read, game):
    assert read(game("0022400061", "2025-01-14T22:30", "GSW", "NOP", status=1)) == [
        Game(
            game_id="0022400061",
            season="2024-25",
            season_type="regular",
            date=date(2025, 1, 14),
            start_utc=datetime(2025, 1, 15, 3, 30, tzinfo=UTC),
            home="GSW",
            away="NOP",
            status="scheduled",
            pulled_at=SEEN,
        )
    ]


@pytest.mark.parametrize(
    ("eastern", "utc"),
    [
        ("2024-10-22T19:30", "2024-10-22T23:30"),  # summer time
        ("2024-11-02T21:00", "2024-11-03T01:00"),
        ("2024-11-03T19:00", "2024-11-04T00:00"),  # the day on which it ends
        ("2025-03-08T22:00", "2025-03-09T03:00"),
        ("2025-03-09T15:30", "2025-03-09T19:30"),  # the day on which it begins
        ("2024-10-04T12:00", "2024-10-04T16:00"),  # at noon: a game abroad
    ],
)
def test_a_time_on_an_eastern_clock_ends_in_z_all_the_same(read, game, eastern, utc):
    (found,) = read(game("0022400061", eastern, status=1))
    assert f"{found.start_utc:%Y-%m-%dT%H:%M}" == utc
    assert f"{found.date}" == eastern[:10]


def test_the_fields_in_utc_may_disagree_by_an_hour_and_are_not_used(read, game):
    odd = {"gameTimeUTC": "1900-01-01T01:30:00Z", "gameDateTimeUTC": "2025-01-15T00:30:00Z"}
    (found,) = read(game("0022400061", "2025-01-14T18:30", status=1, **odd))
    assert found.start_utc == datetime(2025, 1, 14, 23, 30, tzinfo=UTC)


def test_a_time_with_a_zone_of_its_own_is_taken_at_its_word(read, game):
    (found,) = read(game("0022400061", "2025-01-14T19:30", status=1, gameDateTimeEst="2025-01-14T18:30:00-06:00"))
    assert found.start_utc == datetime(2025, 1, 15, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "TBD"},
        {"gameDateTimeEst": "2025-01-14T00:00:00Z"},
        {"gameDateTimeEst": ""},
        {"gameDateTimeEst": None},
        {"gameDateTimeEst": "2025-01-15T19:30:00Z"},  # of another day than the game
        {"gameDateTimeEst": "0001-01-01T00:00:00Z"},
    ],
)
def test_without_a_time_a_game_has_its_day_only(read, game, fields):
    (found,) = read(game("0022400061", "2025-01-14T19:30", status=1, **fields))
    assert (found.start_utc, found.date, found.status) == (None, date(2025, 1, 14), "scheduled")


def test_the_day_of_the_list_serves_where_the_game_has_none(season, document, game):
    one = document([game("0022400061", "2025-01-14T19:30")])
    one["leagueSchedule"]["gameDates"][0]["games"][0]["gameDateEst"] = ""
    (found,) = games_of(read_document(one, "here"), season, SEEN, "here")
    assert found.date == date(2025, 1, 14)


@pytest.mark.parametrize(
    ("number", "text", "expected"),
    [
        (1, "7:30 pm ET", "scheduled"),
        (1, "TBD", "scheduled"),
        (2, "Q3 5:12", "in_progress"),
        (2, "Halftime", "in_progress"),
        (3, "Final", "final"),
        (3, "Final/OT", "final"),
        (1, "PPD", "postponed"),
        (1, " ppd ", "postponed"),
        (1, "Postponed", "postponed"),
        (2, "Postponed - weather", "postponed"),
        (3, "PPD", "postponed"),
        (1, "Cancelled", "cancelled"),
        (1, "Canceled", "cancelled"),
        (3, "CANCELLED", "cancelled"),
        (0, "", "tbd"),
        (4, "Forfeit", "tbd"),
    ],
)
def test_statuses(number, text, expected):
    assert game_status(number, text) == expected


def test_a_final_status_is_the_latest():
    order = ["tbd", "scheduled", "in_progress", "postponed", "cancelled", "final"]
    assert sorted(order, key=advance) == order


@pytest.mark.parametrize("value", ["A", "N", "Y", "P", "", None])
def test_postponed_status_says_nothing(read, game, value):
    (found,) = read(game("0022400061", "2025-01-14T19:30", status=1, postponedStatus=value))
    assert found.status == "scheduled"


def test_a_postponed_game_keeps_its_id_and_moves(read, game):
    (old,) = read(game("0022400061", "2025-01-14T19:30", status=1, text="PPD"))
    (new,) = read(game("0022400061", "2025-02-20T19:30", status=1))
    assert (old.game_id, old.status, f"{old.date}") == ("0022400061", "postponed", "2025-01-14")
    assert (new.game_id, new.status, f"{new.date}") == ("0022400061", "scheduled", "2025-02-20")


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("first", "second", "day"),
    [
        ({"status": 1}, {"status": 1}, "2025-02-20"),
        ({"status": 1, "text": "PPD"}, {"status": 3}, "2025-02-20"),
        ({"status": 3}, {"status": 1}, "2025-01-14"),
    ],
)
def test_a_game_that_is_listed_twice_is_one(read, game, first, second, day, turned):
    games = [game("0022400061", "2025-01-14T19:30", **first), game("0022400061", "2025-02-20T19:30", **second)]
    (found,) = read(*(reversed(games) if turned else games))
    assert f"{found.date}" == day


@pytest.mark.parametrize(
    ("game_id", "kind"),
    [
        ("0012400001", "preseason"),
        ("0022401229", "regular"),  # a semi-final of the Cup, which counts
        ("0032400011", "allstar"),
        ("0042400101", "playoffs"),
        ("0052400101", "playin"),
        ("0062400001", "cup_final"),
    ],
)
def test_the_id_says_the_season_type(read, game, game_id, kind):
    (found,) = read(game(game_id, "2025-01-14T19:30", gameLabel="Emirates NBA Cup", gameSubtype="in-season-knockout"))
    assert found.season_type == kind


def test_a_cup_game_without_teams_is_tbd(read, game):
    (found,) = read(game("0022401201", "2024-12-10T00:00", "", "", status=1, text="TBD"))
    assert (found.status, found.home, found.away, found.start_utc) == ("tbd", None, None, None)
    (half,) = read(game("0022401201", "2024-12-10T19:30", "TBD", "BOS", status=1))
    assert (half.status, half.home, half.away, half.start_utc) == ("tbd", None, "BOS", None)


@pytest.mark.parametrize("necessary", [True, "true", "True"])
def test_a_game_that_may_not_be_needed_is_tbd(read, game, necessary):
    (found,) = read(game("0042400407", "2025-06-22T20:00", status=1, ifNecessary=necessary))
    assert found.status == "tbd"
    (played,) = read(game("0042400407", "2025-06-22T20:00", status=3, ifNecessary=necessary))
    assert played.status == "final"


@pytest.mark.parametrize("necessary", [False, "false", "", None])
def test_a_playoff_game_with_a_time_is_scheduled_and_without_one_is_tbd(read, game, necessary):
    sure = game("0042400401", "2025-06-05T20:30", status=1, ifNecessary=necessary)
    unsure = game("0042400402", "2025-06-08T00:00", status=1, text="TBD", ifNecessary=necessary)
    assert [found.status for found in read(sure, unsure)] == ["scheduled", "tbd"]


@pytest.mark.parametrize(
    ("eastern", "seen", "status"),
    [
        ("2025-01-14T19:30", datetime(2025, 1, 16, 0, 29, tzinfo=UTC), "scheduled"),
        ("2025-01-14T19:30", datetime(2025, 1, 16, 0, 30, tzinfo=UTC), "tbd"),
        ("2025-01-14T00:00", datetime(2025, 1, 16, 4, 59, tzinfo=UTC), "scheduled"),  # its day ends at 05:00Z
        ("2025-01-14T00:00", datetime(2025, 1, 16, 5, 0, tzinfo=UTC), "tbd"),
    ],
)
def test_a_game_still_to_come_a_day_later_may_never_have_been_played(read, game, eastern, seen, status):
    (found,) = read(game("0022400061", eastern, status=1), seen=seen)
    assert found.status == status
    for number, expected in ((2, "in_progress"), (3, "final")):
        (found,) = read(game("0022400061", eastern, status=number), seen=seen)
        assert found.status == expected


def test_at_a_neutral_site_the_listed_home_team_is_home(read, game):
    (found,) = read(game("0022400147", "2024-11-02T18:00", "DEN", "CHI", isNeutral=True, arenaCity="Mexico City"))
    assert (found.home, found.away) == ("DEN", "CHI")


def test_guests_and_all_star_teams_keep_their_codes(read, game):
    guest, stars = read(
        game("0012400002", "2024-10-04T21:00", "UTA", "NZB"), game("0032400031", "2025-02-16T20:00", "CHK", "SHQ")
    )
    assert (guest.home, guest.away) == ("UTA", "NZB")
    assert (stars.home, stars.away) == ("CHK", "SHQ")


def test_games_are_in_order_of_time(read, game):
    found = read(
        game("0022400003", "2025-01-14T00:00"),
        game("0022400002", "2025-01-14T22:00"),
        game("0022400004", "2025-01-13T22:00"),
        game("0022400001", "2025-01-14T22:00"),
    )
    assert [one.game_id[-1] for one in found] == ["4", "1", "2", "3"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "empty, expected a schedule"),
        (b"  <html>", "an HTML page"),
        (b'{"leagueSchedule": {', "broken off or no JSON"),
        (b"\xff\xfe", "broken off or no JSON"),
        (b"[" * 200_000, "broken off or no JSON"),
    ],
)
def test_a_body_that_is_no_json(body, told):
    with pytest.raises(ScheduleError, match=f"^here: {told}"):
        parse_body(body, "here")


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"leagueSchedule": []},
        {"leagueSchedule": {"seasonYear": "2024-25"}},
        {"leagueSchedule": {"seasonYear": 2024, "gameDates": []}},
        {"leagueSchedule": {"seasonYear": "2024-25", "gameDates": {}}},
        {"resultSets": []},
    ],
)
def test_a_document_that_is_no_schedule(document):
    with pytest.raises(ScheduleError, match=r"^here: no leagueSchedule .*newer recon-nba-api"):
        read_document(document, "here")


def test_another_leagues_schedule_is_refused(document):
    other = document()
    other["leagueSchedule"]["leagueId"] = "10"
    with pytest.raises(ScheduleError, match="the schedule of league '10'"):
        read_document(other, "here")


def test_another_seasons_schedule_is_refused(read):
    with pytest.raises(ScheduleError, match=r"^here: the schedule of '2023-24', but 2024-25 was asked for"):
        read(label="2023-24")


@pytest.mark.parametrize("group", [None, [], {}, {"games": None}, {"games": {}}])
def test_a_date_without_games_is_refused(season, document, group):
    one = document()
    one["leagueSchedule"]["gameDates"].append(group)
    with pytest.raises(ScheduleError, match=r"^here: a date without a list of games"):
        games_of(read_document(one, "here"), season, SEEN, "here")


@pytest.mark.parametrize("game_id", [None, 22400061, "22400061", "0072400061", "", "x" * 100])
def test_a_game_without_an_id_is_refused_and_not_left_out(read, game, game_id):
    with pytest.raises(ScheduleError, match=r"^here: a game with the id .*, which is no NBA game id"):
        read(game("0022400061", "2025-01-14T19:30") | {"gameId": game_id})


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"gameId": "0022300061"}, "its id is of the season that began in 2023"),
        ({"gameStatus": "3"}, "gameStatus is '3', no whole number"),
        ({"gameStatus": True}, "gameStatus is True, no whole number"),
        ({"gameStatusText": 7}, "gameStatusText is 7, no text"),
        ({"gameDateEst": "soon"}, "Invalid isoformat string"),
        ({"gameDateEst": "1900-01-01T00:00:00Z"}, "its date 1900-01-01 is far from the season"),
        ({"gameDateTimeEst": "7:30"}, "Invalid isoformat string"),
        ({"homeTeam": None}, "AttributeError"),
        ({"homeTeam": {"teamTricode": 5}}, "teamTricode is 5, no text"),
    ],
)
def test_a_game_that_cannot_be_understood_is_named(season, document, game, fields, told):
    one = document([game("0022400061", "2025-01-14T19:30")])
    one["leagueSchedule"]["gameDates"][0]["games"][0].update(fields)
    with pytest.raises(ScheduleError) as caught:
        games_of(read_document(one, "here"), season, SEEN, "here")
    message = str(caught.value)
    assert message.startswith("here: ")
    assert told in message
    assert "00224000" in message or "0022300061" in message
    assert "\n" not in message


@pytest.mark.parametrize("field", ["gameStatus", "homeTeam", "awayTeam"])
def test_a_game_without_a_field_that_counts_is_named(read, game, field):
    one = game("0022400061", "2025-01-14T19:30")
    del one[field]
    with pytest.raises(ScheduleError, match=f"^here: game 0022400061: KeyError: '{field}'"):
        read(one)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.datetimes().map(str)
    | st.sampled_from(["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:00-05:00", "2025-01-14T00:00:00Z", "00224000"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ["gameId", "gameStatus", "gameStatusText", "gameDateEst", "gameDateTimeEst", "ifNecessary", "homeTeam"]
TEAM_FIELDS = ["teamId", "teamTricode", "teamName"]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fields=st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=4),
    team=st.dictionaries(st.sampled_from(TEAM_FIELDS), VALUES, max_size=3),
    head=st.dictionaries(st.sampled_from(["meta", "leagueSchedule"]), VALUES, max_size=1),
    made=VALUES,
)
def test_whatever_comes_is_read_or_refused(season, document, game, fields, team, head, made):
    one = document([game("0022400061", "2025-01-14T19:30")], made=made)
    entry = one["leagueSchedule"]["gameDates"][0]["games"][0]
    entry["awayTeam"].update(team)
    entry.update(fields)
    try:
        found = games_of(read_document(one | head, "here"), season, SEEN, "here")
    except ScheduleError:
        return
    assert len(found) == 1


def test_the_game_that_was_cancelled_in_2013_is_so_whatever_the_document_says(document, game):
    season = next(season for season in SEASONS if season.label == "2012-13")
    for status, text in ((1, "TBD"), (1, "8:00 pm ET"), (1, "PPD")):
        one = document([game("0021201214", "2013-04-16T20:00", status=status, text=text)], "2012-13")
        (found,) = games_of(read_document(one, "here"), season, SEEN, "here")
        assert found.status == "cancelled"


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ("2024-08-16T09:18:26.1826Z", datetime(2024, 8, 16, 9, 18, 26, 182600, tzinfo=UTC)),
        ("2024-08-16T05:18:26-04:00", datetime(2024, 8, 16, 9, 18, 26, tzinfo=UTC)),
        ("2024-08-16 09:18:26.182", None),  # of no zone
        ("just now", None),
        ("0001-01-01T00:00:00+05:00", None),
        (None, None),
    ],
)
def test_when_a_document_was_made(document, made, expected):
    assert read_document(document(made=made), "here").made_at == expected


@pytest.mark.parametrize("meta", [None, [], {"time": 5}])
def test_a_document_need_not_say_when_it_was_made(document, meta):
    assert read_document(document() | {"meta": meta}, "here").made_at is None
