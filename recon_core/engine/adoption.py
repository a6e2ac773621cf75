"""Items that no schedule gives, taken over from another tool's list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from recon_core.adopted import Adopted
from recon_core.engine.connection import statement
from recon_core.engine.items import GRAIN_COLUMNS, dataset_parts
from recon_core.plan import Plan
from recon_core.times import to_us

if TYPE_CHECKING:
    import duckdb

__all__ = ["JOIN", "NOTE", "add_adopted"]

# Adopted items stand behind all that the schedules give, in the upper half of a dataset's numbers.
_FIRST = 1 << 39

NOTE = "|| coalesce('; adopted from ' || origin, '')"
"""SQL of what the reason of an adopted item says besides; ``JOIN`` brings the column."""

JOIN = "LEFT JOIN adopted USING (item_no)"


def add_adopted(connection: duckdb.DuckDBPyConnection, plan: Plan, adopted: Sequence[Adopted]) -> None:
    """Add to ``items`` what the schedules do not give by now, and say in the table ``adopted`` where it came from.

    What is adopted of a dataset or a season that is not looked at is left out, as its other items are.
    """
    connection.execute("CREATE TABLE adopted (item_no BIGINT, origin VARCHAR)")
    for dataset_no, dataset in enumerate(plan.datasets):
        own = [
            one
            for one in adopted
            if (one.source, one.data_type) == (dataset.source, dataset.data_type)
            and one.season in dataset.seasons
            and len(one.values) == len(dataset.layout.grain)
        ]
        if not own:
            continue
        relation = f"adopted_{dataset_no}"
        connection.register(relation, _table(own))
        columns = ", ".join(f"g{place}" for place in range(GRAIN_COLUMNS))
        parts = dataset_parts(dataset, dataset_no, plan.now, _FIRST)
        occurrences = (
            f"SELECT {columns}, season, date, false AS off, false AS gone, final_at, true AS proved FROM {relation}"
        )
        items = statement("items_by_group", occurrences=occurrences, **parts)
        connection.execute(statement("items_adopted", items=items, same=_same("i", "n")))
        connection.execute(
            f"INSERT INTO adopted SELECT i.item_no, o.origin FROM items AS i JOIN {relation} AS o "
            f"ON {_same('i', 'o')} WHERE i.dataset_no = {dataset_no} AND i.item_no >= {parts['first_no']}"
        )


def _same(one: str, other: str) -> str:
    return " AND ".join(
        f"coalesce({one}.g{place}, '') = coalesce({other}.g{place}, '')" for place in range(GRAIN_COLUMNS)
    )


def _table(rows: Sequence[Adopted]) -> Any:
    import pyarrow as pa

    text = pa.string()
    grain = {
        f"g{place}": pa.array([one.values[place] if place < len(one.values) else None for one in rows], text)
        for place in range(GRAIN_COLUMNS)
    }
    return pa.table(
        {
            **grain,
            "season": pa.array([one.season for one in rows], text),
            "date": pa.array([one.date for one in rows], pa.date32()),
            "final_at": pa.array([to_us(one.final_at) for one in rows], pa.timestamp("us")),
            "origin": pa.array([one.origin for one in rows], text),
        }
    )
