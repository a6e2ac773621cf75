"""Two made-up sources of one league, and a workspace that has both.

``wire`` numbers its games and cannot derive an id; ``almanac`` makes them of date and home team. They write the teams
and the seasons each in its own way.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from support.command_line import Inside
from support.fake_distributions import Site

from recon_core.api import Game, Status
from recon_core.cycle import run_cycle
from recon_core.progress import NoProgress
from recon_core.request import CycleResult, RunRequest
from recon_core.schedules.store import save_games
from recon_core.workspace import Workspace

__all__ = ["NOW", "WIRE", "World", "almanac", "inside", "install", "wire"]

NOW = datetime(2025, 1, 15, 12, tzinfo=UTC)
FIRST = date(2025, 1, 1)

PLUGIN = """
from datetime import date
from recon_core.api import *

@hookimpl
def recon_source():
    return Source(
        name={name!r}, api_version=1, title="A made-up source", timezone="UTC", league="league",
        teams={teams!r}, season_types=("regular", "playoffs"),
        datasets=(DatasetSpec(data_type="pbp", grain=("game_id",), key_templates=("{name}/{{game_id}}.json",)),),
    )

@hookimpl
def recon_seasons():
    return [Season(label=label, starts=date(2024 - back, 10, 1), ends=date(2025 - back, 6, 30))
            for back, label in ((1, {labels[0]!r}), (0, {labels[1]!r}))]

@hookimpl
def recon_expected_games(season, context):
    return []
"""
DERIVING = """
@hookimpl
def recon_game_id(game):
    {body}
    return f"{{game.date:%Y%m%d}}{{game.home}}"
"""
WIRE = PLUGIN.format(name="wire", teams={"a": "AAA", "A": "AAA", "b": "BBB", "c": "CCC"}, labels=("2023-24", "2024-25"))
ALMANAC = PLUGIN.format(
    name="almanac", teams={"AAA": "AAA", "BBB": "BBB", "CCC": "CCC", "BB": "BBB"}, labels=("2024", "2025")
)


class World:
    """A workspace on an empty lake."""

    def __init__(self, root: Path, site: Site) -> None:
        self.ws, self.site = Workspace(root), site
        (root / "lake").mkdir(parents=True)
        self.ws.config_file.parent.mkdir()
        self.ws.config_file.write_text(f"lake: {{url: {(root / 'lake').as_uri()}}}\n")
        self.ws.inventory_dir.mkdir()
        self.expect(wire="2024-25", almanac="2025")

    def expect(self, **seasons: str) -> None:
        lines = [f"  {name}: {{seasons: ['{season}']}}" for name, season in seasons.items()]
        self.ws.inventory_file.write_text("\n".join(["expected_coverage:", *lines, ""]))

    def store(self, source: str, *games: Game) -> None:
        label = {"wire": "2024-25", "almanac": "2025"}[source]
        path = self.ws.schedule_file(source, label)
        path.parent.mkdir(parents=True, exist_ok=True)
        save_games(path, games, None)

    def put(self, key: str, size: int = 100) -> None:
        """Put an object into the lake, as new as can be."""
        path = self.ws.root / "lake" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
        os.utime(path, (NOW.timestamp(), NOW.timestamp()))

    def run(self) -> CycleResult:
        with self.site.active():
            return run_cycle(
                self.ws, RunRequest(now=NOW, now_given=True, clock=lambda: NOW, accept_empty=True), NoProgress()
            )

    def verdicts(self) -> dict[str, tuple[str, str | None]]:
        """The verdict and the kind of doubt of every item of a run."""
        self.run()
        return {
            row["item"]: (row["verdict"], row["reason"].partition(":")[0] if row["verdict"] == "unknown" else None)
            for row in pq.read_table(self.ws.coverage).to_pylist()
        }


def wire(
    day: int, status: Status = "final", *, home: str = "a", away: str = "b", pulled: int = 14, **more: Any
) -> Game:
    """A game of ``wire`` on a day of January, at noon, pulled at the end of another."""
    return Game(
        game_id=f"w{day}{home}{away}", season="2024-25", season_type=more.pop("season_type", "regular"), home=home,
        away=away, status=status, **_times(day, pulled), **more,
    )  # fmt: skip


def almanac(
    day: int, status: Status = "final", *, home: str = "AAA", away: str = "BBB", pulled: int = 14, **more: Any
) -> Game:
    on = FIRST + timedelta(days=day - 1)
    return Game(
        game_id=more.pop("game_id", f"{on:%Y%m%d}{home}"), season="2025",
        season_type=more.pop("season_type", "regular"), home=home, away=away,
        status=status, **_times(day, pulled), **more,
    )  # fmt: skip


def _times(day: int, pulled: int) -> dict[str, Any]:
    on = FIRST + timedelta(days=day - 1)
    return {
        "date": on,
        "start_utc": datetime(on.year, on.month, on.day, 12, tzinfo=UTC),
        "pulled_at": datetime(2025, 1, 1, 23, tzinfo=UTC) + timedelta(days=pulled - 1),
    }


def install(folder: Path, body: str = "pass", wire: str = WIRE) -> World:
    """Install both and make a workspace; ``body`` is what ``almanac`` does before it tells an id."""
    site = Site(folder / "site")
    site.install_module("wire", wire)
    site.install_module("almanac", ALMANAC + DERIVING.format(body=body))
    return World(folder / "ws", site)


def inside(world: World) -> Inside:
    """The installed command in the workspace."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return Inside(world.ws.root, {**kept, "HOME": str(world.ws.root), "COLUMNS": "200"}, world.site)
