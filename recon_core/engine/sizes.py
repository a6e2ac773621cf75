"""How much a scan would see: objects by the last snapshot, items by what should exist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from recon_core.engine.connection import quoted, timestamp

if TYPE_CHECKING:
    import duckdb

__all__ = ["Items", "count_items", "count_objects"]

Bounds = tuple[str, str | None]
"""Keys from the first (inclusive) to the second (exclusive; ``None``: to the last key)."""


@dataclass(frozen=True, slots=True)
class Items:
    """The items that should exist: all of them, those that are due, and of the due ones those that have a candidate key
    where a scan would not see it.
    """

    expected: int
    due: int
    unseen: int


def count_objects(connection: duckdb.DuckDBPyConnection, snapshot_file: Path, spans: Sequence[Bounds]) -> list[int]:
    """How many objects of a snapshot lie in each of the spans."""
    counts = ", ".join(f"count(CASE WHEN {_within(span)} THEN 1 END)" for span in spans)
    row = connection.execute(f"SELECT {counts} FROM read_parquet({quoted(snapshot_file)})").fetchone()
    return [int(number) for number in row or ()]


def count_items(
    connection: duckdb.DuckDBPyConnection, now: datetime, seen: Sequence[Bounds], denied: Sequence[Bounds]
) -> Items:
    """Count the items of the table ``expected_keys``. ``seen`` are the keys that are listed, ``denied`` not those."""
    hidden = f"NOT ({_any(seen)})" if not denied else f"NOT ({_any(seen)}) OR {_any(denied)}"
    due = f"coalesce(due_at <= {timestamp(now)}, false)"
    row = connection.execute(
        f"SELECT count(*), count(CASE WHEN due THEN 1 END), count(CASE WHEN due AND hidden THEN 1 END) FROM ("
        f"SELECT item_no, bool_or({due}) AS due, bool_or({hidden}) AS hidden FROM expected_keys GROUP BY item_no"
        ") AS items"
    ).fetchone()
    return Items(*row) if row else Items(0, 0, 0)


def _any(spans: Sequence[Bounds]) -> str:
    return " OR ".join(map(_within, spans)) or "false"


def _within(span: Bounds) -> str:
    start, end = span
    upper = f" AND key < {quoted(end)}" if end is not None else ""
    return f"(key >= {quoted(start)}{upper})"
