"""What the previous queue and its ledger say of earlier gaps."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from recon_core.api import ReconError
from recon_core.columns import moment_column, text_column
from recon_core.engine.connection import LAKE_NOTE, noted, quoted, statement
from recon_core.text import shown
from recon_core.times import parse_utc, to_us

if TYPE_CHECKING:
    import duckdb

__all__ = ["Prior", "load_prior", "other_place"]

_COLUMNS = "item, source, data_type, season, state, first_seen, unverified_since"


@dataclass(frozen=True, slots=True)
class Prior:
    """Where the past is kept: the queue that the run will replace and its ledger; ``None`` for none.

    ``place`` is the lake that the run is of (``Snapshot.place``).
    """

    queue_file: Path | None
    ledger: Path | None
    place: str | None = None


def other_place(connection: duckdb.DuckDBPyConnection, prior: Prior) -> str | None:
    """The lake that the past is of where that is another one; ``None`` where it is this one's, or does not say."""
    if prior.place is None or prior.ledger is None or prior.queue_file is None or not prior.queue_file.exists():
        return None
    of = noted(connection, prior.ledger, LAKE_NOTE)
    return None if of == prior.place else of


def load_prior(connection: duckdb.DuckDBPyConnection, prior: Prior) -> None:
    """Make the table ``prior``: item, source, data_type, season, state (open, unverified or closed), first_seen,
    unverified_since.

    The queue is what users hold; the ledger adds deferred and closed gaps. Without a queue there is no past.
    Raises ReconError when the queue cannot be read.
    """
    queue_file, ledger = prior.queue_file, prior.ledger
    rows = _read_queue(queue_file) if queue_file is not None and queue_file.exists() else None
    connection.register("queue_rows", _table([]) if rows is None else rows)
    ledger_rows = (
        f"SELECT {_COLUMNS} FROM read_parquet({quoted(ledger)})"
        if rows is not None and ledger is not None and ledger.exists()
        else f"SELECT {_COLUMNS} FROM queue_rows WHERE false"
    )
    connection.execute(statement("prior", ledger_rows=ledger_rows))


def _read_queue(path: Path) -> Any:
    import pyarrow as pa

    rows: dict[str, dict[str, Any]] = {}
    try:
        queue = json.loads(path.read_bytes())
        for task in queue["tasks"]:
            for item in task["items"]:
                rows[item["item"]] = {
                    "item": item["item"],
                    "source": task["source"],
                    "data_type": task["data_type"],
                    "season": task["season"],
                    "state": "open",
                    "first_seen": to_us(parse_utc(item["first_seen"])),
                    "unverified_since": None,
                }
        for entry in queue["unverified"]:
            source, data_type, *_ = entry["item"].split("/")
            rows[entry["item"]] = {
                "item": entry["item"],
                "source": unquote(source),
                "data_type": unquote(data_type),
                "season": None,
                "state": "unverified",
                "first_seen": None,
                "unverified_since": to_us(parse_utc(entry["since"])),
            }
        return _table(list(rows.values()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, pa.ArrowException) as error:
        raise ReconError(
            f"{shown(path)}: not a task queue ({shown(error)}): what it says "
            "of earlier gaps would be lost; restore it, or move it away to start afresh"
        ) from error


def _table(rows: list[dict[str, Any]]) -> Any:
    import pyarrow as pa

    texts = ("item", "source", "data_type", "season", "state")
    return pa.table(
        {name: text_column([row[name] for row in rows]) for name in texts}
        | {name: moment_column([row[name] for row in rows]) for name in ("first_seen", "unverified_since")}
    )
