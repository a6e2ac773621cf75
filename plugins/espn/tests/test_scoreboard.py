"""Reading a scoreboard: days, statuses, season types, and everything that must be refused."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from recon_espn.scoreboard import parse_body, parse_event, parse_page
from recon_espn.statuses import advance, game_status, season_type

from recon_core.api import ScheduleError

DAY = date(2025, 1, 14)


def read(event_json, day=DAY):
    return parse_event(event_json, "here", day)


def test_the_official_date_is_the_eastern_one(event):
    late = read(event("401700001", "2025-01-15T03:30Z"))
    assert late.date == date(2025, 1, 14)
    assert late.start_utc == datetime(2025, 1, 15, 3, 30, tzinfo=UTC)
    afternoon = read(event("401700002", "2025-01-14T20:00Z"))
    assert afternoon.date == date(2025, 1, 14)


def test_summer_time_moves_midnight(event):
    assert read(event("401700001", "2025-04-02T03:59Z"), date(2025, 4, 1)).date == date(2025, 4, 1)
    assert read(event("401700001", "2025-04-02T04:00Z"), date(2025, 4, 1)).date == date(2025, 4, 2)
    assert read(event("401700001", "2025-01-15T04:59Z")).date == date(2025, 1, 14)


def test_a_morning_game_abroad_has_its_own_date_though_it_stands_on_the_day_before(event):
    game = read(event("401700003", "2024-10-04T09:30Z", "NO", "MEL", kind=1, neutral=True), date(2024, 10, 3))
    assert game.date == date(2024, 10, 4)
    assert (game.home, game.away, game.season_type) == ("NO", "MEL", "preseason")


def test_an_event_far_from_its_scoreboards_day_is_refused(event):
    with pytest.raises(ScheduleError, match=r"event 401700001: starts on 2025-01-16 but stands on .* 2025-01-14"):
        read(event("401700001", "2025-01-17T00:00Z"))


@pytest.mark.parametrize(
    ("name", "state", "completed", "expected"),
    [
        ("STATUS_SCHEDULED", "pre", False, "scheduled"),
        ("STATUS_IN_PROGRESS", "in", False, "in_progress"),
        ("STATUS_HALFTIME", "in", False, "in_progress"),
        ("STATUS_END_PERIOD", "in", False, "in_progress"),
        ("STATUS_FINAL", "post", True, "final"),
        ("STATUS_FINAL", "post", None, "final"),
        ("STATUS_FINAL", "post", False, "in_progress"),
        ("STATUS_POSTPONED", "pre", False, "postponed"),
        ("STATUS_POSTPONED", "post", False, "postponed"),
        ("STATUS_POSTPONED", "post", True, "postponed"),
        ("STATUS_CANCELED", "post", False, "cancelled"),
        ("STATUS_CANCELLED", "post", True, "cancelled"),
        ("STATUS_DELAYED", "pre", False, "scheduled"),
        ("STATUS_DELAYED", "in", False, "in_progress"),
        ("STATUS_FINAL_OT", "post", True, "final"),
        ("STATUS_SUSPENDED", "post", False, "tbd"),
        ("STATUS_SUSPENDED", "post", None, "tbd"),
        ("STATUS_NEVER_SEEN", "", True, "tbd"),
    ],
)
def test_statuses(name, state, completed, expected):
    assert game_status(name, state, completed) == expected


def test_a_final_status_is_the_latest_and_a_postponement_is_not_taken_back():
    order = ["tbd", "scheduled", "in_progress", "postponed", "cancelled", "final"]
    assert sorted(order, key=advance) == order


@pytest.mark.parametrize(
    ("number", "headline", "kind", "teams", "expected"),
    [
        (1, "NBA Abu Dhabi Game", "STD", ("NY", "PHI"), "preseason"),
        (1, "", "STD", ("NO", "MEL"), "preseason"),
        (1, "", "STD", ("MEL", "FLA"), "preseason"),
        (2, "", "STD", ("NY", "PHI"), "regular"),
        (2, "NBA Cup - Group Play", "STD", ("NY", "PHI"), "regular"),
        (2, "NBA Cup - Quarterfinals", "STD", ("NY", "PHI"), "regular"),
        (2, "NBA Cup - Semifinals", "STD", ("NY", "PHI"), "regular"),
        (2, "NBA Cup Championship", "STD", ("NY", "PHI"), "cup_final"),
        (2, "NBA Cup - Championship", "CC", ("NY", "PHI"), "cup_final"),
        (2, "In-Season Tournament - Final", "STD", ("NY", "PHI"), "cup_final"),
        (2, "", "CC", ("NY", "PHI"), "cup_final"),
        (2, "Championship Ring Night", "STD", ("NY", "PHI"), "regular"),
        (2, "", "STD", ("Team Chuck", "Team Shaq"), "allstar"),
        (2, "NBA All-Star - Round Robin", "STD", ("EAST", "WEST"), "allstar"),
        (2, "", "ALLSTAR", ("EAST", "WEST"), "allstar"),
        (2, "Rising Stars Final", "STD", ("TPM", "TGM"), "allstar"),
        (2, "", "STD", ("NY", "SEX"), "regular"),  # a club that this version has not heard of is no all-star team
        (3, "NBA Finals - Game 2", "FINAL", ("NY", "PHI"), "playoffs"),
        (3, "East 1st Round - Game 7", "RD16", (None, "PHI"), "playoffs"),
        (5, "NBA Play-In - West - 9th Place vs 10th Place", "STD", ("GS", "SAC"), "playin"),
        (4, "", "STD", ("NY", "PHI"), None),
    ],
)
def test_season_types(number, headline, kind, teams, expected):
    assert season_type(number, headline, kind, *teams) == expected


def test_a_game_with_an_unknown_season_type_is_refused_and_not_left_out(event):
    with pytest.raises(ScheduleError, match=r"event 401700001: season\.type 7 is none of"):
        read(event("401700001", "2025-01-15T00:00Z", kind=7))


def test_an_if_necessary_game_is_tbd_without_a_start(event):
    game = read(
        event("401700070", "2025-06-20T04:00Z", "NY", "LAL", status="STATUS_SCHEDULED", kind=3, time_valid=False),
        date(2025, 6, 20),
    )
    assert (game.status, game.start_utc, game.date) == ("tbd", None, date(2025, 6, 20))
    sure = read(
        event("401700064", "2025-06-20T00:30Z", "NY", "LAL", status="STATUS_SCHEDULED", kind=3), date(2025, 6, 19)
    )
    assert (sure.status, sure.date) == ("scheduled", date(2025, 6, 19))


def test_a_placeholder_time_never_moves_the_date(event):
    # In winter 04:00Z is 23:00 of the day before; the scoreboard's day is what counts.
    game = read(event("401700071", "2025-01-14T04:00Z", status="STATUS_SCHEDULED", time_valid=False))
    assert (game.date, game.start_utc, game.status) == (date(2025, 1, 14), None, "scheduled")


def test_if_necessary_in_the_headline_is_enough(event):
    headline = "East Finals - Game 7 If Necessary"
    one = event("401700072", "2025-05-30T00:00Z", status="STATUS_SCHEDULED", kind=3, headline=headline)
    assert read(one, date(2025, 5, 29)).status == "tbd"
    played = event("401700072", "2025-05-30T00:00Z", status="STATUS_FINAL", kind=3, headline=headline, time_valid=False)
    assert read(played, date(2025, 5, 29)).status == "final"


def test_a_team_that_is_not_known_yet_has_no_code_and_makes_the_game_tbd(event):
    game = read(event("401700073", "2025-01-15T00:00Z", "TBD", "LAL", status="STATUS_SCHEDULED"))
    assert (game.home, game.away, game.status) == (None, "LAL", "tbd")


def test_a_postponed_event_stays_postponed_though_its_state_is_post(event):
    one = event("401700090", "2025-01-15T03:30Z", status="STATUS_POSTPONED")
    assert one["competitions"][0]["status"]["type"]["state"] == "post"
    assert read(one).status == "postponed"


def test_the_status_of_the_event_serves_where_the_competition_has_none(event):
    one = event("401700001", "2025-01-15T00:00Z", status="STATUS_POSTPONED")
    del one["competitions"][0]["status"]
    assert read(one).status == "postponed"


@pytest.mark.parametrize(
    "change",
    [
        lambda one: one["competitions"][0]["competitors"].pop(),
        lambda one: one["competitions"][0]["competitors"].append(one["competitions"][0]["competitors"][0]),
        lambda one: one["competitions"][0]["competitors"][0].update(homeAway="away"),
        lambda one: one["competitions"][0]["competitors"][0].update(team=None),
        lambda one: one["competitions"][0]["competitors"][0].update(team={}),
        lambda one: one["competitions"].clear(),
        lambda one: one.pop("season"),
        lambda one: one["season"].update(year="2025"),
        lambda one: one["season"].update(type=None),
        lambda one: (one.pop("date"), one["competitions"][0].pop("date")),
        lambda one: one["competitions"][0].update(date="soon"),
        lambda one: one["competitions"][0].update(date="2025-01-15T00:00"),
        lambda one: one["competitions"][0].update(date=20250115),
        lambda one: (one.pop("status"), one["competitions"][0].pop("status")),
        lambda one: one["competitions"][0].update(status={"type": {"state": "post", "completed": True}}),
        lambda one: one.update(competitions="none"),
    ],
)
def test_an_event_that_cannot_be_understood_is_an_error_that_names_it(event, change):
    one = event("401700001", "2025-01-15T00:00Z")
    assert read(one).status == "final"
    change(one)
    with pytest.raises(ScheduleError, match=r"^here: event 401700001: .+") as caught:
        read(one)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("event_id", [None, 401700001, "", "4017x", "../401700001", "٤٠١٧"])
def test_an_id_that_is_no_number_is_refused(event, event_id):
    one = event("401700001", "2025-01-15T00:00Z")
    one["id"] = event_id
    with pytest.raises(ScheduleError, match="which is no number"):
        read(one)
    with pytest.raises(ScheduleError, match="which is no number"):
        read("401700001")


@pytest.mark.parametrize("document", [None, [], {}, {"events": None}, {"events": {}}, "x", 3, {"code": 404}])
def test_a_document_without_events_is_no_scoreboard(document):
    with pytest.raises(ScheduleError, match="there: no list of events"):
        parse_page(document, DAY, "there")


def test_the_scoreboard_of_another_day_is_refused(page, event):
    document = page(date(2025, 1, 13), [event("401700001", "2025-01-14T00:00Z")])
    with pytest.raises(ScheduleError, match="there: the scoreboard of 2025-01-13 instead of 2025-01-14"):
        parse_page(document, DAY, "there")
    del document["day"]
    assert parse_page(document, DAY, "there").events[0].date == date(2025, 1, 13)


def test_one_bad_event_refuses_the_page(page, event):
    good, bad = event("401700001", "2025-01-15T00:00Z"), event("401700002", "2025-01-15T00:00Z")
    bad["competitions"][0]["competitors"].pop()
    with pytest.raises(ScheduleError, match="event 401700002"):
        parse_page(page(DAY, [good, bad]), DAY, "there")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"<html></html>", "an HTML page"),
        (b'{"events": [', "broken off or no JSON"),
        (b"\xff\xfe\x00", "broken off or no JSON"),
        (b"[" * 200_000, "broken off or no JSON"),
    ],
)
def test_what_is_no_json_is_named(body, found):
    with pytest.raises(ScheduleError, match=f"^there: {found}, expected a scoreboard in JSON$"):
        parse_body(body, "there")


def test_a_name_with_escapes_is_shown_harmless(page):
    document = {"events": [{"id": "\x1b[2J\u202e401\n"}]}
    with pytest.raises(ScheduleError) as caught:
        parse_page(json.loads(json.dumps(document)), DAY, "there")
    assert "\x1b" not in str(caught.value)
    assert "\u202e" not in str(caught.value)
    assert "\n" not in str(caught.value)
