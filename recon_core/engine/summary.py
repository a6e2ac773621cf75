"""Counts for the report, read from the outputs themselves so that report and files cannot disagree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recon_core.engine.analyze import SEASON_TYPES
from recon_core.engine.connection import quoted, statement, timestamp
from recon_core.engine.estimate import completeness_intervals
from recon_core.engine.inputs import Expectation
from recon_core.engine.rules import PRIORITIES
from recon_core.engine.sampled import COUNTED
from recon_core.plan import Plan
from recon_core.templates import sql_key_shape

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "LEAST_DAYS",
    "RUN_ORDER",
    "coverage_summary",
    "gap_summary",
    "object_summary",
    "run_summary",
    "unknown_summary",
]

_VERDICTS = ("present", "missing", "stale", "undersized", "not_due", "excused", "unknown")
_SHAPES = 20
_RUNS = 20

LEAST_DAYS = 2
"""From how many days on a stretch without data is told."""

RUN_ORDER = "items DESC, source, data_type, season, first"
"""The longest stretches first."""


def coverage_summary(
    connection: duckdb.DuckDBPyConnection, plan: Plan, expectation: Expectation, coverage_file: Path, *, sampled: bool
) -> list[dict[str, Any]]:
    """A row per source, data type and season that is wanted; ``excused`` includes the ``waived``.

    ``sampled``: only a sample was seen, so completeness is an estimate, with an interval if nothing else hides items.
    Where nobody could say what should exist, ``expected`` and ``unknown`` are ``None``: not nothing, but not known.
    """
    coverage = _with_clusters(coverage_file) if sampled else f"read_parquet({quoted(coverage_file)})"
    counts = ", ".join(f"sum(CASE WHEN verdict = {quoted(name)} THEN 1 ELSE 0 END)" for name in _VERDICTS)
    found = {
        row[:3]: row[3:]
        for row in connection.execute(
            f"SELECT source, data_type, season, count(*), {counts}, count(waived_verdict), "
            "sum(CASE WHEN verdict = 'unknown' AND reason LIKE 'sampled out:%' THEN 1 ELSE 0 END) "
            f"FROM {coverage} GROUP BY source, data_type, season"
        ).fetchall()
    }
    completeness = {
        row[:3]: row[3]
        for row in connection.execute(statement("completeness", items=coverage, counted=COUNTED[sampled])).fetchall()
    }
    intervals = completeness_intervals(connection, coverage) if sampled else {}
    rows = []
    for dataset in plan.datasets:
        for season in dataset.seasons:
            key = (dataset.source, dataset.data_type, season)
            expected, *verdicts, waived, sampled_out = found.get(key, (0,) * 10)
            row: dict[str, Any] = {
                "source": dataset.source,
                "data_type": dataset.data_type,
                "season": season,
                "expected": int(expected),
                **{name: int(count) for name, count in zip(_VERDICTS, verdicts, strict=True)},
                "waived": int(waived),
            }
            row["completeness"] = completeness.get(key)
            bounds = _bounds(row)
            interval = intervals.get(key) if row["unknown"] and row["unknown"] == sampled_out else None
            row["ci95"] = _clipped(interval, bounds) if interval and bounds else None
            row["bounds"] = None if row["ci95"] else bounds
            row["completeness_threshold"] = dataset.completeness_threshold
            row["required"] = dataset.required
            if key in expectation.undetermined or (dataset.source in expectation.failed and not expected):
                row["expected"] = row["unknown"] = None
            rows.append(row)
    return rows


def _with_clusters(coverage_file: Path) -> str:
    """SQL of the coverage's rows, each with its cluster from the file beside it."""
    beside = coverage_file.with_name(SEASON_TYPES)
    return (
        f"(SELECT c.*, t.cluster FROM read_parquet({quoted(coverage_file)}, file_row_number = true) AS c "
        f"JOIN read_parquet({quoted(beside)}, file_row_number = true) AS t "
        "ON t.file_row_number = c.file_row_number) AS clustered"
    )


