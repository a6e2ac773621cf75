"""Which keys lie in which of many ranges."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from recon_core.engine.connection import make_table, statement

if TYPE_CHECKING:
    import duckdb

__all__ = ["Bounds", "cover"]

Bounds = tuple[str, str | None]
"""Keys from the first (inclusive) to the second (exclusive; ``None``: to the last key)."""


def cover(connection: duckdb.DuckDBPyConnection, table: str, keys: str, ranges: Iterable[Bounds]) -> None:
    """Make ``table``: object_no and range_no of the keys that lie in a range, which is numbered from 0 on.

    ``keys`` is a query of object_no and key; the ranges ascend and do not overlap.
    """
    numbered = [(number, start, end) for number, (start, end) in enumerate(ranges)]
    make_table(connection, f"{table}_ranges", 'range_no BIGINT, "start" VARCHAR, "end" VARCHAR', numbered)
    connection.execute(statement("covered", table=table, ranges=f"{table}_ranges", keys=keys))
