"""The main job on real input: two seasons of ESPN's games, a lake on an S3 server, faults that are known.

What should come out is worked out here from the CSV files and the list of faults, without any code of recon's. The
lake is looked at in mid-season, when it holds what was played so far, and again when the season is over.
"""

from __future__ import annotations

import csv
import json
import os
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from support.command_line import Recon, command
from support.s3_server import CREDENTIALS, S3Server

pytestmark = pytest.mark.realdata

DATA = Path(os.environ.get("RECON_REAL_DATA") or Path(__file__).parents[3] / "shared" / "data")
SEASONS = ("2023-24", "2024-25")
EXPECTED_TYPES = ("regular", "cup_final", "playin", "playoffs")
MID_SEASON = datetime(2025, 1, 15, 12, tzinfo=UTC)
SEASON_OVER = datetime(2025, 7, 1, 12, tzinfo=UTC)

LAYOUTS = {
    "play_by_play": ("espn_play_by_play", "pbp"),
    "box_scores": ("espn_box_scores", "box_scores"),
    "team_stats": ("espn_team_stats", "team_stats"),
}
TYPICAL = 2000
FLOOR = 400  # a fifth of the median

FOREIGN = {
    "espn_play_by_play/401591869.json": "out_of_scope",  # a preseason game
    "espn_box_scores/401591870.json": "out_of_scope",
    "pbp/131105001.json": "out_of_scope",  # a season whose schedule is not stored
    "schedule/19931105.json": "out_of_scope",
    "espn_play_by_play/not-a-game.json": "unrecognised",
    "espn_schedules/20241301.json": "unrecognised",
    "athena-results/0b1c.csv": "unrecognised",
    "temp/espn_play_by_play/401704627.json": "unrecognised",
}


@dataclass(frozen=True)
class Game:
    """A row of the CSV."""

    game_id: str
    season: str
    season_type: str
    date: date
    start: datetime
    status: str

    @property
    def over(self) -> datetime:
        return self.start + timedelta(hours=3)

    @property
    def due(self) -> datetime:
        return self.over + timedelta(hours=6)


@dataclass(frozen=True)
class File:
    """What lies in the lake of an item: its key, size, time; and what recon should say of the item."""

    key: str | None
    size: int
    modified: datetime
    verdict: str


@pytest.fixture(scope="module")
def games() -> list[Game]:
    folder = DATA / "schedules"
    if not folder.is_dir():
        pytest.skip(f"the real schedules are not at {folder}: set RECON_REAL_DATA")
    found = []
    for season in SEASONS:
        with (folder / f"espn_{season}.csv").open(newline="", encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                found.append(
                    Game(
                        row["game_id"],
                        row["season"],
                        row["season_type"],
                        date.fromisoformat(row["date"]),
                        start_of(row),
                        row["status"],
                    )
                )
    return found


def start_of(row: Mapping[str, str]) -> datetime:
    """The start of a game; where it is not known, the end of its day in New York."""
    if row["start_utc"]:
        return datetime.fromisoformat(row["start_utc"])
    following = date.fromisoformat(row["date"]) + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=ZoneInfo("America/New_York"))


def expected(games: list[Game]) -> list[Game]:
    return [game for game in games if game.season_type in EXPECTED_TYPES]


def noon(day: date, days: int) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC) + timedelta(days=days)


def game_file(game: Game, data_type: str, number: int) -> File:
    """The file of a game: most are good, some in the older layout, some withheld, too small or too old."""
    new, old = LAYOUTS[data_type]
    key = f"{old if number % 5 == 0 else new}/{game.game_id}.json"
    later = noon(game.date, 2)
    if number % 37 == 1:
        return File(None, 0, later, "missing")
    if number % 41 == 2:
        return File(key, 50, later, "undersized")
    if number % 43 == 3:
        return File(key, FLOOR - 1, later, "undersized")
    if number % 47 == 4:
        return File(key, FLOOR, later, "present")
    if number % 53 == 5:
        return File(key, TYPICAL, noon(game.date, 0), "stale")
    if number % 59 == 6:
        return File(key, TYPICAL, (game.over - timedelta(seconds=1)).replace(microsecond=0), "stale")
    if number % 61 == 7:
        return File(key, TYPICAL, game.over, "present")
    return File(key, TYPICAL, later, "present")


