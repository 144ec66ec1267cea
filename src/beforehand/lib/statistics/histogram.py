"""A histogram that can be added to another and still knows its quantiles.

Bins grow by 5 %, so that any value is known within 2.5 % of itself, from a microsecond to centuries (the sketch of C.
Masson, J. E. Rim, H. K. Lee 2019, DDSketch, VLDB 12, without its limit on bins). Values of zero or less share one bin.
"""

import math
from collections.abc import Sequence

import numpy as np

GROWTH = 1.05
ERROR = (GROWTH - 1) / (GROWTH + 1)
ZERO = -2000
STEP = math.log(GROWTH)


def bin_of(value: float) -> int:
    """The bin of a value: bin i holds GROWTH^(i-1) < value <= GROWTH^i."""
    return math.ceil(math.log(value) / STEP) if value > 0 else ZERO


def bin_sql(column: str) -> str:
    """The same in SQL, for any engine."""
    return f"case when {column} > 0 then cast(ceil(ln({column}) / {STEP!r}) as integer) else {ZERO} end"


def quantiles(bins: Sequence[int], counts: Sequence[float], shares: Sequence[float]) -> list[float]:
    """The quantiles at each share, straight between neighbouring values as percentile_cont does; NaN at a share of NaN.

    `counts` belong to `bins`, in any order.
    """
    if not len(bins):
        return [math.nan for _ in shares]
    index, n = np.asarray(bins), np.asarray(counts, dtype=float)
    order = index.argsort()
    values, through = middles(index[order]), n[order].cumsum()
    places = np.array([0.0 if math.isnan(share) else share for share in shares]) * (through[-1] - 1)
    below = np.floor(places)
    last = len(values) - 1
    low = values[np.minimum(through.searchsorted(below, side="right"), last)]
    high = values[np.minimum(through.searchsorted(below + 1, side="right"), last)]
    found = low + (places - below) * (high - low)
    return [math.nan if math.isnan(share) else value for share, value in zip(shares, found.tolist(), strict=True)]


def middles(index: np.ndarray) -> np.ndarray:
    """For each bin the value that is at most ERROR (relative) away from everything in it."""
    return np.where(index == ZERO, 0.0, 2 * np.power(GROWTH, index.astype(float)) / (GROWTH + 1))
