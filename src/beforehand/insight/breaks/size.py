"""How large a break is, from customers who took no part in finding it."""

from dataclasses import dataclass

import numpy as np

from beforehand.insight.breaks.outcome import Observed
from beforehand.lib.statistics.cluster import Products, effective
from beforehand.lib.statistics.proportion import newcombe, wilson
from beforehand.lib.statistics.quantile import quantile

LEAST_INSIDE = 8


@dataclass(frozen=True)
class Size:
    """Inside the window against outside it. `gain_low` and `gain_high` bound the difference; `gain` is it."""

    value: float
    low: float
    high: float
    baseline: float
    gain: float
    gain_low: float
    gain_high: float
    n: int

    @property
    def certain(self) -> bool:
        """Whether the interval of the difference leaves out zero."""
        return self.n >= LEAST_INSIDE and (self.gain_low > 0 or self.gain_high < 0)


def share_inside(of: Observed, inside: np.ndarray) -> Size:
    """Shares with Wilson's intervals and their difference with Newcombe's, over effective numbers of trials.

    Trials of one customer belong together: the number of trials is divided by the design effect.
    """
    in_cases, in_n = _effective(of, inside)
    out_cases, out_n = _effective(of, ~inside)
    share, difference = wilson(in_cases, in_n), newcombe(in_cases, in_n, out_cases, out_n)
    return Size(*share, out_cases / max(out_n, 1e-9), *difference, int(inside.sum()))


def _effective(of: Observed, rows: np.ndarray) -> tuple[float, float]:
    """Cases and trials of the rows, both divided by the design effect of customers."""
    n = int(rows.sum())
    if not n:
        return 0.0, 0.0
    _names, customer = np.unique(of.customer[rows], return_inverse=True)
    y, x = np.bincount(customer, of.happened[rows]), np.bincount(customer).astype(float)
    share = y.sum() / n
    products = Products(len(x), y.sum(), n, (y * y).sum(), (x * y).sum(), (x * x).sum())
    worth = effective(n, share * (1 - share) / n, products)
    return share * worth, worth


def surely_more(values: np.ndarray, customer: np.ndarray, inside: np.ndarray) -> bool:
    """Whether the mean of the values is larger inside than outside, by more than 1.96 standard errors, customers
    being what varies."""
    parts = []
    for rows in (inside, ~inside):
        if not rows.any():
            return False
        _names, whose = np.unique(customer[rows], return_inverse=True)
        total, many = np.bincount(whose, values[rows]), np.bincount(whose)
        mean = total.sum() / many.sum()
        parts.append((mean, ((total - mean * many) ** 2).sum() / many.sum() ** 2))
    (more, spread), (less, other) = parts
    return bool(more - less > 1.96 * np.sqrt(spread + other))


def wait_inside(of: Observed, inside: np.ndarray) -> Size:
    """Median waits in seconds, and the chance that a wait inside is longer than the usual one, less one half."""
    inner, outer = of.happened[inside], of.happened[~inside]
    if len(inner) < 2 or len(outer) < 2:
        return Size(np.nan, np.nan, np.nan, np.nan, 0.0, 0.0, 0.0, len(inner))
    middle = quantile(inner.tolist(), 0.5, float(len(np.unique(of.customer[inside]))))
    usual = float(np.median(outer))
    longer = Observed(of.row, of.day, of.customer, (of.happened > usual).astype(float), of.stratum)
    cases, n = _effective(longer, inside)
    out_cases, out_n = _effective(longer, ~inside)
    return Size(*middle, usual, *newcombe(cases, n, out_cases, out_n), len(inner))
