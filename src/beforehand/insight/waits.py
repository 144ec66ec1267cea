"""How long a wait takes, while some still wait.

Whoever has not finished yet would make the wait look shorter if they were left out: quantiles come from the
product-limit estimate (E. L. Kaplan, P. Meier 1958, JASA 53).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Wait(NamedTuple):
    """Seconds within which half and nine in ten are done; None where not so many are. `n` began, `done` finished."""

    half: float | None
    nine: float | None
    n: int
    done: int


def wait(seconds: Floats, finished: NDArray[np.bool_]) -> Wait:
    """`seconds` each has waited so far, or until it was done (`finished`)."""
    order = np.argsort(seconds, kind="stable")
    at, done = seconds[order], finished[order].astype(bool)
    n = len(at)
    left: Floats = np.cumprod(1 - done / (n - np.arange(n)), dtype=np.float64)
    return Wait(_first(at, left, 0.5), _first(at, left, 0.1), n, int(done.sum()))


def _first(at: Floats, left: Floats, share: float) -> float | None:
    """The first moment at which at most this share is left."""
    place = np.flatnonzero(left <= share + 1e-12)
    return float(at[place[0]]) if len(place) else None
