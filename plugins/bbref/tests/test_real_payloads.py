"""Every real page at hand, read by the same parser, against the real schedules."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from recon_bbref.ids import game_id_of, make_id
from recon_bbref.merge import games_of
from recon_bbref.month_page import CutOffError, parse_page
from recon_bbref.plugin import recon_expected_games
from recon_bbref.seasons import SEASONS, end_year, month_of, month_on
from recon_bbref.teams import ERAS, TEAMS, canonical, era_code

from recon_core.api import Game, ScheduleError

pytestmark = pytest.mark.realdata

EASTERN = ZoneInfo("America/New_York")
ENTIRE = {
    "NBA_2020_games-october-2019": 68,
    "NBA_2021_games-july": 8,
    "NBA_2024_games-october": 54,
    "NBA_2025_games-may": 32,
}


def season_of(year):
    return next(season for season in SEASONS if end_year(season) == int(year))


def named(path):
    """Season and month of a page's file."""
    year, name = re.fullmatch(r"NBA_([0-9]{4})_games-(.+)", path.stem).groups()
    season = season_of(year)
    return season, month_of(season, name)


@pytest.fixture(scope="module")
def files(real_data):
    return {path.stem: path for path in sorted((real_data / "payloads" / "bbref").glob("*.html"))}


def rows_of(real_data, name):
    with (real_data / "schedules" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def schedule(real_data):
    return rows_of(real_data, "bbref_2023-24")


def test_every_page_is_read_whole_or_refused_by_name(files):
    read = {}
    for stem, path in files.items():
        season, month = named(path)
        if path.stat().st_size:
            read[stem] = len(parse_page(path.read_bytes(), season, month, path.name).rows)
        else:
            with pytest.raises(CutOffError, match=rf"^{path.name}: empty, expected the schedule of {month.name}"):
                parse_page(path.read_bytes(), season, month, path.name)
    assert read == ENTIRE


def test_no_page_is_half_read_wherever_it_is_cut(files):
    for stem in ENTIRE:
        season, month = named(files[stem])
        body = files[stem].read_bytes()
        for part in range(20):
            with pytest.raises(ScheduleError):
                parse_page(body[: body.index(b"</table") * part // 19], season, month, "cut")


def test_a_pages_games_are_those_of_the_schedule(files, schedule):
    path = files["NBA_2024_games-october"]
    season, month = named(path)
    games = games_of(season, [parse_page(path.read_bytes(), season, month, path.name)], ())
    found = {(g.game_id, f"{g.date}", g.start_utc, g.home, g.away, g.status) for g in games}
    expected = {
        (
            *(row["game_id"], row["date"], datetime.fromisoformat(row["start_utc"])),
            *(row["home"], row["away"], row["status"]),
        )
        for row in schedule
        if row["date"].startswith("2023-10")
    }
    assert found == expected
    assert {game.season_type for game in games} == {None}


def test_a_page_saved_within_its_month_has_games_to_come_and_games_that_may_not_be_needed(files):
    path = files["NBA_2025_games-may"]
    season, month = named(path)
    games = games_of(season, [parse_page(path.read_bytes(), season, month, path.name)], ())
    by_status = defaultdict(list)
    for game in games:
        by_status[game.status].append(game)
    assert {status: len(found) for status, found in by_status.items()} == {"final": 6, "scheduled": 14, "tbd": 12}
    assert max(game.date for game in by_status["final"]) <= min(game.date for game in by_status["scheduled"])
    assert {game.start_utc for game in by_status["tbd"]} == {None}


def test_every_id_of_the_schedule_is_made_of_its_date_and_home(schedule):
    season = season_of(2024)
    for row in schedule:
        day = date.fromisoformat(row["date"])
        assert season.starts <= day <= season.ends
        assert {row["home"], row["away"]} <= set(TEAMS)
        assert make_id(day, row["home"]) == row["game_id"]
        assert era_code(canonical(row["home"]), 2024) == row["home"]


@pytest.mark.parametrize("other", ["nba_api_2023-24", "espn_2023-24"])
def test_every_id_is_told_from_what_another_source_knows(real_data, schedule, other):
    spelt = {row["espn"]: row["bbref"] for row in abbreviations(real_data) if row["years"].endswith("-")}
    spelt |= {row["nba"]: row["bbref"] for row in abbreviations(real_data) if row["years"].endswith("-")}
    expected = {row["game_id"] for row in schedule}
    told = {
        game_id_of(
            Game(
                game_id=row["game_id"],
                season=row["season"],
                date=date.fromisoformat(row["date"]),
                status=row["status"],
                season_type=row["season_type"],
                home=canonical(spelt.get(row["home"], row["home"])),
            )
        )
        for row in rows_of(real_data, other)
        if row["season_type"] not in ("preseason", "allstar") and row["status"] == "final"
    }
    assert told == expected


def abbreviations(real_data):
    with (real_data / "team_abbreviations.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_eras_are_those_of_the_table_of_abbreviations(real_data):
    expected = set()
    for row in abbreviations(real_data):
        for years in row["years"].split(" and "):
            first, last = years.split("-")
            # A team that has always been there began with the league in which its code was first used.
            expected.add((row["bbref"], int(first) + 1, int(last) if last else None))
    assert {(era.code, era.first, era.last) for era in ERAS} == expected


def test_canonical_codes_are_the_nbas_of_today(real_data):
    today = {row["bbref"]: row["nba"] for row in abbreviations(real_data) if row["years"].endswith("-")}
    assert {code: TEAMS[code] for code in today} == today
    # A franchise has one number with the NBA, whatever its name was.
    franchise = {row["bbref"]: row["nba_team_id"] for row in abbreviations(real_data) if row["nba_team_id"]}
    for code, number in franchise.items():
        assert franchise[{nba: bbref for bbref, nba in today.items()}[TEAMS[code]]] == number


def test_a_site_that_plays_the_real_season_back_gives_the_real_schedule(site, context, page, row, schedule):
    season = season_of(2024)
    context.now = datetime(2024, 7, 10, tzinfo=UTC)
    notes = {"playin": "Play-In Game", "cup_final": "In-Season Tournament"}
    cup = {f"2023-12-0{day}" for day in (4, 5, 7)}
    pages = defaultdict(list)
    for one in schedule:
        local = datetime.fromisoformat(one["start_utc"]).astimezone(EASTERN)
        note = notes.get(one["season_type"], "In-Season Tournament" if one["date"] in cup else "")
        shown = f"{local.hour % 12 or 12}:{local:%M}{'p' if local.hour >= 12 else 'a'}"
        pages[month_on(season, date.fromisoformat(one["date"]))].append(
            row(one["date"], one["home"], one["away"], time=shown, note=note)
        )
    listed = [month.name for month in sorted(pages)]
    for month, rows in pages.items():
        site.pages[f"NBA_2024_games-{month.name}.html"] = page(*rows, months=listed, whole=True)
    games = recon_expected_games(season, context)
    found = [(g.game_id, g.season, g.season_type, f"{g.date}", g.start_utc, g.home, g.away, g.status) for g in games]
    expected = [
        (
            *(one["game_id"], one["season"], one["season_type"], one["date"]),
            *(datetime.fromisoformat(one["start_utc"]), one["home"], one["away"], one["status"]),
        )
        for one in schedule
    ]
    assert sorted(found) == sorted(expected)
    assert len(site.asked) == len(pages) == 9
