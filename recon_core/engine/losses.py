"""Items that had a copy when they were last seen and have none now: what the guard against a sudden loss looks at.

The baseline is the coverage of the last analysis, and beside it ``baseline.parquet``: the items that had a copy in an
earlier one and of which the last found none or could not tell. A row with the state ``missing`` stands there until a
run accepts the loss, one with ``unknown`` until a run can tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from recon_core.engine.connection import LAKE_NOTE, noted, notes, quoted, statement
from recon_core.engine.damage import GeneratedFile
from recon_core.engine.detect import Unseen
from recon_core.templates import sql_key_shape

if TYPE_CHECKING:
    import duckdb

__all__ = ["BASELINE_COLUMNS", "Baseline", "Loss", "find_losses", "settle_losses"]

BASELINE_COLUMNS = ("item", "source", "data_type", "season", "found_key", "state")
_CYCLE = "recon.cycle_id"


@dataclass(frozen=True, slots=True)
class Loss:
    """The items of a dataset that are gone, of those that had a copy and of which this run can tell.

    ``shape`` is what most of the keys looked like under which the lost ones lay.
    """

    source: str
    data_type: str
    lost: int
    known: int
    shape: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """The last analysis' ``coverage.parquet`` and ``baseline.parquet``, as far as there are any."""

    coverage: GeneratedFile
    carried: GeneratedFile


def find_losses(
    connection: duckdb.DuckDBPyConnection,
    baseline: Baseline,
    coverage_file: Path,
    unseen: Sequence[Unseen],
    *,
    lake: str,
    cycle_id: str,
    out: Path,
) -> tuple[tuple[Loss, ...], list[str]]:
    """Write ``baseline.parquet`` into the folder ``out``; what was lost, a row a dataset, and warnings.

    A baseline of another lake is none, and one that cannot be read is none with a warning: the next analysis has a new
    one.
    """
    import duckdb

    found: tuple[Loss, ...] = ()
    warnings = []
    try:
        found = _find(connection, baseline, coverage_file, unseen, lake)
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:
        broken = [file for file in (baseline.coverage, baseline.carried) if file.path.is_file() and file.damage()]
        if not broken:
            raise
        warnings.append(f"{broken[0].shown} of the last analysis is damaged: nothing says what was lost since then")
        for kind, name in (("VIEW", "earlier"), ("VIEW", "coverage"), ("TABLE", "losses")):
            connection.execute(f"DROP {kind} IF EXISTS {name}")
        connection.execute(_empty())
    _write(connection, cycle_id, out / "baseline.parquet")
    return found, warnings


def settle_losses(
    connection: duckdb.DuckDBPyConnection,
    carried: Path,
    refused: Sequence[tuple[str, str]],
    *,
    cycle_id: str,
    out: Path,
) -> None:
    """Write ``baseline.parquet`` without the lost items of every dataset (source, data type) that is not ``refused``.

    A file that a later analysis wrote is kept as it is: what that one found lost was not judged here.
    """
    found = noted(connection, carried, _CYCLE)
    kept = " OR ".join(f"(source = {quoted(one)} AND data_type = {quoted(other)})" for one, other in refused) or "false"
    where = f"state = 'unknown' OR {kept}" if found == cycle_id else "true"
    connection.execute(
        f"CREATE TABLE losses AS SELECT {', '.join(BASELINE_COLUMNS)} "
        f"FROM read_parquet({quoted(carried)}) WHERE {where}"
    )
    _write(connection, found or cycle_id, out / "baseline.parquet")


def _find(
    connection: duckdb.DuckDBPyConnection,
    baseline: Baseline,
    coverage_file: Path,
    unseen: Sequence[Unseen],
    lake: str,
) -> tuple[Loss, ...]:
    if noted(connection, baseline.coverage.path, LAKE_NOTE) != lake:
        connection.execute(_empty())
        return ()
    columns = ", ".join(BASELINE_COLUMNS[:-1])
    earlier = [f"SELECT {columns} FROM read_parquet({quoted(baseline.coverage.path)}) WHERE found_key IS NOT NULL"]
    if baseline.carried.path.is_file():
        earlier.append(f"SELECT {columns} FROM read_parquet({quoted(baseline.carried.path)})")
    connection.execute(f"CREATE VIEW earlier AS {' UNION ALL '.join(earlier)}")
    connection.execute(f"CREATE VIEW coverage AS SELECT * FROM read_parquet({quoted(coverage_file)})")
    connection.execute(statement("losses", unseen=" OR ".join(map(_unseen_test, unseen)) or "false"))
    anything = connection.execute("SELECT 1 FROM losses WHERE state = 'missing' LIMIT 1").fetchone()
    if anything is None:
        return ()
    counted = connection.execute(statement("loss_counts", shape=sql_key_shape("found_key"))).fetchall()
    return tuple(Loss(*row) for row in counted)


def _unseen_test(one: Unseen) -> str:
    pairs = (("source", one.source), ("data_type", one.data_type), ("season", one.season))
    return "(" + " AND ".join(f"e.{name} = {quoted(value)}" for name, value in pairs if value is not None) + ")"


def _empty() -> str:
    columns = ", ".join(f"CAST(NULL AS VARCHAR) AS {name}" for name in BASELINE_COLUMNS)
    return f"CREATE TABLE losses AS SELECT {columns} WHERE false"


def _write(connection: duckdb.DuckDBPyConnection, cycle_id: str, target: Path) -> None:
    select = f"SELECT {', '.join(BASELINE_COLUMNS)} FROM losses ORDER BY item"
    connection.execute(f"COPY ({select}) TO {quoted(target)} (FORMAT parquet, {notes({_CYCLE: cycle_id})})")
