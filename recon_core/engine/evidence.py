"""What a snapshot's ranges prove about each item: one answer for all where the listing was whole, else item by item."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from recon_core.engine.connection import make_table, quoted, statement, timestamp
from recon_core.engine.keys import KeySql
from recon_core.snapshot import KeyRange, prefix_end
from recon_core.text import shown

if TYPE_CHECKING:
    import duckdb

__all__ = ["BEYOND", "Evidence", "Stretch", "listed_whole", "partition", "prove"]

# As long as a key may be, in the largest characters there are.
BEYOND = "\U0010ffff" * 257
"""A text beyond every key."""

_STATES = {"listed": "listed", "denied": "denied", "sampled_out": "sampled out"}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the key space, ``start`` inclusive to ``end`` exclusive, of which one thing is known."""

    start: str
    end: str | None
    state: str
    error: str
    evidence_at: datetime | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Parts of the coverage statement: the columns that say what was covered, and the join that brings them."""

    columns: str
    join: str


def partition(ranges: Sequence[KeyRange]) -> list[Stretch]:
    """The whole key space from the empty key on, holes included, neighbours of one kind merged."""
    stretches: list[Stretch] = []
    position: str | None = ""
    for found in sorted(ranges, key=lambda found: found.start.encode("utf-8", "surrogatepass")):
        if position is None:
            break
        if found.start > position:
            _append(stretches, Stretch(position, found.start, "not scanned", _between(position, found.start), None))
        error = found.error or ("outside the sample" if found.state == "sampled_out" else "")
        _append(stretches, Stretch(found.start, found.end, _STATES[found.state], shown(error), found.evidence_at))
        position = found.end
    if position is not None:
        _append(stretches, Stretch(position, None, "not scanned", _between(position, None), None))
    return stretches


def _between(start: str, end: str | None) -> str:
    upper = f" to {end!r}" if end is not None else " on"
    return shown(f"keys from {start!r}{upper} were not listed")


def _append(stretches: list[Stretch], new: Stretch) -> None:
    last = stretches[-1] if stretches else None
    if last and (last.state, last.error, last.evidence_at) == (new.state, new.error, new.evidence_at):
        stretches[-1] = Stretch(last.start, new.end, last.state, last.error, last.evidence_at)
    else:
        stretches.append(new)


def listed_whole(prefix: str, stretches: Sequence[Stretch], states: Collection[str] = ("listed",)) -> bool:
    """Whether every key that begins with the prefix lies in a stretch of one of the states."""
    end = prefix_end(prefix)
    return all(
        found.state in states
        for found in stretches
        if (found.end is None or found.end > prefix) and (end is None or found.start < end)
    )


def prove(
    connection: duckdb.DuckDBPyConnection, ranges: Sequence[KeyRange], key_sql: KeySql, now: datetime
) -> Evidence:
    """Say what the ranges prove; makes the table ``evidence`` where they do not prove the same of every item."""
    stretches = partition(ranges)
    if len(stretches) == 1 and stretches[0].state == "listed":
        (whole,) = stretches
        return Evidence(
            f"'listed' AS evidence_state, '' AS evidence_error, {timestamp(whole.evidence_at)} AS evidence_at",
            "",
        )
    make_table(
        connection,
        "ranges",
        '"start" VARCHAR, "end" VARCHAR, state VARCHAR, error VARCHAR, evidence_at TIMESTAMP',
        [
            (s.start, s.end or BEYOND, s.state, s.error, s.evidence_at.replace(tzinfo=None) if s.evidence_at else None)
            for s in stretches
        ],
    )
    connection.execute(
        statement(
            "evidence",
            candidates=key_sql.candidates(f"due_at <= {timestamp(now)}"),
            # Two comparisons and nothing else, so that the join can sort: a sample has thousands of ranges.
            in_range='k.key >= r."start" AND k.key < r."end"',
        )
    )
    for use in key_sql.uses:
        if use.template is None and use.dataset_no is not None:
            _prefix_evidence(connection, use.dataset_no, use.layout.prefixes)
    return Evidence(
        "e.state AS evidence_state, e.error AS evidence_error, e.evidence_at AS evidence_at",
        "LEFT JOIN (SELECT item_no, "
        "CASE min(CASE state WHEN 'denied' THEN 0 WHEN 'not scanned' THEN 1 WHEN 'sampled out' THEN 2 ELSE 3 END) "
        "WHEN 0 THEN 'denied' WHEN 1 THEN 'not scanned' WHEN 2 THEN 'sampled out' ELSE 'listed' END AS state, "
        "coalesce(min(CASE WHEN state = 'denied' THEN error END), min(CASE WHEN state = 'not scanned' THEN error END), "
        "min(CASE WHEN state = 'sampled out' THEN error END), '') AS error, "
        "min(evidence_at) AS evidence_at FROM evidence GROUP BY item_no) AS e "
        "ON e.item_no = i.item_no",
    )


def _prefix_evidence(connection: duckdb.DuckDBPyConnection, dataset_no: int, prefixes: Sequence[str]) -> None:
    """Where a plugin parses the keys, an item may lie anywhere below the dataset's prefixes: all must be covered."""
    for prefix in prefixes:
        end = prefix_end(prefix)
        upper = f'r."start" < {quoted(end)}' if end is not None else "true"
        connection.execute(
            "INSERT INTO evidence SELECT i.item_no, r.state, r.error, r.evidence_at FROM items AS i, ranges AS r "
            f'WHERE i.dataset_no = {dataset_no} AND {upper} AND r."end" > {quoted(prefix)}'
        )
