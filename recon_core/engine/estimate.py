"""How complete a sampled lake is: an interval per source, data type and season, from its sampled clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recon_core.engine.connection import statement
from recon_core.engine.interval import LEAST_CLUSTERS, Totals, gap_share_interval

if TYPE_CHECKING:
    import duckdb

__all__ = ["completeness_intervals"]


def completeness_intervals(
    connection: duckdb.DuckDBPyConnection, coverage: str
) -> dict[tuple[str, str, str], tuple[float, float]]:
    """The 95 % intervals of completeness, where there are enough sampled clusters.

    ``coverage`` is SQL of a relation with the columns of ``coverage.parquet``. Only clusters that hold items which are
    due and not excused count.
    """
    found = {}
    for row in connection.execute(statement("sample_totals", coverage=coverage)).fetchall():
        due, clusters, items, items_squared = (int(value) for value in row[3:7])
        if clusters < LEAST_CLUSTERS:
            continue
        least, most = (
            Totals(
                clusters=clusters,
                items=items,
                items_squared=items_squared,
                gaps=float(gaps),
                gaps_squared=float(squared),
                items_gaps=float(product),
            )
            for gaps, squared, product in (row[7:10], row[10:13])
        )
        fewest, _ = gap_share_interval(least, items / due)
        _, highest = gap_share_interval(most, items / due)
        found[row[0], row[1], row[2]] = (1 - highest, 1 - fewest)
    return found
