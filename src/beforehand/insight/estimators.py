"""From sums to a number with its interval. A measure names one of these; the name is shown beside the number.

Rows of one customer are not independent of one another. Every estimator of a share, mean, rate or wait therefore works
from the sums of 32 random groups of customers, unless each customer brings one row.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from beforehand.lib.statistics import cluster, histogram, mean, nps, proportion, quantile, rate
from beforehand.lib.statistics.cluster import Products
from beforehand.lib.statistics.interval import NOTHING, Interval

FEW = 30


class Sums(NamedTuple):
    """Over the rows of one part of an answer; the last six over its groups of customers (t total, n rows, c customers).

    `exact` and `bins` are there for waits: the exact quantiles (none from a roll-up) and the histogram.
    """

    n: int
    total: float
    squares: float
    customers: int
    logs: float
    log_squares: float
    buckets: int
    tt: float
    tn: float
    nn: float
    tc: float
    cc: float
    ll: float
    ln: float
    exact: tuple[float, ...] = ()
    bins: tuple[list[int], list[float]] = ([], [])

    @property
    def per_row(self) -> Products:
        return Products(self.buckets, self.total, self.n, self.tt, self.tn, self.nn)

    @property
    def per_customer(self) -> Products:
        return Products(self.buckets, self.total, self.customers, self.tt, self.tc, self.cc)

    @property
    def single(self) -> bool:
        """Each customer brings one row."""
        return self.customers == self.n

    def worth(self, simple: float) -> float:
        """How many independent rows these are worth, `simple` being the variance of so many."""
        if self.single:
            return self.n
        if self.buckets < 2 or simple <= 0:
            return min(self.n, self.customers or self.buckets)
        return cluster.effective(self.n, simple, self.per_row)


class Estimate(NamedTuple):
    interval: Interval
    n: int
    extra: dict[str, Any] = {}


class Estimator(NamedTuple):
    """`needs`: customers (their distinct number), waits (quantiles), base (n is the sum of the column `base`), outcomes
    (see `outcomes.py`), explained (see `explained.py`). `few`: customers or rows under which the number is grey."""

    title: str | Promise
    estimate: Callable[[Sums, Sums], Estimate]
    needs: frozenset[str] = frozenset()
    few: int = FEW


def _count(of: Sums, whole: Sums) -> Estimate:
    return Estimate(Interval(of.total, math.nan, math.nan), of.n)


def _distinct(of: Sums, whole: Sums) -> Estimate:
    return Estimate(Interval(of.customers, math.nan, math.nan), of.customers)


def _per_thousand(of: Sums, whole: Sums) -> Estimate:
    if of.total == 0:
        interval = rate.garwood(0, of.customers)
    else:
        interval = cluster.ratio(of.per_customer)
    value, low, high = (1000 * part for part in interval)
    return Estimate(Interval(value, _no_less(low, 0.0), high), of.customers, {"events": of.total})


def _share(of: Sums, whole: Sums) -> Estimate:
    if not of.n:
        return Estimate(NOTHING, 0)
    share = of.total / of.n
    worth = of.worth(share * (1 - share) / of.n)
    return Estimate(proportion.wilson(share * worth, worth), of.n, {"hits": of.total})


def _mix(of: Sums, whole: Sums) -> Estimate:
    return Estimate(proportion.wilson(of.n, whole.n), of.n)


def _mean(of: Sums, whole: Sums) -> Estimate:
    if of.single:
        return Estimate(mean.mean(of.n, of.total, of.squares), of.n)
    return Estimate(cluster.ratio(of.per_row), of.n)


def _per_base(of: Sums, whole: Sums) -> Estimate:
    """A ratio of sums: n is that of what it is a share of."""
    found = rate.garwood(0, of.n) if of.total == 0 else cluster.ratio(of.per_row)
    return Estimate(Interval(found.value, _no_less(found.low, 0.0), found.high), of.n, {"events": of.total})


def _per_thousand_of_base(of: Sums, whole: Sums) -> Estimate:
    found = _per_base(of, whole)
    value, low, high = (1000 * part for part in found.interval)
    return Estimate(Interval(value, low, high), of.n, found.extra)


def _share_of_base(of: Sums, whole: Sums) -> Estimate:
    """A share of something that is measured, not counted, such as time; n is the number of customers."""
    value, low, high = cluster.ratio(of.per_row)
    return Estimate(Interval(value, _no_less(low, 0.0), _no_more(high, 1.0)), of.customers)


def _elsewhere(of: Sums, whole: Sums) -> Estimate:
    raise NotImplementedError("This estimator needs the rows themselves.")


def _nps(of: Sums, whole: Sums) -> Estimate:
    if not of.n:
        return Estimate(NOTHING, 0)
    promoters, detractors = (of.squares + of.total) / 2, (of.squares - of.total) / 2
    score = of.total / of.n
    worth = of.worth((of.squares / of.n - score * score) / of.n) / of.n
    value, low, high = (100 * part for part in nps.score(promoters * worth, detractors * worth, of.n * worth))
    parts = {"promoters": promoters, "passives": of.n - promoters - detractors, "detractors": detractors}
    return Estimate(Interval(value, low, high), of.n, parts)


def _wait(of: Sums, whole: Sums) -> Estimate:
    """The median; the mean and the 90th percentile beside it."""
    if not of.n:
        return Estimate(NOTHING, 0)
    median, p90 = _quantiles(of, _independent_waits(of))
    average = cluster.ratio(of.per_row)
    extra = {
        "mean": average.value, "mean_low": _no_less(average.low, 0.0), "mean_high": average.high,
        "median": median.value, "p90": p90.value, "p90_low": p90.low, "p90_high": p90.high,
    }  # fmt: skip
    return Estimate(median, of.n, extra)


def _independent_waits(of: Sums) -> float:
    """How many independent waits these are worth, from the spread of their logarithms between groups of customers."""
    if of.buckets < 2:
        return 1
    simple = mean.variance(of.n, of.logs, of.log_squares) / of.n
    return cluster.effective(of.n, simple, Products(of.buckets, of.logs, of.n, of.ll, of.ln, of.nn))


def _quantiles(of: Sums, worth: float) -> list[Interval]:
    """QUANTILES with their intervals; the histogram's error must not put an end on the wrong side of an exact value."""
    ends = [quantile.ranks(q, worth) for q in QUANTILES]
    shares = [share for q, (low, high) in zip(QUANTILES, ends, strict=True) for share in (low, q, high)]
    found = histogram.quantiles(*of.bins, shares)
    values = of.exact or tuple(found[1::3])
    return [
        Interval(value, _no_more(low, value), _no_less(high, value))
        for value, low, high in zip(values, found[0::3], found[2::3], strict=True)
    ]


