"""Which of the expected items a sampled scan covers, and which stretches of keys it lists for them.

Items are cut into clusters of neighbours, in the order of their target keys. Out of every few clusters in a row a
seeded hash picks one, so that the sample is spread over the whole lake, has the size that was asked for, and stays the
same while the lake grows at its end. An item is sampled with all its candidate keys, wherever they lie, since absence
under one of several keys proves nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any

from recon_core.engine.connection import make_table, statement
from recon_core.engine.expected_keys import ExpectedKeys, ParsedDataset
from recon_core.engine.keys import build_key_sql
from recon_core.plan import Plan

if TYPE_CHECKING:
    import duckdb

__all__ = ["WORTH_PAGES", "Drawn", "cluster_size", "draw", "draw_clusters", "picked", "stretches"]

WORTH_PAGES = 1000
"""The fewest pages of expected keys for which a sample needs fewer requests than a full listing."""

_PAGE_KEYS = 1000
# A cluster that fills its pages to nine tenths has room for some objects that nobody expects.
_CLUSTER_KEYS = 900
_MOST_PAGES = 4
_WANTED_CLUSTERS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A sample: of ``expected`` items it covers ``items``.

    ``clusters`` are the first target keys of its clusters, ``stretches`` the keys to list, both ends inclusive; both
    ascend. ``whole`` are the datasets of which no key can be rendered, so that they are to be listed whole.
    """

    expected: int
    items: int
    clusters: tuple[str, ...]
    stretches: tuple[tuple[str, str], ...]
    whole: tuple[ParsedDataset, ...]

    @property
    def pages(self) -> int:
        """How many pages a listing of all expected keys has, where each item lies under one key."""
        return ceil(self.expected / _PAGE_KEYS)

    @property
    def saves(self) -> bool:
        """Whether the lake is large enough for a sample to need fewer requests than a full listing."""
        return self.pages >= WORTH_PAGES


