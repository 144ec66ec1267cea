"""A histogram that can be added to another and still knows its quantiles.

Bins grow by 5 %, so that any value is known within 2.5 % of itself, from a microsecond to centuries (the sketch of C.
Masson, J. E. Rim, H. K. Lee 2019, DDSketch, VLDB 12, without its limit on bins). Values of zero or less share one bin.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

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


def middle(index: int) -> float:
    """The value that is at most ERROR (relative) away from everything in the bin."""
    return 0.0 if index == ZERO else 2 * GROWTH**index / (GROWTH + 1)


def quantiles(bins: Sequence[int], counts: Sequence[float], shares: Sequence[float]) -> list[float]:
    """The quantiles at each share, straight between neighbouring values as percentile_cont does. `bins` in order.

    NaN at a share of NaN."""
    through = list(accumulate(counts))
    if not through or through[-1] <= 0:
        return [math.nan for _ in shares]
    return [math.nan if math.isnan(share) else _quantile(bins, through, share) for share in shares]


def _quantile(bins: Sequence[int], through: Sequence[float], share: float) -> float:
    place = share * (through[-1] - 1)
    below = math.floor(place)
    low = _value(bins, through, below)
    if place == below:
        return low
    return low + (place - below) * (_value(bins, through, below + 1) - low)


def _value(bins: Sequence[int], through: Sequence[float], rank: float) -> float:
    """The value with that many values before it."""
    return middle(bins[min(bisect_right(through, rank), len(bins) - 1)])
