"""The days of a break: the coarse windows of the search, sharpened to a day."""

from typing import NamedTuple

import numpy as np

from beforehand.insight.breaks.windows import ratio

REACH = 60
LEAST_OUTSIDE = 5


class Daily(NamedTuple):
    """Running sums by day, with a zero in front: cases, expected cases, trials."""

    cases: np.ndarray
    expected: np.ndarray
    trials: np.ndarray


def daily(day: np.ndarray, happened: np.ndarray, stratum: np.ndarray, days: int) -> Daily:
    """Cases by day beside what the shares of the strata lead one to expect."""
    sums = np.bincount(stratum, happened)
    rates = sums / np.maximum(np.bincount(stratum), 1)
    tables = [np.bincount(day, weights, days) for weights in (happened.astype(float), rates[stratum], None)]
    return Daily(*[np.r_[0.0, np.cumsum(table)] for table in tables])


def evidence(of: Daily, start: np.ndarray, end: np.ndarray, up: bool) -> np.ndarray:
    """The log likelihood ratio of each window [start, end), 0 where it points the other way."""
    o, e, n = (table[end] - table[start] for table in of)
    total_o, total_e, total_n = (table[-1] for table in of)
    value = ratio(o, np.minimum(e, n * 0.9999), n)
    value += ratio(total_o - o, np.minimum(total_e - e, (total_n - n) * 0.9999), total_n - n)
    usable = (o > e) == up
    return np.where(usable & (n > 0) & (total_n > n) & (end > start), value, 0.0)


def sharpen(parts: list[tuple[Daily, bool]], start: int, end: int, days: int) -> tuple[int, int]:
    """The window [start, end) of days near the given one for which the parts together speak most."""
    reach = int(np.clip((end - start) // 2, 8, REACH))
    starts = np.arange(max(0, start - reach), min(days - 1, start + reach) + 1)
    ends = np.arange(max(1, end - reach), min(days, end + reach) + 1)
    first, last = (grid.ravel() for grid in np.meshgrid(starts, ends, indexing="ij"))
    total = np.zeros(len(first))
    for of, up in parts:
        total += evidence(of, first, last, up)
    best = int(total.argmax())
    return int(first[best]), int(last[best])


def open_ends(of: Daily, start: int, end: int) -> tuple[bool, bool]:
    """Whether there is too little before, and after, the window to say that it began or ended."""
    return bool(of.trials[start] < LEAST_OUTSIDE), bool(of.trials[-1] - of.trials[end] < LEAST_OUTSIDE)
