"""Medians and other quantiles.

The interval is the one of the order statistics: the ranks between which the quantile lies, from the binomial
distribution (normal approximation with z²; H. A. David, H. N. Nagaraja 2003, Order Statistics, section 7.1; for n that
is worth fewer independent rows: R. S. Woodruff 1952, JASA 47).
"""

import math
from collections.abc import Sequence

from beforehand.lib.statistics.interval import NOTHING, Interval
from beforehand.lib.statistics.proportion import wilson


def ranks(q: float, effective: float, confidence: float = 0.95) -> tuple[float, float]:
    """The shares of rows below the two ends of the interval of quantile q: Wilson's interval around q itself.

    NaN for an end that so few rows cannot give: of five, the largest is too often below the median.
    """
    if not 0 <= q <= 1:
        raise ValueError(f"A quantile lies between 0 and 1, not at {q}.")
    around = wilson(q * effective, effective, confidence)
    tail = (1 - confidence) / 2
    low = around.low if (1 - q) ** effective <= tail else math.nan
    return low, around.high if q**effective <= tail else math.nan


def at(ordered: Sequence[float], q: float) -> float:
    """The quantile of values in order, straight between neighbours (percentile_cont in SQL). NaN at NaN."""
    if math.isnan(q):
        return math.nan
    place = q * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def quantile(values: Sequence[float], q: float, effective: float | None = None, confidence: float = 0.95) -> Interval:
    """The quantile of the values with its interval. `effective`: how many independent values they are worth."""
    if not values:
        return NOTHING
    ordered = sorted(values)
    low, high = ranks(q, len(ordered) if effective is None else effective, confidence)
    return Interval(at(ordered, q), at(ordered, low), at(ordered, high))
