"""Attributable contacts: those observed after a trouble less those to be expected without it, with an interval.

The number asked for is how many of *these* contacts would not have been written. The contacts that were written are
known; what is not known is how many of them would have come anyway. So the interval is that of a prediction, of the
number that would have come anyway: the spread of that number about its mean, and the error of the mean itself.
"""

import math
from typing import NamedTuple

import numpy as np

from beforehand.insight.causes.baseline import Baseline
from beforehand.insight.causes.exposed import Pieces, Struck
from beforehand.insight.causes.landmarks import WINDOW
from beforehand.lib.statistics import Interval
from beforehand.lib.statistics.interval import normal


class Counted(NamedTuple):
    """Of one cause: contacts in its share of the pieces, those expected, the variance of observed less expected
    without it, and the chance of as many where it does nothing."""

    observed: float
    expected: float
    variance: float
    p: float

    @property
    def excess(self) -> float:
        return self.observed - self.expected

    def less(self, lost: float, unsure: float) -> "Counted":
        """The same, with contacts taken off that will not come later, and the variance of these."""
        return self._replace(expected=self.expected + lost, variance=self.variance + unsure)

    def interval(self, confidence: float = 0.95) -> Interval:
        half = normal(confidence) * math.sqrt(self.variance)
        return Interval(self.excess, self.excess - half, min(self.excess + half, self.observed))


def count(
    weight: np.ndarray,
    pieces: Pieces,
    struck: Struck,
    expected: np.ndarray,
    factor: np.ndarray,
    sure: np.ndarray,
    base: Baseline,
    spread: float,
) -> Counted:
    """`weight` is the cause's share of each piece; `factor` and `sure` are those of the pieces' customers."""
    mean = weight * expected
    observed, total = float((weight * pieces.wrote).sum()), float(mean.sum())
    _own, at = np.unique(pieces.customer, return_inverse=True)
    each = np.bincount(at, mean)
    known = np.bincount(at, sure) / np.maximum(np.bincount(at), 1)
    chance = spread * float((each + each**2 / np.maximum(known, 1e-9)).sum())
    divided = clumps(weight, pieces, at) * float((weight * (1 - weight) * pieces.wrote).sum())
    variance = chance + divided + jackknife(weight, pieces, struck, factor, base, total)
    return Counted(observed, total, variance, tail(observed, total, variance))


def clumps(weight: np.ndarray, pieces: Pieces, at: np.ndarray) -> float:
    """The variance of what one victim wrote over its mean, at least 1.

    Who writes about a trouble often writes again, and all of it belongs to the same trouble.
    """
    own = np.bincount(at, weight) > 0
    wrote = np.bincount(at, weight * pieces.wrote)[own]
    return max(1.0, float(wrote.var() / wrote.mean())) if wrote.any() else 1.0


def jackknife(
    weight: np.ndarray, pieces: Pieces, struck: Struck, factor: np.ndarray, base: Baseline, total: float
) -> float:
    """The variance of the expected number, from leaving out one part of the customers at a time (B. Efron, C. Stein
    1981, Annals of Statistics 9)."""
    z = struck.stratum[pieces.first].astype(np.int64) * WINDOW + pieces.lag
    plain = weight * factor * pieces.length
    load = np.bincount(z, plain * base.season[pieces.day], base.rate.size)
    days = np.bincount(pieces.day, plain * base.rate.ravel()[z], len(base.season))
    used = np.flatnonzero(load)
    parts = base.without.reshape(len(base.without), -1)[:, used] @ load[used] + base.seasons @ days
    n = len(parts)
    return float((n - 1) / n * ((parts - parts.mean()) ** 2).sum())


def tail(observed: float, expected: float, variance: float) -> float:
    """The chance of at least as many contacts as observed, with this mean and variance: of a gamma variable, which is
    as skew as a count with more spread than Poisson's."""
    from scipy.stats import gamma

    if observed <= 0 or expected <= 0:
        return 1.0 if observed <= 0 else 0.0
    variance = max(variance, expected)
    return float(gamma.sf(max(observed - 0.5, 0.0), expected**2 / variance, scale=variance / expected))
