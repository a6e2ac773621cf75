"""Step four: the task queue."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recon_core.engine.connection import LAKE_NOTE, notes, quoted, statement
from recon_core.engine.prior import Prior, load_prior
from recon_core.engine.rules import PRIORITIES
from recon_core.files import disk_errors
from recon_core.plan import Plan
from recon_core.times import format_utc

if TYPE_CHECKING:
    import duckdb

__all__ = ["QueueCounts", "QueueHead", "generate"]

_COLLECT_WITHIN = {
    "CRITICAL": timedelta(),
    "HIGH": timedelta(hours=24),
    "MEDIUM": timedelta(days=7),
    "LOW": timedelta(days=30),
}
_FETCH = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueHead:
    """What stands above the tasks."""

    cycle_id: str
    as_of: datetime
    lake: str
    scope: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCounts:
    """What the queue holds, and what it does not: deferred by a cap, or withheld by a guard."""

    tasks: int
    gaps: int
    by_priority: Mapping[str, int]
    deferred_tasks: int
    deferred_gaps: int
    withheld_tasks: int
    withheld_gaps: int
    unverified: int


def generate(
    connection: duckdb.DuckDBPyConnection,
    plan: Plan,
    head: QueueHead,
    gaps_file: Path,
    available_file: Path,
    unverified_file: Path,
    withheld: Sequence[tuple[str, str]],
    *,
    batch_size: int,
    max_tasks: int | None,
    max_tasks_per_priority: int | None,
    prior: Prior,
    out: Path,
) -> QueueCounts:
    """Write ``gaps.json`` and ``ledger.parquet`` into the folder ``out``; no tasks for the ``withheld`` datasets.

    Raises ReconError when the previous queue cannot be read.
    """
    load_prior(connection, prior)
    connection.execute(f"CREATE VIEW gaps AS SELECT * FROM read_parquet({quoted(gaps_file)})")
    connection.execute(f"CREATE VIEW available AS SELECT * FROM read_parquet({quoted(available_file)})")
    connection.execute(f"CREATE VIEW unverified AS SELECT * FROM read_parquet({quoted(unverified_file)})")
    of = f", {notes({LAKE_NOTE: prior.place})}" if prior.place is not None else ""
    connection.execute(f"COPY ({statement('ledger')}) TO {quoted(out / 'ledger.parquet')} (FORMAT parquet{of})")
    scrapers = " ".join(
        f"WHEN source = {quoted(dataset.source)} AND data_type = {quoted(dataset.data_type)} "
        f"THEN {quoted(dataset.scraper)}"
        for dataset in plan.datasets
    )
    refused = " OR ".join(f"(source = {quoted(one)} AND data_type = {quoted(other)})" for one, other in withheld)
    inside = " OR ".join(
        f"(source = {quoted(dataset.source)} AND data_type = {quoted(dataset.data_type)})"
        for dataset in plan.datasets
        if dataset.layout.inside is not None
    )
    connection.execute(
        statement(
            "batched",
            batch_size=str(batch_size),
            scraper_cases=scrapers or "WHEN false THEN ''",
            withheld=f"({refused})" if refused else "false",
            container=f"CASE WHEN {inside} THEN target_key ELSE '' END" if inside else "''",
        )
    )
    rank = " ".join(f"WHEN {quoted(name)} THEN {place}" for place, name in enumerate(PRIORITIES))
    connection.execute(statement("tasks", priority_rank=f"CASE priority {rank} END"))
    capped = [f"priority_no <= {max_tasks_per_priority}"] if max_tasks_per_priority is not None else []
    limit = f"LIMIT {max_tasks}" if max_tasks is not None else ""
    connection.execute(
        f"CREATE TABLE kept_tasks AS SELECT * FROM tasks WHERE {' AND '.join(capped) or 'true'} "
        f"ORDER BY task_no {limit}"
    )
    counts = _count(connection)
    _write(connection, plan, head, counts, out / "gaps.json")
    return counts


def _count(connection: duckdb.DuckDBPyConnection) -> QueueCounts:
    kept = dict(connection.execute("SELECT priority, count(*) FROM kept_tasks GROUP BY priority").fetchall())

    def row(query: str) -> tuple[int, int]:
        found = connection.execute(query).fetchone()
        return (int(found[0]), int(found[1])) if found else (0, 0)

    all_tasks, open_gaps = row("SELECT count(*), coalesce(sum(gaps), 0) FROM tasks")
    kept_tasks, kept_gaps = row("SELECT count(*), coalesce(sum(gaps), 0) FROM kept_tasks")
    withheld_tasks, withheld_gaps = row(
        "SELECT count(*), coalesce(sum(n), 0) FROM (SELECT count(*) AS n FROM batched WHERE withheld "
        "GROUP BY priority, source, scraper, data_type, season, container, batch) AS w"
    )
    unverified, _ = row("SELECT count(*), 0 FROM unverified")
    return QueueCounts(
        tasks=kept_tasks,
        gaps=kept_gaps,
        by_priority={name.lower(): kept.get(name, 0) for name in PRIORITIES},
        deferred_tasks=all_tasks - kept_tasks,
        deferred_gaps=open_gaps - kept_gaps,
        withheld_tasks=withheld_tasks,
        withheld_gaps=withheld_gaps,
        unverified=unverified,
    )


def _write(
    connection: duckdb.DuckDBPyConnection,
    plan: Plan,
    head: QueueHead,
    counts: QueueCounts,
    target: Path,
) -> None:
    unverified = connection.execute("SELECT item, since, reason FROM unverified ORDER BY item").fetchall()
    tasks = connection.execute(
        "SELECT task_no, id, priority, source, scraper, data_type, season, gaps FROM kept_tasks ORDER BY task_no"
    ).fetchall()
    minutes = {(dataset.source, dataset.data_type): dataset.minutes_per_file for dataset in plan.datasets}
    top = {
        "schema_version": 1,
        "cycle_id": head.cycle_id,
        "as_of": format_utc(head.as_of),
        "lake": head.lake,
        "scope": head.scope,
        "total_tasks": counts.tasks,
        "total_gaps": counts.gaps + counts.deferred_gaps + counts.withheld_gaps,
        "by_priority": counts.by_priority,
        "deferred": {
            "tasks": counts.deferred_tasks + counts.withheld_tasks,
            "gaps": counts.deferred_gaps + counts.withheld_gaps,
        },
    }
    entries = _entries(connection.execute(statement("task_items")))
    with disk_errors(target), target.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write("{\n")
        for name, value in top.items():
            stream.write(f"  {json.dumps(name)}: {_dump(value)},\n")
        _write_list(
            stream,
            "unverified",
            (
                f"    {_dump({'item': item, 'since': _format(since), 'reason': reason})}"
                for item, since, reason in unverified
            ),
        )
        stream.write(",\n")
        _write_list(stream, "tasks", _task_texts(tasks, entries, head, minutes))
        stream.write("\n}\n")


def _format(moment: datetime) -> str:
    return moment.isoformat() + "Z"


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _write_list(stream: Any, name: str, texts: Iterable[str]) -> None:
    stream.write(f"  {json.dumps(name)}: [")
    empty = True
    for text in texts:
        stream.write("\n" if empty else ",\n")
        stream.write(text)
        empty = False
    stream.write("]" if empty else "\n  ]")


def _entries(result: Any) -> Iterable[str]:
    while rows := result.fetchmany(_FETCH):
        for _, entry in rows:
            yield entry


def _task_texts(
    tasks: Sequence[tuple[Any, ...]],
    entries: Iterable[str],
    head: QueueHead,
    minutes: Mapping[tuple[str, str], float],
) -> Iterable[str]:
    stream = iter(entries)
    for _, identity, priority, source, scraper, data_type, season, gaps in tasks:
        fields = {
            "id": identity,
            "priority": priority,
            "status": "pending",
            "collect_by": format_utc(head.as_of + _COLLECT_WITHIN[priority]),
            "source": source,
            "data_type": data_type,
            "season": season,
            "scraper": scraper,
            "missing_files": gaps,
            "estimated_time_minutes": _minutes(gaps, minutes[source, data_type]),
        }
        items = ",\n".join(f"        {next(stream)}" for _ in range(gaps))
        head_text = _dump(fields)[1:-1]
        yield f'    {{\n      {head_text},\n      "items": [\n{items}\n      ]\n    }}'


def _minutes(gaps: int, each: float) -> int | float:
    """Exact in decimals, so that 3 x 0.1 is 0.3; a whole number without a point."""
    total = gaps * Decimal(str(each))
    return int(total) if total == total.to_integral_value() else float(total)
