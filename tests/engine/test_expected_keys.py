"""The keys under which expected items may lie, before any scan: the same ones that the oracle writes."""

from __future__ import annotations

import tempfile
from datetime import UTC
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle.cycle import judge_all
from oracle.items import Item
from oracle.truth import agree
from oracle.world import utc
from support.choices import Choices
from support.random_lake import random_lake
from support.random_world import random_world
from support.world_on_disk import WorldOnDisk, entry_points_of

from recon_core.config import load_inventory
from recon_core.engine.connection import open_engine
from recon_core.engine.expected_keys import ExpectedKeys, build_expected_keys, every_expected_key
from recon_core.expectation import gather
from recon_core.lake.local import LocalLake
from recon_core.plan import Plan, build_plan
from recon_core.plugins import load_registry
from recon_core.progress import NoProgress

Row = tuple[Any, ...]


def expected_keys(disk: WorldOnDisk, world: Any) -> tuple[Plan, ExpectedKeys, list[Row]]:
    """The plan, and what the table holds; every third key of it is asked for as well."""
    disk.write(world)
    with patch("recon_core.plugins.loading._installed", lambda: (entry_points_of(world), [])):
        registry = load_registry()
        plan = build_plan(load_inventory(disk.ws), registry, utc(world.now))
        expectation, _ = gather(disk.ws, plan, registry, lambda: LocalLake(disk.lake), NoProgress())
    with open_engine([disk.ws.inventory_dir], disk.ws.root / "spill", memory_limit_mb=200, threads=1) as connection:
        found = build_expected_keys(connection, plan, expectation, registry)
        rows = connection.execute(
            "SELECT key_no, key, dataset_no, item_no, season, date, due_at FROM expected_keys ORDER BY key_no"
        ).fetchall()
        assert every_expected_key(connection, 3) == [row[1] for row in rows][2::3]
    return plan, found, rows


def facts(item: Item) -> Row:
    return item.source.name, item.dataset.data_type, item.season, item.date, item.due_at


@settings(max_examples=15, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(1, 2**32))
def test_every_candidate_key_of_every_item_is_there(seed: int) -> None:
    choose = Choices(b"", seed)
    world = random_lake(choose, random_world(choose))
    agreed, _ = agree(world)
    failing = {source.name for source in agreed.sources if source.broken is not None or source.failing}
    with tempfile.TemporaryDirectory() as folder:
        plan, found, rows = expected_keys(WorldOnDisk(Path(folder)), world)
    items = [judged.item for judged in judge_all(agreed)]
    wanted = {(key, *facts(item)) for item in items for key in item.keys if item.source.name not in failing}
    # Of an item that could not be recognised under some key, that key is there as well.
    unfit = {facts(item) for item in items if item.unfit}
    assert [row[0] for row in rows] == list(range(found.keys))
    assert [row[1].encode() for row in rows] == sorted(row[1].encode() for row in rows)
    listed = {
        (
            key,
            plan.datasets[dataset_no].source,
            plan.datasets[dataset_no].data_type,
            season,
            date,
            None if due_at is None else round(due_at.replace(tzinfo=UTC).timestamp() * 1_000_000),
        )
        for _, key, dataset_no, _, season, date, due_at in rows
    }
    of_sound_sources = {row for row in listed if row[1] not in failing}
    assert wanted <= of_sound_sources
    assert {row[1:] for row in of_sound_sources - wanted} <= unfit
