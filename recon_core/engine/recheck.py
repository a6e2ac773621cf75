"""What an old snapshot leaves to be looked at again: where a few fresh pages of listing would settle a verdict."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import TYPE_CHECKING

from recon_core.engine.analyze import judge
from recon_core.engine.connection import make_table, statement, timestamp
from recon_core.engine.inputs import AnalysisInputs
from recon_core.engine.keys import TemplateUse, seen_datasets
from recon_core.lake.known import KnownKeys
from recon_core.lake.spans import Span, within
from recon_core.snapshot import prefix_end

if TYPE_CHECKING:
    import duckdb

    from recon_core.plugins import Registry

__all__ = ["Stretches", "stretches_to_recheck"]

_PAGE_KEYS = 1000
_MOST_KNOWN = 8192


@dataclass(frozen=True, slots=True)
class Stretches:
    """Ranges of keys, ``start`` inclusive to ``end`` exclusive, in order and apart; for how many items they are.

    ``known`` are keys and folders at which listings of them can be cut.
    """

    ranges: tuple[tuple[str, str | None], ...]
    items: int
    known: KnownKeys


def stretches_to_recheck(
    connection: duckdb.DuckDBPyConnection,
    inputs: AnalysisInputs,
    registry: Registry,
    *,
    gaps_before: datetime,
    most: int,
    claimed: Sequence[Span] = (),
) -> Stretches:
    """At most ``most`` stretches in which the keys lie of items whose verdict rests on evidence that is too old.

    These are the items that are unknown for that reason, as those are that fell due since; the gaps that were proved by
    evidence from before ``gaps_before``; and what lies in containers that could not be read, for most often these were
    rewritten since, and the snapshot names a version that is no more. Neighbours are looked at together where that
    costs no more pages.

    ``claimed`` are spans in which the snapshot need not have looked, so that nobody knows how much lies there: the keys
    of two data types are never looked at together there, and all that a data type may have where no key of it was seen,
    for that it has none at all is more likely a mistake of the configuration than a loss.
    """
    key_sql = judge(connection, inputs, registry).key_sql
    connection.execute(
        "CREATE TABLE rechecked AS SELECT item_no, dataset_no FROM judged "
        "WHERE (verdict = 'unknown' AND (doubt LIKE 'evidence too old:%' OR doubt LIKE 'unreadable:%')) "
        f"OR (verdict IN ('missing', 'stale', 'undersized') AND evidence_at < {timestamp(gaps_before)})"
    )
    row = connection.execute("SELECT count(*) FROM rechecked").fetchone()
    if row is None or not row[0]:
        return Stretches((), 0, KnownKeys())
    # Every thousandth key, chosen by its hash: about where the pages of a listing would end.
    connection.execute(
        "CREATE TABLE recheck_marks AS SELECT key FROM objects_in_lake "
        f"WHERE key IS NOT NULL AND hash(key) % {_PAGE_KEYS} = 0"
    )
    marks = _texts(connection, "SELECT key FROM recheck_marks ORDER BY key")
    edges = {edge for use in key_sql.uses for prefix in _prefixes(use) for edge in (prefix, prefix_end(prefix)) if edge}
    bounds = [edge for edge in sorted(edges) if any(span.holds(edge) for span in claimed)]
    make_table(connection, "recheck_bounds", "key VARCHAR", [(bound,) for bound in bounds])
    connection.execute(
        f"CREATE TABLE recheck_keys AS {key_sql.candidates('item_no IN (SELECT item_no FROM rechecked)')}"
    )
    found = connection.execute(
        statement(
            "recheck",
            marks="SELECT key FROM recheck_marks UNION SELECT key FROM recheck_bounds",
            candidates="SELECT key FROM recheck_keys",
        )
    ).fetchall()
    ranges: list[tuple[str, str | None]] = [(first, f"{last}\0") for first, last in found]
    folders = _texts(
        connection,
        "SELECT DISTINCT regexp_extract(key, '(?s)^.*/') AS folder FROM recheck_keys WHERE key IS NOT NULL "
        f"ORDER BY folder LIMIT {_MOST_KNOWN}",
    )
    found_some = seen_datasets(connection, key_sql)
    datasets = {number for (number,) in connection.execute("SELECT DISTINCT dataset_no FROM rechecked").fetchall()}
    for use in key_sql.uses:
        if use.dataset_no not in datasets:
            continue
        if use.dataset_no not in found_some:
            whole = [span for prefix in _prefixes(use) for span in within(claimed, prefix, prefix_end(prefix))]
            ranges += [(span.start, span.end) for span in whole]
        if use.template is None:
            # The plugin reads these keys itself, so an item may lie anywhere below the prefixes.
            ranges += [(prefix, prefix_end(prefix)) for prefix in use.layout.prefixes]
            folders += use.layout.prefixes
    every = ceil(len(marks) / _MOST_KNOWN) or 1
    known = KnownKeys(marks[every - 1 :: every], every * _PAGE_KEYS, folders)
    return Stretches(tuple(_at_most(_apart(ranges), marks, most, bounds)), int(row[0]), known)


def _prefixes(use: TemplateUse) -> Sequence[str]:
    """What the keys of a template begin with."""
    return use.layout.prefixes if use.template is None else [use.template.literal_prefix]


def _texts(connection: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    return [text for (text,) in connection.execute(query).fetchall()]


def _apart(ranges: list[tuple[str, str | None]]) -> list[tuple[str, str | None]]:
    """The same keys, in order; what overlaps or touches is one."""
    found: list[tuple[str, str | None]] = []
    for start, end in sorted(ranges, key=lambda one: one[0]):
        last = found[-1] if found else None
        if last is None or (last[1] is not None and last[1] < start):
            found.append((start, end))
        elif last[1] is not None and (end is None or end > last[1]):
            found[-1] = (last[0], end)
    return found


def _at_most(
    ranges: list[tuple[str, str | None]], marks: Sequence[str], most: int, bounds: Sequence[str] = ()
) -> list[tuple[str, str | None]]:
    """The ranges, neighbours joined until there are few enough: first those between which the fewest pages lie, and
    last those between which there is a bound, for nobody knows what lies there.
    """
    if len(ranges) <= most:
        return ranges

    def between(place: int) -> tuple[int, int]:
        end, start = ranges[place][1] or "", ranges[place + 1][0]
        crossed, pages = (bisect_right(keys, start) - bisect_left(keys, end) for keys in (bounds, marks))
        return crossed, pages

    joined = set(sorted(range(len(ranges) - 1), key=between)[: len(ranges) - most])
    found: list[tuple[str, str | None]] = []
    for place, (start, end) in enumerate(ranges):
        if place and place - 1 in joined:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found
