"""Which items of the last analysis another tool's claims mean."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from recon_core.columns import number_column, text_column
from recon_core.engine.connection import quoted, statement
from recon_core.engine.outputs import all_rows, reading
from recon_core.workspace import Workspace

__all__ = ["ClaimRow", "match_claims"]

_COLUMNS = (
    "item, source, data_type, season, verdict, waived_verdict, found_key, target_key, size, last_modified, reason"
)


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One reading of a claim: ``name`` as an item, a key or an id, ``value`` as the value of an item's name."""

    claim_no: int
    name: str
    value: str
    source: str | None
    data_type: str | None
    season: str | None


def match_claims(ws: Workspace, claims: Iterable[ClaimRow]) -> list[dict[str, Any]]:
    """The rows of ``coverage.parquet`` that claims mean, each with its ``claim_no``, by claim and item.

    Raises ConfigError when ``coverage.parquet`` is absent or cannot be read.
    """
    import pyarrow as pa

    rows = list(claims)
    names = ("name", "value", "source", "data_type", "season")
    table = pa.table(
        {
            "claim_no": number_column([row.claim_no for row in rows]),
            **{name: text_column([getattr(row, name) for row in rows]) for name in names},
        }
    )
    with reading(ws, ws.coverage, "recon analyze") as connection:
        connection.register("claims", table)
        connection.execute(f"CREATE VIEW analyzed AS SELECT * FROM read_parquet({quoted(ws.coverage)})")
        columns = ", ".join(f"v.{name}" for name in _COLUMNS.split(", "))
        return all_rows(connection.execute(statement("claims", columns=columns, coverage="analyzed")))
