"""The net promoter score: the share of promoters minus the share of detractors, between -1 and 1.

The two shares come from the same answers, so the variance is that of a trinomial, (p + d - (p - d)²) / n; treating
them as independent is a known mistake. The interval is the adjusted Wald (B. Rocks 2016, The American Statistician
70): add 3 answers, three quarters of one to promoters and to detractors each. The plain Wald gives [100, 100] for
three promoters.
"""

import math

from beforehand.lib.statistics.interval import NOTHING, Interval, normal


def _adjusted(promoters: float, detractors: float, n: float) -> tuple[float, float]:
    """Score and variance after adding three answers."""
    p, d, m = (promoters + 0.75) / (n + 3), (detractors + 0.75) / (n + 3), n + 3
    return p - d, (p + d - (p - d) ** 2) / m


def score(promoters: float, detractors: float, n: float, confidence: float = 0.95) -> Interval:
    """The score as it was observed, with the adjusted Wald interval, kept within -1 and 1."""
    if n <= 0:
        return NOTHING
    middle, variance = _adjusted(promoters, detractors, n)
    half = normal(confidence) * math.sqrt(variance)
    return Interval((promoters - detractors) / n, max(-1.0, middle - half), min(1.0, middle + half))


def difference(first: tuple[float, float, float], second: tuple[float, float, float]) -> tuple[Interval, float]:
    """First minus second, each (promoters, detractors, n), and the two-sided p. Value and interval are the adjusted."""
    (one, variance), (other, noise) = _adjusted(*first), _adjusted(*second)
    error = math.sqrt(variance + noise)
    gap = one - other
    half = normal() * error
    return Interval(gap, gap - half, gap + half), math.erfc(abs(gap / error) / math.sqrt(2))