def _no_less(end: float, bound: float) -> float:
    return end if math.isnan(end) else max(end, bound)


def _no_more(end: float, bound: float) -> float:
    return end if math.isnan(end) else min(end, bound)


QUANTILES = (0.5, 0.9)
CUSTOMERS = frozenset({"customers"})
WAITS = frozenset({"waits"})
BASE = frozenset({"customers", "base"})

ESTIMATORS = {
    "count": Estimator(_("full count, no margin"), _count, few=0),
    "distinct": Estimator(_("full count of customers, no margin"), _distinct, CUSTOMERS, few=0),
    "per thousand": Estimator(_("ratio over 32 random groups of customers, Student's t"), _per_thousand, CUSTOMERS),
    "share": Estimator(_("Wilson, n reduced to what the customers' repeated rows are worth"), _share, CUSTOMERS),
    "mix": Estimator(_("Wilson, one row a customer"), _mix, few=0),
    "mean": Estimator(_("mean, Student's t, clustered by customer where one brings several"), _mean, CUSTOMERS),
    "nps": Estimator(_("adjusted Wald, n reduced to what the customers' repeated answers are worth"), _nps, CUSTOMERS),
    "median": Estimator(_("order statistics, n reduced to what the customers' repeated waits are worth"), _wait, WAITS),
    "ratio": Estimator(_("ratio over 32 random groups of customers, Student's t"), _per_base, BASE),
    "ratio per thousand": Estimator(
        _("ratio over 32 random groups of customers, Student's t"), _per_thousand_of_base, BASE
    ),
    "share of base": Estimator(_("ratio over 32 random groups of customers, Student's t"), _share_of_base, BASE),
    "outcomes": Estimator(
        _("competing risks by kind of need (Aalen–Johansen), fixed weights, bootstrap over customers"),
        _elsewhere,
        frozenset({"outcomes"}),
    ),
    "survival": Estimator(
        _("Kaplan–Meier: who still waits is counted for as long; bootstrap over customers"),
        _elsewhere,
        frozenset({"survival"}),
    ),
    "explained": Estimator(
        _("shares of explained variance (Shapley), bootstrap over customers"), _elsewhere, frozenset({"explained"})
    ),
}
