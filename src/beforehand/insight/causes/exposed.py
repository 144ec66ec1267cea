"""The days after troubles, in pieces: what was written in each, what was to be expected, which troubles were at work.

A trouble's window is WINDOW days. Each piece is at most a day long and belongs to the latest trouble of the customer;
earlier ones that are still in their window are at work in it too. What was to be expected in it follows from the state
before the *first* trouble on the same thread, since all that came after may be its doing; a trouble on another thread
shows that the customer has another need under way, so there it follows from the state before that one.
"""

from typing import NamedTuple

import numpy as np

from beforehand.insight.causes.baseline import Baseline
from beforehand.insight.causes.landmarks import WINDOW

AGAIN = 1.0
"""Without a key, troubles within so many days are taken for those of one need."""
DEEP = 12
"""So many troubles at once are told apart; of more, the latest."""


class Struck(NamedTuple):
    """Troubles in the order of (customer, time): customer, days since the first day, candidate, stratum, thread
    (a number), and whether the thread has a key."""

    customer: np.ndarray
    t: np.ndarray
    cause: np.ndarray
    stratum: np.ndarray
    thread: np.ndarray
    keyed: np.ndarray


class Pieces(NamedTuple):
    """`work[n, c]` is the lag in days of candidate c's latest trouble in the piece, -1 where it is not at work.

    `first` is the trouble (place in Struck) whose state says what was to be expected, `lag` the days since.
    """

    trouble: np.ndarray
    customer: np.ndarray
    first: np.ndarray
    lag: np.ndarray
    day: np.ndarray
    length: np.ndarray
    wrote: np.ndarray
    cost: np.ndarray
    work: np.ndarray


def cut(struck: Struck, causes: int, customer: np.ndarray, t: np.ndarray, cost: np.ndarray, end: float) -> Pieces:
    """`customer`, `t` and `cost` are those of all contacts."""
    count = len(struck.t)
    after = np.append(struck.t[1:], np.inf)
    after[:-1][struck.customer[1:] != struck.customer[:-1]] = np.inf
    stop = np.minimum(np.minimum(struck.t + WINDOW, after), end)
    lags = np.arange(WINDOW)
    begin = struck.t[:, None] + lags
    close = np.minimum(begin + 1, stop[:, None])
    trouble, _lag = np.nonzero(close > begin)
    begin, close = begin[close > begin], close[close > begin]
    first, work = trouble.copy(), np.full((len(trouble), causes), -1, np.int16)
    for back in range(min(DEEP, count) - 1, -1, -1):
        at = trouble - back
        same = (at >= 0) & (struck.customer[at] == struck.customer[trouble])
        same &= struck.t[at] + WINDOW > begin + 1e-9
        own = same & (struck.thread[at] == struck.thread[trouble])
        own &= struck.keyed[at] | (struck.t[trouble] - struck.t[at] < AGAIN)
        first = np.where(own & (at < first), at, first)
        rows = np.flatnonzero(same)
        work[rows, struck.cause[at[rows]]] = np.floor(begin[rows] - struck.t[at[rows]] + 1e-9)
    lag = np.floor(begin - struck.t[first] + 1e-9).astype(np.int16).clip(0, WINDOW - 1)
    own = struck.customer[trouble]
    wrote, money = counted(customer, t, cost, own, begin, close)
    return Pieces(
        trouble, own, first, lag, np.floor((begin + close) / 2).astype(np.int32), close - begin,
        wrote, money, work,
    )  # fmt: skip


def counted(
    customer: np.ndarray, t: np.ndarray, cost: np.ndarray, whose: np.ndarray, begin: np.ndarray, close: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How many of the contacts are those of a customer after `begin` and until `close`, and what they cost."""
    _everybody, numbers = np.unique(np.concatenate([customer, whose]), return_inverse=True)
    wide = max(float(t.max(initial=0.0)), float(close.max(initial=0.0))) + 1
    keys = numbers[: len(customer)] * wide + t
    order = np.argsort(keys)
    keys, money = keys[order], np.concatenate([[0.0], np.cumsum(cost[order])])
    of = numbers[len(customer) :] * wide
    last, first = np.searchsorted(keys, of + close, side="right"), np.searchsorted(keys, of + begin, side="right")
    return (last - first).astype(float), money[last] - money[first]


def expected(pieces: Pieces, struck: Struck, base: Baseline, factor: np.ndarray) -> np.ndarray:
    """Contacts that were to be expected in each piece; `factor` is the tendency of its customer."""
    return factor * base.season[pieces.day] * pieces.length * base.rate[struck.stratum[pieces.first], pieces.lag]
