"""The 95 % interval of a share that was estimated from sampled clusters.

A cluster is a run of neighbouring items, and what is lost is often lost together: the items of one cluster say little
more than one item would. So the cluster is the unit that counts here, not the item.

The estimate is the ratio of two totals over the sampled clusters, with the variance of its linear part. Its limits are
those of a beta distribution with the mean and the variance that the clusters' shares have *together with one more
cluster that nobody saw*, the worst possible for the upper limit of the share of gaps and the best possible for the
lower. Where every cluster is whole or empty this is Clopper and Pearson's exact interval for clusters; where all are
complete it still says how many incomplete ones a sample of this size can miss. The distance from the estimate shrinks
with the finite population correction.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["LEAST_CLUSTERS", "Totals", "beta_quantile", "gap_share_interval"]

LEAST_CLUSTERS = 30
"""With fewer sampled clusters there is no interval: too little is known of how the clusters differ."""

_TAIL = 0.025
_TINY = 1e-300
_EXACT = 1e-13


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the sampled clusters: of their items, their gaps, and the squares and products of the two."""

    clusters: int
    items: float
    items_squared: float
    gaps: float
    gaps_squared: float
    items_gaps: float

    @property
    def share(self) -> float:
        """The share of gaps."""
        return self.gaps / self.items


def gap_share_interval(totals: Totals, sampled: float) -> tuple[float, float]:
    """The limits of the share of gaps among all items, ``sampled`` being the share of items that the clusters hold."""
    share, clusters = totals.share, totals.clusters
    # What as many clusters of one size would be worth.
    effective = totals.items**2 / totals.items_squared
    residuals = totals.gaps_squared - 2 * share * totals.items_gaps + share**2 * totals.items_squared
    spread = max(0.0, residuals) * clusters / (clusters - 1) / totals.items_squared
    unseen = math.sqrt(max(0.0, 1 - sampled))
    low = _limit(effective, share, spread, 0.0, _TAIL)
    high = _limit(effective, share, spread, 1.0, 1 - _TAIL)
    return max(0.0, share - (share - low) * unseen), min(1.0, share + (high - share) * unseen)


def _limit(clusters: float, share: float, spread: float, further: float, probability: float) -> float:
    """A quantile of the share of gaps, given the clusters' mean share and its variance and one cluster ``further``."""
    mean = (clusters * share + further) / (clusters + 1)
    square = (clusters * (spread + share**2) + further**2) / (clusters + 1)
    variance = (square - mean**2) / (clusters + 2)
    if variance <= _EXACT or not 0 < mean < 1:
        return mean
    weight = mean * (1 - mean) / variance - 1
    return beta_quantile(probability, mean * weight, (1 - mean) * weight)


def beta_quantile(probability: float, a: float, b: float) -> float:
    """Where the beta distribution with the parameters ``a`` and ``b`` reaches a probability between 0 and 1.

    Found by halving, to twelve places.
    """
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        if _beta(middle, a, b) < probability:
            low = middle
        else:
            high = middle
    return high


def _beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function, for ``x`` strictly between 0 and 1."""
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    # The fraction converges fast on this side of the mean only; the other side is its complement.
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(1 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method."""
    upper, lower = 1.0, 1 / _not_zero(1 - (a + b) * x / (a + 1))
    value = lower
    # As many terms as the root of the larger parameter are enough; more would only add zeros.
    for term in range(1, 200 + 10 * int(math.sqrt(max(a, b)))):
        even = term * (b - term) * x / ((a + 2 * term - 1) * (a + 2 * term))
        odd = -(a + term) * (a + b + term) * x / ((a + 2 * term) * (a + 2 * term + 1))
        factor = 1.0
        for step in (even, odd):
            lower = 1 / _not_zero(1 + step * lower)
            upper = _not_zero(1 + step / upper)
            factor = lower * upper
            value *= factor
        if abs(factor - 1) < _EXACT:
            break
    return value


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
