"""Step three: the proved gaps, ranked; and what became of the gaps of the previous queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from recon_core.engine.analyze import COVERAGE_COLUMNS, SEASON_TYPES
from recon_core.engine.connection import make_table, quoted, statement, timestamp
from recon_core.engine.matching import MATCHES
from recon_core.engine.prior import Prior, load_prior
from recon_core.engine.rules import PRIORITIES, CompiledRule, rule_columns
from recon_core.engine.sampled import COUNTED
from recon_core.plan import Plan

if TYPE_CHECKING:
    import duckdb

__all__ = ["AVAILABLE", "Changes", "Unseen", "detect"]


AVAILABLE = "available.parquet"
"""Of gaps of games, what other sources have of the game: ``item, available_from``."""


_WITH_CLUSTERS = "(SELECT c.*, t.cluster FROM coverage AS c JOIN season_types AS t ON t.row_no = c.row_no) AS clustered"


@dataclass(frozen=True, slots=True)
class Unseen:
    """What a run could not enumerate: a source, or one data type and season of it."""

    source: str
    data_type: str | None
    season: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Changes:
    """How the gaps differ from the previous queue's."""

    new: int
    closed: int
    reopened: int


def detect(
    connection: duckdb.DuckDBPyConnection,
    plan: Plan,
    coverage_file: Path,
    rules: Sequence[CompiledRule],
    unseen: Sequence[Unseen],
    *,
    sampled: bool,
    prior: Prior,
    out: Path,
) -> Changes:
    """Write ``gaps.parquet``, ``available.parquet`` and ``unverified.parquet`` into ``out``; leaves ``prior`` behind.

    Beside ``coverage_file`` lie its season types, with the clusters, and the matches. ``sampled``: the coverage is of a
    sample.

    Raises ReconError when the previous queue cannot be read.
    """
    load_prior(connection, prior)
    for name, path in [("coverage", coverage_file), ("season_types", coverage_file.with_name(SEASON_TYPES))]:
        connection.execute(
            f"CREATE VIEW {name} AS SELECT * EXCLUDE (file_row_number), file_row_number AS row_no "
            f"FROM read_parquet({quoted(path)}, file_row_number = true)"
        )
    connection.execute(f"CREATE VIEW matches AS SELECT * FROM read_parquet({quoted(coverage_file.with_name(MATCHES))})")
    connection.execute(
        statement(
            "gaps",
            now=timestamp(plan.now),
            rule_cases=" ".join(f"WHEN {rule.when_sql} THEN {place}" for place, rule in enumerate(rules)),
            priority_cases=" ".join(f"WHEN {place} THEN {quoted(rule.priority)}" for place, rule in enumerate(rules)),
            name_cases=" ".join(f"WHEN {place} THEN {quoted(rule.name)}" for place, rule in enumerate(rules)),
            rule_columns=rule_columns(plan, "c", "p"),
            completeness=statement(
                "completeness", items=_WITH_CLUSTERS if sampled else "coverage", counted=COUNTED[sampled]
            ),
        )
    )
    make_table(
        connection,
        "unseen",
        "source VARCHAR, data_type VARCHAR, season VARCHAR, reason VARCHAR",
        [(one.source, one.data_type, one.season, one.reason) for one in unseen],
    )
    make_table(connection, "planned", "source VARCHAR, data_type VARCHAR, season VARCHAR", _planned(plan))
    connection.execute(
        statement("unverified", now=timestamp(plan.now), narrowed="true" if plan.narrowed_seasons else "false")
    )
    rank = " ".join(f"WHEN {quoted(name)} THEN {place}" for place, name in enumerate(PRIORITIES))
    copies = {
        "gaps.parquet": f"SELECT {COVERAGE_COLUMNS}, priority, rule, age_days, completeness, first_seen FROM gaps "
        f"ORDER BY CASE priority {rank} END, date DESC NULLS LAST, source, data_type, item",
        AVAILABLE: statement("available"),
        "unverified.parquet": "SELECT item, source, data_type, season, first_seen, since, reason FROM unverified "
        "ORDER BY item",
    }
    for name, select in copies.items():
        connection.execute(f"COPY ({select}) TO {quoted(out / name)} (FORMAT parquet)")
    row = connection.execute(statement("changes")).fetchone()
    return Changes(*row) if row else Changes(0, 0, 0)


def _planned(plan: Plan) -> list[tuple[str, str, str]]:
    """Every (source, data type, season) that this run looks at."""
    return [(dataset.source, dataset.data_type, label) for dataset in plan.datasets for label in dataset.seasons]
