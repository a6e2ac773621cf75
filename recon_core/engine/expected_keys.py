"""Where what should exist may lie: the candidate keys of all expected items, known before a scan begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recon_core.engine.adoption import add_adopted
from recon_core.engine.connection import statement
from recon_core.engine.games import load_games
from recon_core.engine.inputs import Expectation
from recon_core.engine.items import build_items
from recon_core.engine.keys import build_key_sql
from recon_core.plan import Plan

if TYPE_CHECKING:
    import duckdb

    from recon_core.plugins import Registry

__all__ = ["ExpectedKeys", "ParsedDataset", "build_expected_keys", "every_expected_key"]


@dataclass(frozen=True, slots=True)
class ParsedDataset:
    """A dataset whose plugin reads keys itself: its items may lie anywhere below ``prefixes``, beside any keys."""

    dataset_no: int
    source: str
    data_type: str
    prefixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExpectedKeys:
    """What the table ``expected_keys`` holds: how many keys; and the datasets that it cannot speak for."""

    keys: int
    parsed: tuple[ParsedDataset, ...]


def build_expected_keys(
    connection: duckdb.DuckDBPyConnection, plan: Plan, expectation: Expectation, registry: Registry
) -> ExpectedKeys:
    """Make the table ``expected_keys``, ordered by key: a row for each candidate key of each expected item.

    Its columns: ``key_no`` (0, 1, 2 … in the keys' order), ``key``, ``dataset_no`` (the place in ``plan.datasets``),
    ``item_no``, ``season``, ``date`` and ``due_at`` (both NULL where the item has none). An item of which a value is
    absent, so that it has no key, has no row. The table ``items`` that it is made from is there as well.

    Raises ScheduleError for schedules that contradict each other.
    """
    # A plugin that fails here fails in the analysis too, which says so.
    load_games(connection, plan, expectation, {plugin.source.name: plugin for plugin in registry.plugins})
    build_items(connection, plan, expectation.items)
    add_adopted(connection, plan, expectation.adopted)
    connection.execute(statement("expected_keys", candidates=build_key_sql(plan).candidates("true")))
    counted = connection.execute("SELECT count(*) FROM expected_keys").fetchone()
    return ExpectedKeys(
        keys=counted[0] if counted else 0,
        parsed=tuple(
            ParsedDataset(number, dataset.source, dataset.data_type, dataset.layout.prefixes)
            for number, dataset in enumerate(plan.datasets)
            if dataset.layout.prefixes
        ),
    )


def every_expected_key(connection: duckdb.DuckDBPyConnection, stride: int) -> list[str]:
    """Every ``stride``-th of the expected keys, in order."""
    rows = connection.execute(
        f"SELECT key FROM expected_keys WHERE key_no % {stride} = {stride - 1} ORDER BY key_no"
    ).fetchall()
    return [key for (key,) in rows]