def _bounds(row: Mapping[str, Any]) -> list[float] | None:
    """The completeness if all unknown items were gaps, and if all were present."""
    most = row["present"] + row["missing"] + row["stale"] + row["undersized"] + row["unknown"]
    return [row["present"] / most, (row["present"] + row["unknown"]) / most] if row["unknown"] else None


def _clipped(interval: tuple[float, float], bounds: Sequence[float]) -> list[float]:
    """The interval without what is certainly wrong."""
    return [max(interval[0], bounds[0]), min(interval[1], bounds[1])]


def unknown_summary(
    connection: duckdb.DuckDBPyConnection, plan: Plan, expectation: Expectation, coverage_file: Path
) -> dict[str, Any]:
    """Unknown items: all, those that are required and due for another reason than sampling, and by reason.

    A required data type and season of which nobody could say what should exist counts as one of them: it hides an
    unknown number.
    """
    untold = sum(
        dataset.required and (dataset.source, dataset.data_type, season) in expectation.undetermined
        for dataset in plan.datasets
        for season in dataset.seasons
    )
    rows = connection.execute(
        "SELECT CASE WHEN reason LIKE '%:%' THEN split_part(reason, ':', 1) ELSE reason END AS class, count(*), "
        f"sum(CASE WHEN required AND coalesce(due_at <= {timestamp(plan.now)}, false) THEN 1 ELSE 0 END) "
        f"FROM read_parquet({quoted(coverage_file)}) WHERE verdict = 'unknown' GROUP BY class ORDER BY class"
    ).fetchall()
    return {
        "total": sum(int(count) for _, count, _ in rows),
        "required_due": sum(int(due) for name, _, due in rows if name != "sampled out") + untold,
        "by_reason": {name: int(count) for name, count, _ in rows},
    }


def object_summary(connection: duckdb.DuckDBPyConnection, objects_file: Path, total: int) -> dict[str, Any]:
    """Objects by kind, and the commonest shapes of the unrecognised ones with an example each."""
    source = f"read_parquet({quoted(objects_file)})"
    kinds = dict(connection.execute(f"SELECT kind, count(*) FROM {source} GROUP BY kind").fetchall())
    shapes = connection.execute(
        "SELECT shape, count(*) AS objects, min(key) AS example "
        f"FROM (SELECT key, {sql_key_shape('key')} AS shape FROM {source} WHERE kind = 'unrecognised') AS shaped "
        f"GROUP BY shape ORDER BY objects DESC, shape LIMIT {_SHAPES}"
    ).fetchall()
    return {
        "total": total,
        "items": total - sum(kinds.values()),
        **{name: kinds.get(name, 0) for name in ("duplicate", "out_of_scope", "orphan", "unrecognised")},
        "shapes": [{"shape": shape, "objects": count, "example": example} for shape, count, example in shapes],
    }


def run_summary(connection: duckdb.DuckDBPyConnection, coverage_file: Path) -> list[dict[str, Any]]:
    """The longest stretches of days on which a data type has no data at all, at most 20 of them."""
    runs = statement(
        "runs", coverage=f"read_parquet({quoted(coverage_file)})", condition="", least_days=str(LEAST_DAYS)
    )
    rows = connection.execute(f"SELECT * FROM ({runs}) AS found ORDER BY {RUN_ORDER} LIMIT {_RUNS}").fetchall()
    return [
        {
            "source": source,
            "data_type": data_type,
            "season": season,
            "first": first.isoformat(),
            "last": last.isoformat(),
            "days": days,
            "items": items,
        }
        for source, data_type, season, first, last, days, items in rows
    ]


def gap_summary(connection: duckdb.DuckDBPyConnection, gaps_file: Path) -> dict[str, Any]:
    """Gaps by priority and by verdict."""
    rows = connection.execute(
        f"SELECT priority, verdict, count(*) FROM read_parquet({quoted(gaps_file)}) GROUP BY priority, verdict"
    ).fetchall()
    return {
        "total": sum(count for _, _, count in rows),
        "by_priority": {
            name.lower(): sum(count for priority, _, count in rows if priority == name) for name in PRIORITIES
        },
        "by_verdict": {
            name: sum(count for _, verdict, count in rows if verdict == name)
            for name in ("missing", "stale", "undersized")
        },
    }
