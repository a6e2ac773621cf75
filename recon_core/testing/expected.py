"""The keys that recon would look for, made by the engine itself."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

from recon_core.api import Game, Items, Season
from recon_core.config import load_inventory
from recon_core.engine.connection import open_engine
from recon_core.engine.expected_keys import build_expected_keys
from recon_core.engine.inputs import Expectation
from recon_core.engine.keys import item_values
from recon_core.plan import build_plan
from recon_core.plugins import Plugin, Registry
from recon_core.workspace import INVENTORY_FILE, Workspace

__all__ = ["expected_keys"]


def expected_keys(
    plugin: Plugin,
    season: Season,
    games: Sequence[Game],
    items: Mapping[str, Sequence[Items]],
    now: datetime,
    spill: Path,
) -> list[tuple[str, tuple[str, ...], str]]:
    """(data type, grain values, key) of every key under which an item of the season may lie.

    Items are all that a workspace with this season and nothing else would expect.
    """
    name = plugin.source.name
    registry = Registry((plugin,))
    with tempfile.TemporaryDirectory() as folder:
        ws = Workspace(Path(folder))
        ws.inventory_dir.mkdir()
        (ws.root / INVENTORY_FILE).write_text(
            f"expected_coverage:\n  {name}:\n    seasons: ['{season.label}']\n    season_types: []\n", encoding="utf-8"
        )
        plan = build_plan(load_inventory(ws), registry, now)
    batches = {(name, data_type): tuple((season.label, one) for one in found) for data_type, found in items.items()}
    expectation = Expectation(computed={name: tuple(games)}, items=batches)
    with open_engine([spill.parent], spill, memory_limit_mb=512, threads=1) as connection:
        build_expected_keys(connection, plan, expectation, registry)
        rows = connection.execute(
            f"SELECT i.dataset_no, {item_values(plan, 'i.')}, e.key "  # noqa: S608
            "FROM expected_keys AS e JOIN items AS i ON i.item_no = e.item_no ORDER BY e.key_no"
        ).fetchall()
    return [
        (plan.datasets[number].data_type, tuple(unquote(value) for value in values.split("/")), key)
        for number, values, key in rows
    ]
