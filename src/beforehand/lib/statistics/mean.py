"""Means with Student's interval, from sums: nothing but n, the sum and the sum of squares has to be kept."""

import math

from beforehand.lib.statistics.interval import NOTHING, Interval, student


def variance(n: float, total: float, squares: float) -> float:
    """The sample's variance. Rounding may leave a tiny negative number, which is zero."""
    return max(0.0, (squares - total * total / n) / (n - 1)) if n > 1 else math.nan


def mean(n: float, total: float, squares: float, confidence: float = 0.95) -> Interval:
    """The mean of n independent values. With one value there is no interval (both ends NaN)."""
    if n <= 0:
        return NOTHING
    middle = total / n
    if n <= 1:
        return Interval(middle, math.nan, math.nan)
    half = student(n - 1, confidence) * math.sqrt(variance(n, total, squares) / n)
    return Interval(middle, middle - half, middle + half)
