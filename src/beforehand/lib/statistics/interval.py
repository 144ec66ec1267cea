"""What every estimator returns, and the two quantiles that all of them need."""

import math
from functools import lru_cache
from statistics import NormalDist
from typing import NamedTuple


class Interval(NamedTuple):
    """An estimate and the two ends of its interval. NaN means that there is nothing to estimate from."""

    value: float
    low: float
    high: float


NOTHING = Interval(math.nan, math.nan, math.nan)


@lru_cache
def normal(confidence: float = 0.95) -> float:
    """How many standard errors lie on each side: 1.959964 for 95 %."""
    if not 0 < confidence < 1:
        raise ValueError(f"Confidence must lie between 0 and 1, not {confidence}.")
    return NormalDist().inv_cdf(0.5 + confidence / 2)


@lru_cache(maxsize=4096)
def student(freedom: float, confidence: float = 0.95) -> float:
    """The same for Student's t with `freedom` degrees of freedom: 12.7062 for one degree and 95 %."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.5 + confidence / 2))