@dataclass(frozen=True)
class Item:
    """An item that is due, with its file."""

    season: str
    date: date
    due: datetime
    file: File


def items_at(games: list[Game], now: datetime, mended: frozenset[str] = frozenset()) -> dict[str, Item]:
    """Every item that is due at ``now``; ``mended`` ones have a good file by now."""
    items = {}
    played = [game for game in expected(games) if game.status == "final"]
    for place, data_type in enumerate(sorted(LAYOUTS)):
        for number, game in enumerate(played):
            name = f"espn/{data_type}/{game.game_id}"
            file = game_file(game, data_type, number + 7 * place)
            if name in mended:
                file = File(f"{LAYOUTS[data_type][0]}/{game.game_id}.json", TYPICAL, noon(game.date, 3), "present")
            if game.due <= now:
                items[name] = Item(game.season, game.date, game.due, file)
    days = defaultdict(list)
    for game in played:
        days[game.date].append(game)
    for number, (day, its_games) in enumerate(sorted(days.items())):
        name = f"espn/schedule/{day.isoformat()}"
        key = f"{'schedule' if number % 3 else 'espn_schedules'}/{day:%Y%m%d}.json"
        file = File(key, TYPICAL, noon(day, 2), "present")
        if number % 29 == 1 and name not in mended:
            file = File(None, 0, noon(day, 2), "missing")
        first = min(game.due for game in its_games)
        if first <= now:
            items[name] = Item(its_games[0].season, day, first, file)
    return items


def put(s3_server: S3Server, bucket: str, items: Mapping[str, Item], now: datetime) -> None:
    """Store the files of the items that were taken by ``now``, those of one time in one call."""
    by_time: dict[datetime, dict[str, int | bytes]] = defaultdict(dict)
    for item in items.values():
        if item.file.key is not None:
            by_time[item.file.modified][item.file.key] = item.file.size
    for modified, objects in by_time.items():
        s3_server.seed(bucket, objects, modified)


def verdict_at(item: Item, now: datetime) -> str:
    """What recon should say: of a file that is not there yet, that it is missing."""
    return item.file.verdict if item.file.key is None or item.file.modified <= now else "missing"


def ranks(items: Mapping[str, Item], now: datetime) -> dict[str, tuple[str, str]]:
    """The rule and priority of every gap, by the default rules."""
    groups: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for name, item in items.items():
        groups[name.split("/")[1], item.season][verdict_at(item, now)] += 1
    found = {}
    for name, item in items.items():
        if verdict_at(item, now) == "present":
            continue
        data_type = name.split("/")[1]
        counts = groups[data_type, item.season]
        incomplete = counts["present"] / counts.total() < (0.99 if data_type == "schedule" else 0.95)
        if now - item.due < timedelta(days=7):
            found[name] = ("recent-required", "CRITICAL")
        elif item.season == "2024-25":
            found[name] = ("current-season-incomplete", "HIGH") if incomplete else ("current-season", "MEDIUM")
        else:
            found[name] = ("recent-season-incomplete", "MEDIUM") if incomplete else ("historical", "LOW")
    return found


@pytest.fixture
def recon(tmp_path: Path) -> Recon:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "workspace").mkdir()
    bare = command(tmp_path / "workspace", home)
    return Recon(bare.folder, {**bare.environment, **CREDENTIALS, "AWS_EC2_METADATA_DISABLED": "true"})


def prepare(recon: Recon, s3_server: S3Server, bucket: str) -> None:
    """A workspace on the bucket, with both schedules imported."""
    config, inventory = recon.folder / "config", recon.folder / "inventory"
    config.mkdir()
    inventory.mkdir()
    (config / "reconciliation_config.yaml").write_text(
        f"lake:\n  url: s3://{bucket}\n  endpoint_url: {s3_server.endpoint}\n  region: us-east-1\n", encoding="utf-8"
    )
    (inventory / "data_inventory.yaml").write_text(
        "expected_coverage:\n  espn:\n    seasons: [2023-24, 2024-25]\n", encoding="utf-8"
    )
    for season in SEASONS:
        recon("schedules", "import", DATA / "schedules" / f"espn_{season}.csv", "--source", "espn")


