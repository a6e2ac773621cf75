"""Every real ESPN payload at hand, read by the same parser, against the real schedules."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from datetime import UTC, date, datetime

import pytest
from recon_espn.calendar import season_days
from recon_espn.from_lake import games_from_lake
from recon_espn.plugin import recon_expected_games
from recon_espn.scoreboard import parse_body, parse_event, parse_page
from recon_espn.seasons import SEASONS
from recon_espn.teams import TEAMS

pytestmark = pytest.mark.realdata


def season_of(label):
    return next(season for season in SEASONS if season.label == label)


@pytest.fixture(scope="module")
def pages(real_data):
    found = {}
    for path in sorted((real_data / "payloads" / "espn").glob("scoreboard_*.json")):
        digits = re.findall(r"[0-9]{8}", path.name)[0]
        day = datetime.strptime(digits, "%Y%m%d").replace(tzinfo=UTC).date()
        found[day] = parse_page(parse_body(path.read_bytes(), path.name), day, path.name)
    return found


@pytest.fixture(scope="module")
def schedules(real_data):
    def rows(label):
        with (real_data / "schedules" / f"espn_{label}.csv").open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    return {label: rows(label) for label in ("2023-24", "2024-25")}


def test_all_scoreboards_are_read(pages):
    assert {day: len(page.events) for day, page in pages.items()} == {
        date(2024, 1, 29): 12,
        date(2025, 10, 2): 2,
        date(2026, 5, 2): 1,
    }


def test_a_scoreboards_games_are_those_of_the_schedule(pages, schedules):
    day = date(2024, 1, 29)
    expected = {
        (row["game_id"], row["date"], row["home"], row["away"], row["status"], row["season_type"])
        for row in schedules["2023-24"]
        if row["date"] == f"{day}"
    }
    found = {
        (event.event_id, f"{event.date}", event.home, event.away, event.status, event.season_type)
        for event in pages[day].events
    }
    assert found >= expected
    assert {event.end_year for event in pages[day].events} == {2024}
    assert len(found) == len(expected)


def test_preseason_abroad_and_a_guest_of_another_league(pages):
    near, far = sorted(pages[date(2025, 10, 2)].events, key=lambda event: event.event_id)
    assert (near.date, near.status, near.season_type) == (date(2025, 10, 2), "scheduled", "preseason")
    assert (far.date, far.home, far.away) == (date(2025, 10, 3), "NO", "MEL")
    assert far.away not in TEAMS


def test_a_playoff_game_under_way(pages):
    (event,) = pages[date(2026, 5, 2)].events
    assert (event.status, event.season_type, event.end_year) == ("in_progress", "playoffs", 2026)


@pytest.mark.parametrize(
    ("day", "label"), [(date(2024, 1, 29), "2023-24"), (date(2025, 10, 2), "2025-26"), (date(2026, 5, 2), "2025-26")]
)
def test_calendars_are_read_and_lie_within_the_nominal_season(pages, day, label):
    season, calendar = season_of(label), pages[day].calendar
    assert calendar is not None
    assert f"{calendar.end_year}" == season.fields["end_year"]
    assert season.starts <= min(calendar.days) < max(calendar.days) <= season.ends
    assert day in calendar.days
    assert len(season_days(season, [calendar])) < len(season_days(season, []))


def test_no_game_day_of_a_whole_season_is_lost_to_the_calendar(pages, schedules):
    asked = set(season_days(season_of("2023-24"), [pages[date(2024, 1, 29)].calendar]))
    played = {date.fromisoformat(row["date"]) for row in schedules["2023-24"]}
    assert played <= asked


@pytest.mark.parametrize("label", ["2023-24", "2024-25"])
def test_all_stored_games_lie_within_the_nominal_season_and_have_known_teams(schedules, label):
    season = season_of(label)
    for row in schedules[label]:
        assert season.starts <= date.fromisoformat(row["date"]) <= season.ends
        if row["season_type"] in ("regular", "cup_final", "playin", "playoffs"):
            assert {row["home"], row["away"]} <= set(TEAMS)


def test_summaries_have_the_scoreboards_shape_in_their_header(real_data, pages, schedules):
    found = {}
    for path in sorted((real_data / "payloads" / "espn").glob("summary_*.json")):
        summary = json.loads(path.read_bytes())
        event = parse_event(summary["header"], path.name)
        assert event.event_id in path.name
        found[event.event_id] = event, len(summary.get("plays", []))
    played, plays = found["401585135"]
    (row,) = [row for row in schedules["2023-24"] if row["game_id"] == "401585135"]
    assert (f"{played.date}", played.home, played.away, played.status) == (
        row["date"],
        row["home"],
        row["away"],
        row["status"],
    )
    assert plays > 100
    to_come, none = found["401812480"]
    assert to_come in pages[date(2025, 10, 2)].events
    assert none == 0


def test_a_lake_of_the_real_scoreboards_gives_the_real_games(real_data, lake_context, schedules):
    path = real_data / "payloads" / "espn" / "scoreboard_20240129_final_10games.json"
    lake_context.lake["espn_schedules/20240129.json"] = path.read_bytes()
    lake_context.given["lake_gaps"] = True
    games = games_from_lake(season_of("2023-24"), lake_context)
    expected = Counter(row["game_id"] for row in schedules["2023-24"] if row["date"] == "2024-01-29")
    assert Counter(game.game_id for game in games) == expected


KINDS = {"preseason": 1, "regular": 2, "allstar": 2, "cup_final": 2, "playoffs": 3, "playin": 5}


@pytest.mark.parametrize("label", ["2023-24", "2024-25"])
def test_a_server_that_plays_a_real_season_back_gives_the_real_schedule(espn, context, event, schedules, label):
    season, rows = season_of(label), schedules[label]
    espn.year = int(season.fields["end_year"])
    days = {date.fromisoformat(row["date"]) for row in rows}
    # As in January: the calendar does not know of any playoffs yet.
    espn.calendar = sorted(day for day in days if day.month > 9 or day.month < 4)
    for row in rows:
        day = date.fromisoformat(row["date"])
        one = event(
            row["game_id"],
            row["start_utc"] or f"{day}T05:00Z",
            row["home"],
            row["away"],
            status={"final": "STATUS_FINAL", "postponed": "STATUS_POSTPONED"}[row["status"]],
            year=espn.year,
            kind=KINDS[row["season_type"]],
            headline="NBA Cup Championship" if row["season_type"] == "cup_final" else None,
            time_valid=bool(row["start_utc"]),
        )
        espn.add(one, day=day)
    games = recon_expected_games(season, context)
    found = [(g.game_id, g.season, g.season_type, f"{g.date}", g.home, g.away, g.status, g.start_utc) for g in games]
    expected = [
        (
            *(row[name] for name in ("game_id", "season", "season_type", "date", "home", "away", "status")),
            datetime.fromisoformat(row["start_utc"]) if row["start_utc"] else None,
        )
        for row in rows
    ]
    assert sorted(found, key=str) == sorted(expected, key=str)
    assert {game.ordinal for game in games} == {1}
    assert len(espn.asked) < (season.ends - season.starts).days


def test_the_games_of_every_season_are_as_many_as_were_counted(real_data):
    with (real_data / "season_totals.csv").open(encoding="utf-8", newline="") as stream:
        counted = {row["season"]: row for row in csv.DictReader(stream)}
    told = {season.label: season.games for season in SEASONS if season.games}
    assert set(told) == {label for label in counted if label >= SEASONS[0].label}
    for label, games in told.items():
        for season_type in ("regular", "cup_final", "playin", "playoffs"):
            assert games.get(season_type, 0) == int(counted[label][season_type] or 0), (label, season_type)