def cluster_size(items: int, groups: int, rate: Fraction) -> int:
    """How many items a cluster has, of ``items`` in so many ``groups`` (a data type's seasons).

    From WORTH_PAGES on it is one to four nearly full pages: as many as still give a hundred sampled clusters. In a
    smaller lake nothing can be saved, and clusters are small enough for an interval in each group, as long as that
    takes no more than twice WORTH_PAGES of them. These sizes are powers of two, so that they seldom change.
    """
    pages = Fraction(items, _PAGE_KEYS)
    if pages >= WORTH_PAGES:
        return _CLUSTER_KEYS * min(_MOST_PAGES, max(1, int(pages * rate) // _WANTED_CLUSTERS))
    wanted = min(WORTH_PAGES, _WANTED_CLUSTERS * max(1, groups))
    return 1 << (max(1, min(_CLUSTER_KEYS, int(items * rate / wanted))).bit_length() - 1)


def picked(clusters: int, rate: Fraction, seed: int, name: str) -> Iterator[int]:
    """The numbers of the sampled ones of so many clusters in a row, ascending.

    The row is cut into zones of about 1 / ``rate`` clusters, and each gives one. What a zone gives depends on the seed,
    the row's name and the zone's number alone.
    """
    zone = 0
    while (first := ceil(zone / rate)) < clusters:
        size = ceil((zone + 1) / rate) - first
        digest = hashlib.sha256(f"{seed}/{zone}/{name}".encode()).digest()
        number = first + int.from_bytes(digest[:8], "big") % size
        if number < clusters:
            yield number
        zone += 1


def draw(connection: duckdb.DuckDBPyConnection, plan: Plan, expected: ExpectedKeys, *, rate: float, seed: int) -> Drawn:
    """Draw the sample from the tables that ``build_expected_keys`` made."""
    whole = ", ".join(str(one.dataset_no) for one in expected.parsed) or "-1"
    connection.execute(statement("sample_anchors", target_key=build_key_sql(plan).target_key, whole=whole))
    names = [f"{dataset.source}/{dataset.data_type}" for dataset in plan.datasets]
    share = Fraction(str(rate))
    anchors = _number(connection, "SELECT count(*) FROM anchors")
    groups = _number(connection, "SELECT count(*) FROM (SELECT DISTINCT dataset_no, season FROM anchors) AS groups")
    size = cluster_size(anchors, groups, share)
    items, clusters = draw_clusters(connection, names, share, seed, size=size)
    connection.execute(statement("sample_keys", whole=whole))
    return Drawn(
        expected=_number(connection, "SELECT count(*) FROM items"),
        items=items + _number(connection, f"SELECT count(*) FROM items WHERE dataset_no IN ({whole})"),
        clusters=clusters,
        stretches=stretches(connection, len(clusters), size),
        whole=expected.parsed,
    )


def draw_clusters(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str], rate: Fraction, seed: int, *, size: int
) -> tuple[int, tuple[str, ...]]:
    """Make ``sampled_items`` (item_no, space_no, cluster_no) from ``anchors`` (item_no, dataset_no, season, key).

    ``names`` are the datasets' names by number. Returns how many items are sampled, and the clusters' first keys.
    """
    extents = connection.execute(
        "SELECT dataset_no, min(key), max(key) FROM anchors GROUP BY dataset_no ORDER BY min(key), dataset_no"
    ).fetchall()
    spaces = _spaces(extents)
    make_table(connection, "spaces", "dataset_no INTEGER, space_no INTEGER", spaces)
    connection.execute(statement("sample_clusters", size=str(size)))
    counts = connection.execute(
        "SELECT space_no, max(cluster_no) + 1 FROM clustered GROUP BY space_no ORDER BY space_no"
    ).fetchall()
    first_dataset = {space: number for number, space in reversed(spaces)}
    connection.register("picked", _picked_table(counts, rate, seed, {s: names[d] for s, d in first_dataset.items()}))
    connection.execute(statement("sampled_items"))
    starts = connection.execute(
        "SELECT min(key) FROM sampled_items GROUP BY space_no, cluster_no ORDER BY min(key)"
    ).fetchall()
    return _number(connection, "SELECT count(*) FROM sampled_items"), tuple(key for (key,) in starts)


def _spaces(extents: Sequence[tuple[int, str, str]]) -> list[tuple[int, int]]:
    """(dataset, space): datasets whose keys lie among each other share a space, so that a cluster holds both."""
    spaces: list[tuple[int, int]] = []
    last: str | None = None
    for dataset, low, high in extents:
        number = spaces[-1][1] if spaces else -1
        spaces.append((dataset, number if last is not None and low <= last else number + 1))
        last = high if last is None else max(last, high)
    return spaces


def _picked_table(counts: Sequence[tuple[int, int]], rate: Fraction, seed: int, names: Mapping[int, str]) -> Any:
    import pyarrow as pa

    rows = [(space, number) for space, clusters in counts for number in picked(clusters, rate, seed, names[space])]
    return pa.table(
        {
            "space_no": pa.array([space for space, _ in rows], pa.int32()),
            "cluster_no": pa.array([number for _, number in rows], pa.int64()),
        }
    )


def stretches(connection: duckdb.DuckDBPyConnection, clusters: int, size: int) -> tuple[tuple[str, str], ...]:
    """The sampled keys as stretches. A few foreign keys between two are listed along, which costs nothing.

    Where one template has another order than the target keys, or datasets share folders, the sampled keys may lie so
    scattered that a request for each would cost more than to list what lies between.
    """
    templates = _number(
        connection,
        "SELECT coalesce(max(keys), 0) FROM (SELECT count(*) AS keys FROM expected_keys GROUP BY item_no) AS each_item",
    )
    gap = size // 10
    pieces = _number(connection, f"SELECT count(*) FROM sampled_keys WHERE passed > {gap}")
    if pieces > 2 * templates * clusters + _WANTED_CLUSTERS:
        gap = _PAGE_KEYS
    rows = connection.execute(statement("sample_stretches", gap=str(gap))).fetchall()
    return tuple((first, last) for first, last in rows)


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
