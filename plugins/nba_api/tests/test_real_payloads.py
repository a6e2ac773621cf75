"""Every real payload of the NBA at hand, read by the same parser, against the real schedules."""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from recon_nba_api.ids import build_id, decode_id
from recon_nba_api.notes import schedule_notes
from recon_nba_api.plugin import recon_expected_games
from recon_nba_api.schedule import games_of, parse_body, read_document
from recon_nba_api.seasons import SEASONS
from recon_nba_api.teams import TEAMS

from recon_core.testing import load_registry

pytestmark = pytest.mark.realdata

RELEASED = datetime(2024, 8, 16, 9, 18, 26, 182600, tzinfo=UTC)
COUNTED = ("regular", "cup_final", "playin", "playoffs")


def season_of(label):
    return next(season for season in SEASONS if season.label == label)


@pytest.fixture(scope="module")
def payloads(real_data):
    found = {}
    for path in sorted((real_data / "payloads" / "nba_api").glob("scheduleLeagueV2_*.json")):
        document = read_document(parse_body(path.read_bytes(), path.name), path.name)
        assert document.made_at is not None
        season = season_of(document.season)
        found[document.season] = document, games_of(document, season, document.made_at, path.name)
    return found


@pytest.fixture(scope="module")
def schedules(real_data):
    def rows(name):
        with (real_data / "schedules" / f"nba_api_{name}.csv").open(encoding="utf-8", newline="") as stream:
            return {row["game_id"]: row for row in csv.DictReader(stream)}

    return {name: rows(name) for name in ("2023-24", "2024-25", "2024-25_asof_2024-08-16")}


def test_all_schedules_are_read(payloads):
    assert {label: len(games) for label, (_, games) in payloads.items()} == {"2024-25": 1208, "2025-26": 1}
    assert payloads["2024-25"][0].made_at == RELEASED


def test_the_schedule_as_released_is_that_of_the_csv(payloads, schedules):
    """But for games without teams: ``tbd`` and without codes here, "scheduled" and TBD there."""
    rows = dict(schedules["2024-25_asof_2024-08-16"])
    undecided = 0
    for game in payloads["2024-25"][1]:
        row = rows.pop(game.game_id)
        assert (game.season, game.season_type, f"{game.date}") == (row["season"], row["season_type"], row["date"])
        start = datetime.fromisoformat(row["start_utc"]) if row["start_utc"] else None
        assert game.start_utc == start
        if row["home"] == "TBD":
            undecided += 1
            assert (game.status, game.home, game.away) == ("tbd", None, None)
        else:
            assert (game.status, game.home, game.away) == (row["status"], row["home"], row["away"])
    assert not rows
    assert undecided == 8


def test_eastern_times_agree_with_all_the_fields_in_utc_of_this_payload(payloads):
    document, games = payloads["2024-25"]
    starts = {game.game_id: game.start_utc for game in games}
    entries = [entry for group in document.dates for entry in group["games"]]
    timed = [entry for entry in entries if starts[entry["gameId"]] is not None]
    assert len(timed) == 1200
    for entry in timed:
        start = starts[entry["gameId"]]
        assert datetime.fromisoformat(entry["gameDateTimeUTC"]) == start
        assert entry["gameTimeUTC"][11:] == f"{start:%H:%M:%SZ}"


def test_the_schedule_as_released_is_known_to_be_incomplete(payloads):
    (note,) = schedule_notes(season_of("2024-25"), payloads["2024-25"][1])
    assert note.startswith("24 of 1,230 regular-season games are not listed (0022401205 to 0022401228)")


def test_between_its_release_and_its_end_games_moved_under_the_same_id(payloads, schedules):
    final = schedules["2024-25"]
    released = {game.game_id: game for game in payloads["2024-25"][1]}
    assert released.keys() - final.keys() == {"0032400001"}  # the all-star game became a tournament
    moved = [game for name, game in released.items() if name in final and f"{game.date}" != final[name]["date"]]
    assert len(moved) == 18
    for name, game in released.items():
        if game.home is not None:
            assert (game.home, game.away) == (final[name]["home"], final[name]["away"])
    added = {name for name in final if name not in released and final[name]["season_type"] == "regular"}
    assert len(added) == 24
    assert {final[name]["date"][:7] for name in added} == {"2024-12"}


@pytest.mark.parametrize("label", ["2023-24", "2024-25"])
def test_a_finished_season_lacks_nothing_and_its_ids_say_their_kinds(schedules, label):
    season = season_of(label)
    rows = schedules[label]
    games = games_of_rows(rows)
    assert schedule_notes(season, games) == []
    kinds = Counter(row["season_type"] for row in rows.values())
    assert (kinds["regular"], kinds["cup_final"], kinds["playin"]) == (1230, 1, 6)
    for name, row in rows.items():
        said = decode_id(name)
        assert said is not None
        assert build_id(said) == name
        assert (said.season_type, f"{said.start_year}") == (row["season_type"], label[:4])
        assert season.starts <= date.fromisoformat(row["date"]) <= season.ends
        if said.season_type == "playoffs":
            assert said.series_game is not None
        if said.season_type in COUNTED:
            assert {row["home"], row["away"]} <= set(TEAMS)