def run_at(recon: Recon, now: datetime) -> tuple[Any, Any]:
    """The report and the queue of a run at ``now``."""
    report = recon("run", "--now", now.isoformat().replace("+00:00", "Z"), "--format", "json").json()
    return report, json.loads((recon.folder / "inventory/gaps.json").read_text(encoding="utf-8"))


def check(report: Any, queue: Any, items: Mapping[str, Item], now: datetime) -> None:
    """The queue holds what was withheld or spoilt, ranked, and nothing else."""
    gaps = {name: verdict_at(item, now) for name, item in items.items() if verdict_at(item, now) != "present"}
    tasks = queue["tasks"]
    in_queue = {item["item"]: item for task in tasks for item in task["items"]}
    assert {name: item["verdict"] for name, item in in_queue.items()} == gaps
    assert {item["item"]: (item["rule"], task["priority"]) for task in tasks for item in task["items"]} == ranks(
        items, now
    )
    assert (queue["total_gaps"], queue["total_tasks"], queue["unverified"]) == (len(gaps), len(tasks), [])
    for task in tasks:
        assert {items[item["item"]].season for item in task["items"]} == {task["season"]}
        dates = [items[item["item"]].date for item in task["items"]]
        assert dates == sorted(dates, reverse=True)
        assert len(dates) <= 25
    by_verdict = Counter(gaps.values())
    assert report["gaps"]["by_verdict"] == {name: by_verdict[name] for name in ("missing", "stale", "undersized")}
    assert report["unknown"]["total"] == 0
    present = Counter(
        (name.split("/")[1], item.season) for name, item in items.items() if verdict_at(item, now) == "present"
    )
    assert {(row["data_type"], row["season"]): row["present"] for row in report["coverage"]} == dict(present)


def test_two_real_seasons(recon: Recon, s3_server: S3Server, games: list[Game]) -> None:
    bucket = s3_server.bucket()
    prepare(recon, s3_server, bucket)
    s3_server.seed(bucket, dict.fromkeys(FOREIGN, TYPICAL), noon(date(2024, 12, 1), 0))

    mid = items_at(games, MID_SEASON)
    put(s3_server, bucket, {name: item for name, item in mid.items() if item.file.modified <= MID_SEASON}, MID_SEASON)
    report, queue = run_at(recon, MID_SEASON)
    check(report, queue, mid, MID_SEASON)
    called_off = Counter((game.season, game.status) for game in expected(games))["2024-25", "postponed"]
    for row in report["coverage"]:
        if row["season"] == "2024-25" and row["data_type"] != "schedule":
            assert (row["excused"], row["expected"]) == (
                called_off,
                len([g for g in expected(games) if g.season == row["season"]]),
            )
            assert row["not_due"] == row["expected"] - row["excused"] - sum(
                1
                for name, item in mid.items()
                if (name.split("/")[1], item.season) == (row["data_type"], row["season"])
            )
    kinds = Counter(FOREIGN.values())
    assert {name: report["objects"][name] for name in ("orphan", *kinds)} == {"orphan": 0, **kinds}

    # Half a year later: scrapers closed every other gap and went on with the season, with the same kinds of faults.
    gaps = sorted(item["item"] for task in queue["tasks"] for item in task["items"])
    mended = frozenset(gaps[::2])
    after = items_at(games, SEASON_OVER, mended)
    put(s3_server, bucket, after, SEASON_OVER)
    report, queue = run_at(recon, SEASON_OVER)
    check(report, queue, after, SEASON_OVER)
    first_seen = {item["item"]: item["first_seen"] for task in queue["tasks"] for item in task["items"]}
    left = set(gaps) & set(first_seen)
    assert {first_seen[name] for name in left} == {"2025-01-15T12:00:00Z"}
    assert {first_seen[name] for name in set(first_seen) - left} == {"2025-07-01T12:00:00Z"}
    assert report["changes"] == {"new": len(first_seen) - len(left), "closed": len(gaps) - len(left), "reopened": 0}
    assert report["changes"]["closed"] > 0 < report["changes"]["new"]
