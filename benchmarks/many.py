"""Builds a workspace of four real plugins for the benchmarks: one made-up league in the id formats of all of them.

30 seasons of 1,500 games each, known to every source whose seasons reach back so far; the files of 97 of 100 games in
every layout, season files whose column tells the games inside, and strays up to 600,000 objects.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from recon_core.api import Game
from recon_core.plugins import Plugin, load_registry
from recon_core.schedules.store import save_games
from recon_core.snapshot import KeyRange, SnapshotWriter
from recon_core.workspace import Workspace

NOW = datetime(2024, 9, 1, 12, tzinfo=UTC)
SOURCES = ("bbref", "espn", "hoopr", "nba_api")
FIRST, LAST = 1994, 2023
GAMES = 1_500
OBJECTS = 600_000
_DATA_TYPES = {
    "bbref": ("box_scores", "play_by_play", "shot_charts"),
    "espn": ("box_scores", "play_by_play", "schedule", "team_stats"),
    "hoopr": ("play_by_play", "player_box", "schedules", "team_box"),
    "nba_api": ("box_scores", "box_scores_advanced", "play_by_play", "schedule"),
}


@dataclass(frozen=True)
class Meeting:
    """One game of the made-up league, by which every source's id is made."""

    year: int
    number: int
    day: date
    home: str
    away: str

    @property
    def start(self) -> datetime:
        return datetime(self.day.year, self.day.month, self.day.day, 23, tzinfo=UTC)

    def id_of(self, source: str, home: str) -> str:
        if source == "nba_api":
            return f"002{self.year % 100:02}{self.number:05}"
        if source == "bbref":
            return f"{self.day:%Y%m%d}0{home}"
        return str(400_000_000 + (self.year - FIRST) * 10_000 + self.number)


def meetings(year: int, teams: list[str]) -> Iterator[Meeting]:
    """Ten games a day, no team twice on one."""
    for number in range(GAMES):
        day = date(year, 11, 1) + timedelta(days=number // 10)
        turn = number // 10
        home, away = (teams[(2 * (number % 10) + side + turn) % 30] for side in (0, 1))
        yield Meeting(year, number + 1, day, home, away)


def build(root: Path) -> int:
    """Make the workspace; gives the number of its objects."""
    plugins = {plugin.source.name: plugin for plugin in load_registry().plugins if plugin.source.name in SOURCES}
    lake = root / "lake"
    for folder in ("config", "inventory/cache", "lake"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "config/reconciliation_config.yaml").write_text(f"lake: {{url: '{lake.resolve().as_uri()}'}}\n")
    (root / "inventory/data_inventory.yaml").write_text(_inventory(plugins))
    rows: dict[str, int] = {}
    for year in range(FIRST, LAST + 1):
        games = list(meetings(year, _teams(plugins)))
        for plugin in plugins.values():
            label = f"{year}-{(year + 1) % 100:02}"
            if label in {season.label for season in plugin.seasons}:
                _season(root, plugin, label, games, rows)
    return _snapshot(root, lake, rows)


def _teams(plugins: dict[str, Plugin]) -> list[str]:
    """Thirty canonical codes that every source has a code of its own for."""
    shared = set.intersection(*(set(plugin.source.teams.values()) for plugin in plugins.values()))
    return sorted(shared)[:30]


def _inventory(plugins: dict[str, Plugin]) -> str:
    lines = ["expected_coverage:"]
    for name, plugin in sorted(plugins.items()):
        known = [season.label for season in plugin.seasons]
        labels = [label for year in range(FIRST, LAST + 1) if (label := f"{year}-{(year + 1) % 100:02}") in known]
        lines += [f"  {name}:", f"    seasons: [{', '.join(labels)}]", "    data_types:"]
        lines += [f"      {data_type}: {{}}" for data_type in _DATA_TYPES[name]]
    return "\n".join(lines) + "\n"


def _season(root: Path, plugin: Plugin, label: str, games: list[Meeting], rows: dict[str, int]) -> None:
    source = plugin.source
    codes = {canonical: code for code, canonical in sorted(source.teams.items(), reverse=True)}
    stored = [
        Game(
            game_id=one.id_of(source.name, codes[one.home]),
            season=label,
            season_type="regular",
            date=one.day,
            start_utc=one.start,
            home=codes[one.home],
            away=codes[one.away],
            status="final",
        )
        for one in games
    ]
    save_games(Workspace(root).schedule_file(source.name, label), stored, NOW)
    season = next(season for season in plugin.seasons if season.label == label)
    for spec in source.datasets:
        if spec.data_type not in _DATA_TYPES[source.name]:
            continue
        template = plugin.templates[spec.data_type][0]
        if spec.container:
            key = template.render({"season": label, **season.fields})
            path = root / "lake" / key
            path.parent.mkdir(parents=True, exist_ok=True)
            inside = [int(game.game_id) for place, game in enumerate(stored) if place % 33 != 7]
            pq.write_table(pa.table({spec.inside: pa.array(inside, pa.int64())}), path)
            os.utime(path, (NOW.timestamp() - 86_400,) * 2)
            rows[key] = path.stat().st_size
            continue
        for place, game in enumerate(stored):
            if place % 33 != 7:
                fields = {"season": label, **season.fields, "game_id": game.game_id, "date": game.date}
                rows[template.render(fields)] = 20_000 + place


def _snapshot(root: Path, lake: Path, rows: dict[str, int]) -> int:
    for number in range(max(0, OBJECTS - len(rows))):
        rows[f"espn_box_scores/9{number:08}.json" if number % 2 else f"backups/{number:09}.bin"] = 100
    modified = int((NOW - timedelta(days=1)).timestamp()) * 1_000_000
    cache = root / "inventory/cache"
    with SnapshotWriter(cache / "snapshot.parquet", cache / "snapshot.json") as writer:
        keys = sorted(rows)
        for first in range(0, len(keys), 100_000):
            part = keys[first : first + 100_000]
            writer.add(part, [rows[key] for key in part], [modified] * len(part), [None] * len(part))
        writer.finish(
            lake=lake.resolve().as_uri(),
            mode="listing",
            evidence_at=NOW,
            simulated=True,
            started_at=NOW,
            finished_at=NOW,
            requests=1,
            ranges=[KeyRange(start="", end=None, state="listed", error=None, evidence_at=NOW)],
        )
    return len(rows)