def test_another_source_of_the_league_has_the_same_games(real_data, schedules):
    espn = load_registry().get("espn").source
    with (real_data / "schedules" / "espn_2023-24.csv").open(encoding="utf-8", newline="") as stream:
        others = list(csv.DictReader(stream))

    def meetings(rows, teams):
        counted = [row for row in rows if row["season_type"] in COUNTED]
        return Counter((row["date"], teams[row["home"]], teams[row["away"]], row["season_type"]) for row in counted)

    own = meetings(schedules["2023-24"].values(), TEAMS)
    assert own == meetings(others, espn.teams)
    assert own.total() == 1319


def games_of_rows(rows):
    from recon_core.api import Game

    return [
        Game(
            game_id=name,
            season=row["season"],
            season_type=row["season_type"],
            date=date.fromisoformat(row["date"]),
            status=row["status"],
        )
        for name, row in rows.items()
    ]


def test_the_games_of_every_season_are_as_many_as_were_counted(real_data):
    with (real_data / "season_totals.csv").open(encoding="utf-8", newline="") as stream:
        counted = {row["season"]: row for row in csv.DictReader(stream)}
    told = {season.label: season.games for season in SEASONS if season.games}
    assert set(told) == set(counted)
    for label, games in told.items():
        for season_type in ("regular", "cup_final", "playin", "playoffs"):
            assert games.get(season_type, 0) == int(counted[label][season_type] or 0), (label, season_type)


def test_a_game_abroad_in_the_shape_of_the_next_season(payloads):
    (game,) = payloads["2025-26"][1]
    assert (game.game_id, game.season_type, game.status) == ("0012500008", "preseason", "final")
    assert (game.home, game.away, f"{game.date}") == ("NYK", "PHI", "2025-10-02")
    assert game.start_utc == datetime(2025, 10, 2, 16, tzinfo=UTC)


def test_a_box_score_is_of_a_game_with_an_id_of_the_season(real_data):
    box = json.loads((real_data / "payloads" / "nba_api" / "boxscoretraditionalv3.json").read_bytes())
    said = decode_id(box["boxScoreTraditional"]["gameId"])
    assert said is not None
    assert (said.season_type, said.start_year) == ("regular", 2025)
    assert box["boxScoreTraditional"]["homeTeam"]["teamTricode"] in TEAMS


def test_a_lake_and_a_file_of_the_real_payload_give_the_real_games(real_data, quiet_context, payloads):
    path = real_data / "payloads" / "nba_api" / "scheduleLeagueV2_2024-25_asof_2024-08-16.json"
    quiet_context.from_lake = True
    quiet_context.lake["nba_api_schedule/schedule_2024-25.json"] = path.read_bytes()
    games = recon_expected_games(season_of("2024-25"), quiet_context)
    quiet_context.from_lake = False
    quiet_context.given["schedule_file"] = str(path)
    assert recon_expected_games(season_of("2024-25"), quiet_context) == games == payloads["2024-25"][1]


@pytest.mark.parametrize("label", ["2023-24", "2024-25"])
def test_a_server_that_plays_a_real_season_back_gives_the_real_schedule(
    nba, context, game, document, payloads, schedules, label
):
    season, rows = season_of(label), schedules[label]
    context.given["fetch"] = "stats"
    context.now = datetime(2025, 7, 10, tzinfo=UTC)
    if label == "2024-25":
        # What was stored from the schedule as released, a season earlier, gives way to what was played.
        context.stored = [replace(one) for one in payloads[label][1]]
    nba.put_stats(
        label,
        document(
            [
                game(name, eastern_of(row), row["home"], row["away"], status={"final": 3}[row["status"]])
                for name, row in rows.items()
            ],
            label,
            "2025-07-09T12:00:00Z",
        ),
    )
    found = {
        one.game_id: (f"{one.date}", one.home, one.away, one.status, one.season_type, one.start_utc)
        for one in recon_expected_games(season, context)
    }
    assert found == {
        name: (
            *(row[field] for field in ("date", "home", "away", "status", "season_type")),
            datetime.fromisoformat(row["start_utc"]) if row["start_utc"] else None,
        )
        for name, row in rows.items()
    }


def eastern_of(row):
    from zoneinfo import ZoneInfo

    if not row["start_utc"]:
        return f"{row['date']}T00:00"
    local = datetime.fromisoformat(row["start_utc"]).astimezone(ZoneInfo("America/New_York"))
    return f"{local:%Y-%m-%dT%H:%M}"
