"""What changed between two snapshots: keys that appeared, vanished or changed, as far as both can tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recon_core.engine.connection import make_table, quoted, statement
from recon_core.engine.covering import cover
from recon_core.engine.keys import build_key_sql
from recon_core.engine.parsing import parse_unmatched
from recon_core.plan import Plan
from recon_core.plugins import Plugin, PluginFailure
from recon_core.snapshot import Snapshot
from recon_core.templates import sql_key_shape
from recon_core.times import format_utc

if TYPE_CHECKING:
    import duckdb

__all__ = ["CHANGES", "Seen", "diff_snapshots", "nothing_compared"]

CHANGES = ("vanished", "appeared", "changed", "unseen_now", "unseen_before")
"""The kinds of change: the last two are keys in a range that only one of the snapshots listed."""

SCHEMA_VERSION = 1

_SUMMED = ("objects", "bytes_before", "bytes_after", "same_content")
_SUMS = ", ".join(f"CAST(sum({name}) AS BIGINT) AS {name}" for name in _SUMMED)


@dataclass(frozen=True, slots=True)
class Seen:
    """A snapshot, and the Parquet file of its objects."""

    snapshot: Snapshot
    file: Path


def diff_snapshots(
    connection: duckdb.DuckDBPyConnection,
    plan: Plan,
    plugins: Mapping[str, Plugin],
    before: Seen,
    after: Seen,
    limit: int | None = None,
) -> dict[str, Any]:
    """The difference as in ``snapshot_diff.schema.json``, with at most ``limit`` groups.

    A key vanished only where the later snapshot listed its range, and appeared only where the earlier one did. Keys
    whose plugin fails to parse them count as unrecognised, with a warning.
    """
    for name, seen in (("objects_before", before), ("objects_after", after)):
        connection.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM read_parquet({quoted(seen.file)})")
    connection.execute(statement("differing"))
    _cover(connection, "before", before.snapshot, "appeared")
    _cover(connection, "after", after.snapshot, "vanished")
    failures = _recognise(connection, plan, plugins)
    connection.execute(statement("difference", shape=sql_key_shape("d.key")))
    counted = {
        row.pop("change"): row for row in _rows(connection, f"SELECT change, {_SUMS} FROM difference GROUP BY 1")
    }
    totals = {name: counted.get(name, dict.fromkeys(_SUMMED, 0)) for name in CHANGES}
    in_both = after.snapshot.objects - totals["appeared"]["objects"] - totals["unseen_before"]["objects"]
    (number,) = _rows(connection, "SELECT count(*) AS groups FROM difference")
    return {
        "schema_version": SCHEMA_VERSION,
        "lake": after.snapshot.lake,
        "before": _head(before.snapshot),
        "after": _head(after.snapshot),
        "not_compared": None,
        "totals": {**totals, "unchanged": in_both - totals["changed"]["objects"]},
        "datasets": _datasets(connection),
        "total_groups": number["groups"],
        "groups": _groups(connection, limit),
        "warnings": [failure.line() for failure in failures],
    }


def nothing_compared(after: Snapshot, reason: str) -> dict[str, Any]:
    """The document of a snapshot that there is nothing to compare with."""
    return {
        "schema_version": SCHEMA_VERSION,
        "lake": after.lake,
        "before": None,
        "after": _head(after),
        "not_compared": reason,
        "totals": None,
        "datasets": [],
        "total_groups": 0,
        "groups": [],
        "warnings": [],
    }


def _datasets(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """How many keys of each dataset have each kind of change; a source of null is keys that nobody recognises."""
    sums = ", ".join(
        f"CAST(sum(CASE WHEN change = {quoted(name)} THEN objects ELSE 0 END) AS BIGINT) AS {name}" for name in CHANGES
    )
    return _rows(
        connection,
        f"SELECT source, data_type, {sums} FROM difference GROUP BY source, data_type "
        "ORDER BY source NULLS LAST, data_type",
    )


def _groups(connection: duckdb.DuckDBPyConnection, limit: int | None) -> list[dict[str, Any]]:
    """By kind of change the commonest shapes of keys first, with an example or two."""
    rank = " ".join(f"WHEN {quoted(name)} THEN {place}" for place, name in enumerate(CHANGES))
    groups = _rows(
        connection,
        "SELECT change, source, data_type, shape, objects, CAST(bytes_before AS BIGINT) AS bytes_before, "
        "CAST(bytes_after AS BIGINT) AS bytes_after, CAST(same_content AS BIGINT) AS same_content, first_key, last_key "
        f"FROM difference ORDER BY CASE change {rank} END, objects DESC, source NULLS LAST, data_type, shape"
        + ("" if limit is None else f" LIMIT {limit}"),
    )
    for group in groups:
        group["examples"] = list(dict.fromkeys([group.pop("first_key"), group.pop("last_key")]))
    return groups


def _head(snapshot: Snapshot) -> dict[str, Any]:
    """What a difference says of each of the two snapshots."""
    return {
        "id": snapshot.id,
        "mode": snapshot.mode,
        "evidence_at": format_utc(snapshot.evidence_at),
        "simulated": snapshot.simulated,
        "objects": snapshot.objects,
        "bytes": snapshot.bytes,
    }


def _cover(connection: duckdb.DuckDBPyConnection, side: str, snapshot: Snapshot, change: str) -> None:
    """Make the table ``covered_<side>``: which keys with a change the snapshot would have seen."""
    listed = [(found.start, found.end) for found in snapshot.ranges if found.state == "listed"]
    if listed == [("", None)]:
        connection.execute(f"CREATE TEMP VIEW covered_{side} AS SELECT object_no FROM differing")
        return
    keys = f"SELECT object_no, key FROM differing WHERE change = {quoted(change)}"
    cover(connection, f"covered_{side}", keys, listed)


def _recognise(connection: duckdb.DuckDBPyConnection, plan: Plan, plugins: Mapping[str, Plugin]) -> list[PluginFailure]:
    """Make the tables ``recognised`` and ``layouts``: whose keys the differing ones are."""
    key_sql = build_key_sql(plan)
    connection.execute("CREATE TEMP VIEW objects_in_lake AS SELECT object_no, key FROM differing")
    connection.execute(
        "CREATE TEMP TABLE seen AS SELECT object_no, template_no FROM ("
        f"SELECT object_no, CASE {key_sql.match_cases} END AS template_no FROM objects_in_lake) AS matched "
        "WHERE template_no IS NOT NULL"
    )
    failures = parse_unmatched(connection, key_sql, plugins)
    connection.execute(
        "CREATE TEMP VIEW recognised AS SELECT object_no, template_no FROM seen "
        "UNION ALL SELECT object_no, template_no FROM parsed_keys"
    )
    make_table(
        connection,
        "layouts",
        "template_no INTEGER, source VARCHAR, data_type VARCHAR",
        [(use.number, use.layout.source, use.layout.data_type) for use in key_sql.uses],
    )
    return failures


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    result = connection.execute(query)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
