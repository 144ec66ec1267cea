"""Ratios of sums when the rows of one customer belong together.

Ten waits of one customer say less than ten waits of ten customers. Customers are therefore put at random into groups
(of one or more), and the spread between the groups gives the error of the ratio, whatever happens inside a group
(the linearised ratio estimator; W. G. Cochran 1977, Sampling Techniques, section 2.11 and chapter 11; with groups of
customers: K. Wolter 2007, Introduction to Variance Estimation, chapter 2). It needs sums of products only, so a
database can do all the work and the sums of days add up.
"""

import math
from typing import NamedTuple

from beforehand.lib.statistics.interval import NOTHING, Interval, student


class Products(NamedTuple):
    """Over the groups: how many, the sums of y and x, and the sums of y², xy and x²."""

    groups: float
    y: float
    x: float
    yy: float
    xy: float
    xx: float


def spread(of: Products) -> float:
    """The variance of y/x. NaN with fewer than two groups."""
    if of.groups < 2 or of.x == 0:
        return math.nan
    ratio = of.y / of.x
    between = max(0.0, of.yy - 2 * ratio * of.xy + ratio * ratio * of.xx)
    return between * of.groups / (of.groups - 1) / (of.x * of.x)


def ratio(of: Products, confidence: float = 0.95) -> Interval:
    """Sum of y over sum of x, with Student's interval on (groups - 1) degrees of freedom."""
    if of.x == 0:
        return NOTHING
    variance = spread(of)
    if math.isnan(variance):
        return Interval(of.y / of.x, math.nan, math.nan)
    half = student(of.groups - 1, confidence) * math.sqrt(variance)
    return Interval(of.y / of.x, of.y / of.x - half, of.y / of.x + half)


def effective(n: float, simple: float, of: Products) -> float:
    """How many independent rows the n rows are worth: n over the design effect (L. Kish 1965, Survey Sampling).

    `simple` is the variance that n independent rows would have. Never more than n.
    """
    clustered = spread(of)
    if math.isnan(clustered) or simple <= 0:
        return n
    return n / max(1.0, clustered / simple)
