"""Which clusters are sampled: the share that was asked for, spread over the lake, and the same while it grows."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import ceil

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.sampled_lakes import KINDS, estimate_lakes, full_and_sampled_requests

from recon_core.engine.sample import cluster_size, picked

rates = st.decimals(min_value="0.01", max_value="0.99", places=3).map(Fraction)
seeds = st.integers(0, 2**32 - 1)


@given(st.integers(0, 3000), rates, seeds)
def test_the_share_that_was_asked_for_is_picked_from_everywhere(clusters: int, rate: Fraction, seed: int) -> None:
    found = list(picked(clusters, rate, seed, "acme/games"))
    assert found == sorted(set(found))
    assert all(0 <= number < clusters for number in found)
    assert abs(len(found) - clusters * rate) <= 1
    # No stretch of two zones goes without.
    width = 2 * ceil(1 / rate)
    assert all(after - before < width for before, after in pairwise(found))


@given(st.integers(0, 500), st.integers(0, 500), rates, seeds)
def test_what_is_picked_stays_picked_when_the_lake_grows(clusters: int, more: int, rate: Fraction, seed: int) -> None:
    before = list(picked(clusters, rate, seed, "acme/games"))
    after = list(picked(clusters + more, rate, seed, "acme/games"))
    assert after[: len(before)] == before
    assert all(number >= clusters for number in after[len(before) :])


def test_another_seed_and_another_name_pick_others() -> None:
    found = {
        tuple(picked(1000, Fraction("0.1"), seed, name)) for seed in range(5) for name in ("acme/games", "acme/days")
    }
    assert len(found) == 10


@pytest.mark.parametrize(
    ("items", "groups", "rate", "expected"),
    [
        (1_000_000, 1, "0.1", 900),
        (2_000_000, 40, "0.1", 1800),
        (100_000_000, 400, "0.1", 3600),
        (1_000_000, 1, "0.01", 900),
        (2_000, 1, "0.1", 2),
        (2_000, 1, "0.5", 8),
        (30, 2, "0.1", 1),
        (0, 0, "0.1", 1),
        (900_000, 1, "0.1", 512),
        (900_000, 24, "0.1", 64),
    ],
)
def test_clusters_are_a_few_pages_of_a_large_lake_and_a_few_items_of_a_small_one(
    items: int, groups: int, rate: str, expected: int
) -> None:
    assert cluster_size(items, groups, Fraction(rate)) == expected


@given(st.integers(0, 10**9), st.integers(1, 1000), rates)
def test_a_small_lake_is_sampled_with_at_most_a_thousand_clusters_and_a_large_one_by_pages(
    items: int, groups: int, rate: Fraction
) -> None:
    size = cluster_size(items, groups, rate)
    if items < 1_000_000:
        assert items * rate / size <= 2001
    else:
        assert ceil(Fraction(size, 1000)) * items * rate / size <= rate * items / 1000 * Fraction(10, 8)


def test_the_interval_holds_the_truth_in_at_least_93_of_100_random_lakes() -> None:
    lakes = estimate_lakes(1000, seed=20250115, most_items=2500)
    assert len(lakes) == 1000
    covered = {kind: [lake.covered for lake in lakes if lake.kind == kind] for kind in KINDS}
    assert sum(map(sum, covered.values())) >= 930
    # Not of one kind alone; a hundred lakes of each kind vary by two in a hundred.
    assert {kind: sum(found) / len(found) for kind, found in covered.items() if sum(found) < 0.93 * len(found)} == {}
    # An interval of everything would always hold.
    widths = sorted(lake.high - lake.low for lake in lakes)
    assert widths[len(widths) // 2] < 0.15
    assert min(len(found) for found in covered.values()) >= 80


@pytest.mark.parametrize("rate", ["0.05", "0.1", "0.3"])
def test_from_a_thousand_pages_on_requests_fall_by_about_the_rate(rate: str) -> None:
    with duckdb.connect(config={"threads": 2}) as connection:
        full, sampled = full_and_sampled_requests(connection, 1_000_000, rate)
    assert full == 1000
    assert sampled == pytest.approx(full * float(rate), rel=0.15)
