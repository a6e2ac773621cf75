"""Random workspaces of a few hundred items each, in layouts that are hard to sample, with their lake on disk."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from unittest.mock import patch

from oracle.cycle import judge_all
from oracle.keys import template
from oracle.world import DAY, HOUR, Dataset, Game, Object, Season, Source, World, us, utc
from support.world_on_disk import WorldOnDisk, entry_points_of

from recon_core.cycle import run_cycle
from recon_core.progress import NoProgress
from recon_core.request import CycleResult, RunRequest

NOW = us("2025-01-15T12:00")

LAYOUTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "one folder each": (("games/{game_id}.json",), ("boxes/{game_id}.json",)),
    "two layouts, in other orders": (
        ("games/{game_id}.json", "old/{date:%Y%m%d}/{game_id}.json"),
        ("boxes/{date:%Y%m%d}/{game_id}.json", "b/{game_id}.json.gz"),
    ),
    "a folder each game": (("by/{game_id}/games.json",), ("by/{game_id}/boxes.json",)),
    "one's second among the other's first": (("games/{game_id}.json",), ("boxes/{game_id}.json", "games/{game_id}.b")),
}


def random_world(random: Random, layout: str) -> World:
    """Two data types a game and one a day, in two seasons, everything due, and a lake with losses of every kind."""
    seasons = tuple(Season(str(year), date(year, 1, 1), date(year, 12, 31), {}) for year in (2023, 2024))
    stored = {season.label: random_games(random, season) for season in seasons}
    datasets = [
        Dataset(
            data_type=name,
            grain=("game_id",),
            templates=tuple(template(text) for text in texts),
            min_size_bytes=10,
            undersized_min_copies=random.choice((5, 30)),
        )
        for name, texts in zip(("games", "boxes"), LAYOUTS[layout], strict=True)
    ]
    days = Dataset(data_type="days", grain=("date",), templates=(template("days/{date:%Y%m%d}.json"),))
    source = Source("acme", (*datasets, days), seasons, ("2023", "2024"), stored, timezone="UTC")
    world = World(NOW, (source,))
    return replace(world, objects=random_objects(random, world))


def random_games(random: Random, season: Season) -> tuple[Game, ...]:
    count = random.choice((40, 120))
    games = []
    for number in range(count):
        day = season.starts + timedelta(days=number * 300 // count)
        # Ids that ascend with the days, and some that do not.
        first = number if random.random() < 0.9 else random.randrange(1000)
        games.append(
            Game(
                game_id=f"{season.label}{first:04}{number:04}",
                season=season.label,
                date=day,
                status="final",
                home="AA",
                away="BB",
                alt_ids=(f"x{season.label}{number:04}",) if random.random() < 0.1 else (),
                pulled_at=NOW,
            )
        )
    return tuple(games)


def random_objects(random: Random, world: World) -> tuple[Object, ...]:
    """Copies under one of an item's keys or several, empty shells, old copies, and stretches without any."""
    objects = {}
    share = random.choice((0.0, 0.02, 0.3))
    broken = 0
    for judged in judge_all(world):
        item = judged.item
        broken = broken - 1 if broken else (random.randrange(40) if random.random() < 0.01 else 0)
        if broken or random.random() < share:
            continue
        keys = list(item.keys)
        for key in keys if random.random() < 0.05 else [random.choice(keys)]:
            size = random.choice((5, 30)) if random.random() < 0.03 else random.randrange(800, 1200)
            assert item.settled_at is not None
            moment = item.settled_at + (-2 * DAY if random.random() < 0.03 else HOUR)
            objects[key] = Object(key, size, moment)
    objects["unknown/of/nobody.bin"] = Object("unknown/of/nobody.bin", 7, NOW - DAY)
    return tuple(objects[key] for key in sorted(objects))


class LakeOnDisk:
    """A workspace with its lake in a folder, to be scanned."""

    def __init__(self, root: Path, world: World) -> None:
        self.world = world
        self._disk = WorldOnDisk(root)
        self.ws = self._disk.ws
        self._disk.write(world)
        for found in world.objects:
            path = self._disk.lake / found.key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x" * (found.size or 0))
            os.utime(path, ns=((found.last_modified or 0) * 1000,) * 2)

    def run(self, **request: object) -> CycleResult:
        """Scan and judge; ``request`` as RunRequest has it."""
        asked = RunRequest(now=utc(NOW), clock=lambda: utc(NOW), now_given=True, **request)  # type: ignore[arg-type]
        with patch("recon_core.plugins.loading._installed", lambda: (entry_points_of(self.world), [])):
            return run_cycle(self.ws, asked, NoProgress())
