"""The interval of a share from sampled clusters: exact where it can be, and never surer than a sample may be."""

from __future__ import annotations

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_core.engine.interval import Totals, beta_quantile, gap_share_interval


def at_least(trials: int, successes: int, chance: float) -> float:
    """The chance of so many successes or more."""
    return sum(
        comb(trials, number) * chance**number * (1 - chance) ** (trials - number)
        for number in range(successes, trials + 1)
    )


def totals(clusters: list[tuple[int, int]]) -> Totals:
    """The sums of clusters (items, gaps)."""
    return Totals(
        clusters=len(clusters),
        items=sum(items for items, _ in clusters),
        items_squared=sum(items**2 for items, _ in clusters),
        gaps=sum(gaps for _, gaps in clusters),
        gaps_squared=sum(gaps**2 for _, gaps in clusters),
        items_gaps=sum(items * gaps for items, gaps in clusters),
    )


@given(st.integers(1, 300), st.data(), st.sampled_from((0.025, 0.5, 0.975)))
def test_beta_quantiles_are_where_the_binomial_tail_is(trials: int, data: st.DataObject, probability: float) -> None:
    successes = data.draw(st.integers(1, trials))
    found = beta_quantile(probability, successes, trials - successes + 1)
    assert at_least(trials, successes, found) == pytest.approx(probability, abs=1e-6)


@given(st.integers(30, 200), st.data(), st.integers(1, 50))
def test_clusters_that_are_whole_or_empty_give_the_exact_binomial_interval(
    clusters: int, data: st.DataObject, size: int
) -> None:
    lost = data.draw(st.integers(0, clusters))
    low, high = gap_share_interval(totals([(size, size if number < lost else 0) for number in range(clusters)]), 0.0)
    # The pseudo-variance of the textbook has clusters - 1 below; this is how much that matters.
    assert low == pytest.approx(beta_quantile(0.025, lost, clusters - lost + 1) if lost else 0, abs=0.004)
    assert high == pytest.approx(beta_quantile(0.975, lost + 1, clusters - lost) if lost < clusters else 1, abs=0.004)


def test_a_complete_sample_does_not_say_that_all_is_complete() -> None:
    low, high = gap_share_interval(totals([(900, 0)] * 30), 0.1)
    assert low == 0
    # With one cluster in nine lost, thirty clusters miss them all once in forty times.
    assert 0.1 < high < 0.12
    assert at_least(30, 1, high / (1 - 0.1) ** 0.5) == pytest.approx(0.975, abs=1e-6)


cluster = st.tuples(st.integers(1, 40), st.integers(0, 40)).map(lambda pair: (max(pair), min(pair)))


@given(st.lists(cluster, min_size=30, max_size=40), st.floats(0, 1))
def test_the_estimate_lies_in_its_interval_which_shrinks_with_what_was_sampled(
    clusters: list[tuple[int, int]], sampled: float
) -> None:
    found = totals(clusters)
    low, high = gap_share_interval(found, sampled)
    widest_low, widest_high = gap_share_interval(found, 0.0)
    assert 0 <= widest_low <= low <= found.share + 1e-9
    assert found.share - 1e-9 <= high <= widest_high <= 1
    assert gap_share_interval(found, 1.0) == pytest.approx((found.share, found.share))
    if sampled < 0.99:
        assert low < high


@given(st.integers(30, 100))
def test_the_same_items_in_fewer_clusters_say_less(clusters: int) -> None:
    scattered = gap_share_interval(totals([(1, number % 5 == 0) for number in range(clusters * 10)]), 0.0)
    together = gap_share_interval(totals([(10, 10 * (number % 5 == 0)) for number in range(clusters)]), 0.0)
    assert together[1] - together[0] > scattered[1] - scattered[0]
