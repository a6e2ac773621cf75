"""Random lakes in one dataset each, whose completeness is known, sampled and estimated by the engine's own statements.

What is lost is lost in many ways: here and there, in outages, season by season, most often both together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from random import Random

import duckdb
import pyarrow as pa

from recon_core.engine.connection import statement
from recon_core.engine.estimate import completeness_intervals
from recon_core.engine.sample import cluster_size, draw_clusters, stretches

Gaps = set[int]

_CLUSTERS = (36, 50, 80, 130)


def scattered(random: Random, items: int) -> Gaps:
    """Each item is lost on its own."""
    share = random.choice((0.001, 0.01, 0.05, 0.2, 0.5, 0.9, 0.99))
    return {item for item in range(items) if random.random() < share}


def outages(random: Random, items: int) -> Gaps:
    """Some stretches of time are lost whole, or in part."""
    count = random.choice((1, 1, 2, 5, 20))
    length = max(1, round(random.choice((0.005, 0.02, 0.05, 0.2)) * items / count))
    density = random.choice((1.0, 1.0, 0.5))
    found: Gaps = set()
    for _ in range(count):
        start = random.randrange(items)
        found |= {item for item in range(start, min(items, start + length)) if random.random() < density}
    return found


def outages_and_scattered(random: Random, items: int) -> Gaps:
    """The usual lake: outages, and a few single losses between them."""
    share = random.choice((0.001, 0.01, 0.05))
    return outages(random, items) | {item for item in range(items) if random.random() < share}


def bursts(random: Random, items: int) -> Gaps:
    """A scraper that breaks now and then and stays broken for a while."""
    length, share = random.choice((3, 30, 300)), random.choice((0.01, 0.05, 0.3))
    found, broken = set(), False
    for item in range(items):
        broken = random.random() > 1 / length if broken else random.random() < share / length / (1 - share)
        if broken:
            found.add(item)
    return found


def fading(random: Random, items: int) -> Gaps:
    """The older, the more is lost."""
    most = random.choice((0.05, 0.3, 1.0))
    return {item for item in range(items) if random.random() < most * (1 - item / items)}


def begun_late(random: Random, items: int) -> Gaps:
    """Nothing before some day."""
    return set(range(random.randrange(items)))


def periodic(random: Random, items: int) -> Gaps:
    """One part in five of every week, or month, or year."""
    part = random.choice((1, 10, 100))
    return {item for item in range(items) if item // part % 5 == 0}


def nothing_lost(random: Random, items: int) -> Gaps:
    """A complete lake, or one of which hardly anything is lost."""
    return set(random.sample(range(items), random.choice((0, 0, 1, 3))))


KINDS: dict[str, Callable[[Random, int], Gaps]] = {
    kind.__name__: kind
    for kind in (
        scattered,
        outages,
        outages_and_scattered,
        bursts,
        fading,
        begun_late,
        periodic,
        nothing_lost,
    )
}


@dataclass(frozen=True)
class Estimated:
    """A lake's kind of gaps, its true completeness, and the interval that a sample of it gave."""

    kind: str
    truth: float
    low: float
    high: float

    @property
    def covered(self) -> bool:
        """Whether the truth lies in the interval; sums of floats are held equal to the last digits."""
        return self.low - 1e-9 <= self.truth <= self.high + 1e-9


def estimate_lakes(lakes: int, seed: int, *, most_items: int) -> list[Estimated]:
    """Sample so many random lakes; those of which too few clusters are sampled for an interval are left out."""
    random = Random(seed)
    designs = [
        (rate, size)
        for rate in ("0.05", "0.1", "0.2", "0.5")
        for size in (1, 3, 10, 30, 100, 300)
        if _CLUSTERS[0] / float(rate) * size <= most_items
    ]
    found: list[Estimated] = []
    # Lakes of one rate and cluster size are sampled together, each as a dataset of its own.
    for number, (rate, size) in enumerate(designs):
        made = []
        for _ in range(lakes * (number + 1) // len(designs) - lakes * number // len(designs)):
            items = min(round(random.choice(_CLUSTERS) / float(rate) * size), most_items)
            kind = random.choice(list(KINDS))
            made.append((kind, items, KINDS[kind](random, items)))
        found += _estimate(made, Fraction(rate), random.randrange(2**32), size)
    return found


def _estimate(lakes: list[tuple[str, int, Gaps]], rate: Fraction, seed: int, size: int) -> list[Estimated]:
    numbers = [number for number, (_, items, _) in enumerate(lakes) for _ in range(items)]
    lost = bytearray(len(numbers))
    first = 0
    for _, items, gaps in lakes:
        for item in gaps:
            lost[first + item] = 1
        first += items
    rows = pa.table({"dataset_no": pa.array(numbers, pa.int32()), "lost": pa.array(memoryview(lost), pa.uint8())})
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("lakes", rows)
        connection.execute(
            "CREATE TEMP TABLE anchors AS SELECT item_no, dataset_no, '2023' AS season, lost, "
            "printf('%05d/%08d', dataset_no, item_no) AS key "
            "FROM (SELECT row_number() OVER () AS item_no, dataset_no, lost FROM lakes) AS numbered"
        )
        names = [f"acme/{number}" for number in range(len(lakes))]
        sampled, _ = draw_clusters(connection, names, rate, seed, size=size)
        assert abs(sampled / len(numbers) - rate) < rate / 10
        connection.execute(
            "CREATE TEMP TABLE coverage AS SELECT 'acme' AS source, CAST(dataset_no AS VARCHAR) AS data_type, season, "
            "CASE WHEN s.item_no IS NULL THEN 'unknown' WHEN lost = 1 THEN 'missing' ELSE 'present' END AS verdict, "
            "s.cluster_no AS cluster FROM anchors AS a LEFT JOIN sampled_items AS s ON s.item_no = a.item_no"
        )
        intervals = completeness_intervals(connection, "coverage")
    return [
        Estimated(kind, 1 - len(gaps) / items, *intervals["acme", str(number), "2023"])
        for number, (kind, items, gaps) in enumerate(lakes)
        if ("acme", str(number), "2023") in intervals
    ]


def full_and_sampled_requests(connection: duckdb.DuckDBPyConnection, items: int, rate: str) -> tuple[int, int]:
    """How many pages of 1,000 keys a full listing and a sample have, in a complete lake with one flat data type."""
    connection.execute(
        "CREATE TABLE expected_keys AS SELECT i AS key_no, printf('games/%09d.json', i) AS key, "
        f"CAST(0 AS INTEGER) AS dataset_no, i AS item_no FROM range({items}) AS numbers(i)"
    )
    connection.execute("CREATE TABLE anchors AS SELECT item_no, dataset_no, '2023' AS season, key FROM expected_keys")
    size = cluster_size(items, 1, Fraction(rate))
    _, clusters = draw_clusters(connection, ["acme/games"], Fraction(rate), 0, size=size)
    connection.execute(statement("sample_keys", whole="-1"))
    found = stretches(connection, len(clusters), size)
    lengths = [int(last[6:15]) - int(first[6:15]) + 1 for first, last in found]
    return ceil(items / 1000), sum(ceil(length / 1000) for length in lengths)
