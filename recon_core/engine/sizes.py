"""How much a scan would see: objects by a snapshot, items by what should exist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from recon_core.engine.connection import quoted, timestamp
from recon_core.engine.covering import Bounds, cover

if TYPE_CHECKING:
    import duckdb

__all__ = ["Items", "count_items", "count_objects"]


@dataclass(frozen=True, slots=True)
class Items:
    """The items that should exist: all of them, those that are due, and of the due ones those that have a candidate key
    where a scan would not look; ``covered`` are all those, due or not, of which it would look at every candidate key.
    ``newest`` are the due ones that it would look at and that fell due since some time.
    """

    expected: int
    due: int
    unseen: int
    covered: int
    newest: int


def count_objects(connection: duckdb.DuckDBPyConnection, snapshot_file: Path, spans: Sequence[Bounds]) -> list[int]:
    """How many objects of a snapshot lie in each of the spans, which ascend and do not overlap."""
    if list(spans) == [("", None)]:
        (row,) = connection.execute(f"SELECT count(*) FROM read_parquet({quoted(snapshot_file)})").fetchall()
        return [int(row[0])]
    keys = (
        f"SELECT file_row_number AS object_no, key FROM read_parquet({quoted(snapshot_file)}, file_row_number = true)"
    )
    cover(connection, "objects_covered", keys, spans)
    counted = dict(connection.execute("SELECT range_no, count(*) FROM objects_covered GROUP BY range_no").fetchall())
    for name in ("objects_covered", "objects_covered_ranges"):
        connection.execute(f"DROP TABLE {name}")
    return [int(counted.get(number, 0)) for number in range(len(spans))]


def count_items(
    connection: duckdb.DuckDBPyConnection, spans: Sequence[Bounds], *, now: datetime, since: datetime
) -> Items:
    """Count the items of the table ``expected_keys``; ``spans``, which ascend and do not overlap, are looked at."""
    cover(connection, "keys_covered", "SELECT key_no AS object_no, key FROM expected_keys", spans)
    due = f"coalesce(due_at <= {timestamp(now)}, false)"
    (row,) = connection.execute(
        "SELECT count(*), count(CASE WHEN due THEN 1 END), count(CASE WHEN due AND hidden THEN 1 END), "
        "count(CASE WHEN NOT hidden THEN 1 END), count(CASE WHEN due AND newest AND NOT hidden THEN 1 END) FROM ("
        f"SELECT k.item_no, bool_or({due}) AS due, bool_or(c.object_no IS NULL) AS hidden, "
        f"bool_or(coalesce(k.due_at > {timestamp(since)}, false)) AS newest "
        "FROM expected_keys AS k LEFT JOIN keys_covered AS c ON c.object_no = k.key_no GROUP BY k.item_no"
        ") AS items"
    ).fetchall()
    for name in ("keys_covered", "keys_covered_ranges"):
        connection.execute(f"DROP TABLE {name}")
    return Items(*map(int, row))
