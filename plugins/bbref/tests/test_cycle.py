"""The source in a whole cycle: games of a stored schedule, pages of months and teams, players of a list in the lake."""

from __future__ import annotations

import json
import os
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from recon_bbref.ids import make_id

from recon_core.api import Game
from recon_core.testing import ToyLake

NOW = datetime(2024, 7, 10, 12, tzinfo=UTC)
ROSTER = "raw/basketball_reference/rosters/2024.json"
TEAMS = ("ATL", "BOS", "BRK", "CHO")


@pytest.fixture
def world(tmp_path: Path) -> ToyLake:
    """A season of one game a month, all of whose files are in the lake, but no roster."""
    world = ToyLake(tmp_path / "workspace", now=NOW, taken=NOW - timedelta(days=1))
    world.expect("  bbref:\n    seasons: [2023-24]\n    prefix: raw/\n")
    games = []
    for number, month in enumerate([10, 11, 12, 1, 2, 3, 4, 5, 6]):
        day = date(2023 if month > 9 else 2024, month, 15)
        home, away = TEAMS[number % 4], TEAMS[(number + 1) % 4]
        start = datetime(day.year, day.month, day.day, 23, 30, tzinfo=UTC)
        games.append(
            Game(
                game_id=make_id(day, home),
                season="2023-24",
                date=day,
                status="final",
                season_type="regular",
                start_utc=start,
                home=home,
                away=away,
            )
        )
    world.store("bbref", "2023-24", games, NOW - timedelta(days=2))
    for game in games:
        put(world, f"box_scores/2024/{game.game_id}.json")
        put(world, f"pbp/2024/{game.game_id}_pbp.json")
        put(world, f"shot_charts/2024/{game.game_id}_shots.json")
        put(world, f"schedules/2024/NBA_2024_games-{f'{game.date:%B}'.lower()}.html")
    for team in TEAMS:
        put(world, f"team_pages/2024/{team}.json")
    return world


def put(world: ToyLake, key: str, **more: object) -> None:
    world.put(f"raw/basketball_reference/{key}", size=500, **more)


def verdicts(world: ToyLake, data_type: str) -> Counter[str]:
    return world.verdicts("bbref", data_type)


def test_a_whole_lake_without_a_roster_is_whole_but_for_what_the_roster_would_name(world: ToyLake) -> None:
    put(world, "player_logs/2024/jamesle01.json")
    result = world.run()
    for data_type, items in {"box_scores": 9, "play_by_play": 9, "shot_charts": 9, "schedule_pages": 9}.items():
        assert verdicts(world, data_type) == {"present": items}
    assert verdicts(world, "team_pages") == {"present": 4}
    assert verdicts(world, "rosters") == {"missing": 1}
    assert verdicts(world, "player_logs") == {}
    (row,) = [row for row in result.report["coverage"] if row["data_type"] == "player_logs"]
    assert (row["expected"], row["unknown"]) == (None, None)
    assert any("player_logs 2023-24" in text and ROSTER in text for text in result.report["warnings"])
    assert [(row["kind"], row["item"]) for row in world.rows("objects")] == [
        ("out_of_scope", "bbref/player_logs/2023-24/jamesle01")
    ]


def test_with_a_roster_every_players_log_is_judged(world: ToyLake) -> None:
    put(world, "player_logs/2024/jamesle01.json")
    put(world, "rosters/2024.json")
    (world.lake / ROSTER).write_text(json.dumps(["jamesle01", "doncilu01"]))
    world.run()
    assert verdicts(world, "rosters") == {"present": 1}
    assert verdicts(world, "player_logs") == {"present": 1, "missing": 1}
    assert [(row["item"], row["target_key"]) for row in world.rows("gaps")] == [
        ("bbref/player_logs/2023-24/doncilu01", "raw/basketball_reference/player_logs/2024/doncilu01.json")
    ]


def test_an_old_roster_makes_no_season_complete(world: ToyLake) -> None:
    put(world, "player_logs/2024/jamesle01.json")
    put(world, "rosters/2024.json", taken=datetime(2023, 11, 1, tzinfo=UTC))
    roster = world.lake / ROSTER
    taken = roster.stat().st_mtime
    roster.write_text(json.dumps(["jamesle01"]))
    os.utime(roster, (taken, taken))
    result = world.run()
    (row,) = [row for row in result.report["coverage"] if row["data_type"] == "player_logs"]
    assert (row["expected"], row["completeness"]) == (None, None)
    assert any(f"{ROSTER}: written 2023-11-01, before the season" in text for text in result.report["warnings"])


def test_gaps_are_what_is_wanting_and_nothing_else(world: ToyLake) -> None:
    world.remove("raw/basketball_reference/box_scores/2024/202402150ATL.json")
    world.put("raw/basketball_reference/schedules/2024/NBA_2024_games-february.html", size=0)
    # Saved while the season went on: its ranks and awards are not the season's.
    put(world, "team_pages/2024/BOS.json", taken=datetime(2024, 3, 1, tzinfo=UTC))
    # Another season's folder is no place for this game.
    put(world, "box_scores/2023/202402150ATL.json")
    world.run()
    gaps = {row["item"]: row["verdict"] for row in world.rows("gaps") if row["data_type"] != "rosters"}
    assert gaps == {
        "bbref/box_scores/202402150ATL": "missing",
        "bbref/schedule_pages/2023-24/february": "undersized",
        "bbref/team_pages/2023-24/BOS": "stale",
    }


def test_while_the_season_goes_on_nothing_of_the_whole_season_is_due(world: ToyLake) -> None:
    world.now = datetime(2024, 6, 20, tzinfo=UTC)
    world.run()
    assert verdicts(world, "team_pages") == {"not_due": 4}
    assert verdicts(world, "rosters") == {"not_due": 1}


def test_a_season_without_a_stored_schedule_leaves_its_pages_untold(world: ToyLake) -> None:
    world.expect(
        "  bbref:\n    seasons: [2022-23, 2023-24]\n    prefix: raw/\n    data_types: {team_pages: {}, rosters: {}}\n"
    )
    result = world.run()
    rows = {(row["data_type"], row["season"]): row["expected"] for row in result.report["coverage"]}
    assert rows == {
        ("rosters", "2022-23"): None,
        ("rosters", "2023-24"): 1,
        ("team_pages", "2022-23"): None,
        ("team_pages", "2023-24"): 4,
    }
    assert any(
        "team_pages 2022-23" in text and "run `recon schedules pull bbref --season 2022-23`" in text
        for text in result.report["warnings"]
    )
