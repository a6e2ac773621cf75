"""What it means for an analysis that the snapshot is a sample: each item's cluster, and what sizes can be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from recon_core.engine.connection import statement, timestamp
from recon_core.engine.evidence import BEYOND
from recon_core.snapshot import Sample

if TYPE_CHECKING:
    import duckdb

__all__ = ["COUNTED", "ClusterSql", "choose_copies", "clusters_of_items"]

COUNTED = {False: "true", True: "cluster IS NOT NULL"}
"""SQL of which items count for completeness, by whether the snapshot is a sample."""


@dataclass(frozen=True, slots=True)
class ClusterSql:
    """Parts of the statement that judges: an item's cluster, the one that lies nearest, and the join that brings it."""

    cluster: str = "CAST(NULL AS BIGINT)"
    nearest: str = "CAST(NULL AS BIGINT)"
    join: str = ""


def clusters_of_items(
    connection: duckdb.DuckDBPyConnection,
    sample: Sample | None,
    target_key: str,
    unfit: str,
    now: datetime,
    *,
    holes: bool,
) -> ClusterSql:
    """Say which cluster a due item belongs to, where all its keys were listed and are its own.

    Clusters are numbered from 1 on; 0 are items of datasets that were listed whole, and what was listed along.
    ``target_key`` and ``unfit`` are SQL over the columns of ``items``; ``holes``: there is evidence item by item.
    """
    if sample is None:
        return ClusterSql()
    cluster = (
        f"CASE WHEN due_at <= {timestamp(now)} AND evidence_state = 'listed' AND NOT {unfit} "
        "THEN coalesce(nearest_cluster, 0) END"
    )
    if not holes:
        return ClusterSql(cluster)
    connection.register("clusters", _table(sample))
    connection.execute(statement("item_clusters", target_key=target_key, now=timestamp(now)))
    return ClusterSql(cluster, "ic.cluster_no", "LEFT JOIN item_clusters AS ic ON ic.item_no = i.item_no")


def choose_copies(connection: duckdb.DuckDBPyConnection, now: datetime, *, sampled: bool) -> None:
    """Make the tables ``floors`` and ``best``. ``sampled``: copies were left out, as the table ``evidence`` says."""
    parts = {"now": timestamp(now)}
    if not sampled:
        connection.execute(statement("floors", **parts))
        connection.execute(
            statement("best_copies", floor="floor", least="f.floor", doubtful_until="CAST(NULL AS TIMESTAMP)")
        )
        return
    connection.execute(statement("part_sampled", **parts))
    connection.execute(statement("floors_sampled", copies=statement("finished_copies", **parts)))
    connection.execute(
        statement(
            "best_copies",
            floor="CASE WHEN size < least THEN least ELSE floor END",
            least="f.least",
            doubtful_until="max(CASE WHEN size >= least AND size < floor THEN last_modified END) "
            "OVER (PARTITION BY item_no)",
        )
    )


def _table(sample: Sample) -> Any:
    import pyarrow as pa

    bounds = list(pairwise([*sample.clusters, BEYOND]))
    return pa.table(
        {
            "cluster_no": pa.array(range(1, len(bounds) + 1), pa.int64()),
            "first_key": pa.array([first for first, _ in bounds], pa.string()),
            "next_key": pa.array([following for _, following in bounds], pa.string()),
        }
    )
