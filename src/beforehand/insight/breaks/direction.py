"""Which steps come before which, and which shifts are for the worse."""

import numpy as np

from beforehand.insight.breaks.log import Log
from beforehand.insight.breaks.visits import gaps

AHEAD = 10
CLEARLY = 0.55
UNWELCOME = {"failure", "contact", "wait"}
"""Kinds of touchpoints of which more is worse and fewer is better."""


def precedence(log: Log, pause: float | None) -> np.ndarray:
    """(names, names): among visits that have both, the share in which the first came before the second. 0.5 unknown."""
    many = len(log.names)
    new_visit = log.new_customer | (gaps(log) > (pause or np.inf))
    visit = np.cumsum(new_visit) - 1
    rows = np.flatnonzero(log.name >= 0)
    order = rows[np.lexsort((rows, log.name[rows], visit[rows]))]
    first = np.r_[True, (np.diff(visit[order]) != 0) | (np.diff(log.name[order]) != 0)][: len(order)]
    kept = np.sort(order[first])
    name, own = log.name[kept], visit[kept]
    before = np.zeros(many * many)
    for ahead in range(1, min(AHEAD, len(kept) - 1) + 1):
        together = own[ahead:] == own[:-ahead]
        pairs = name[:-ahead][together] * many + name[ahead:][together]
        before += np.bincount(pairs, minlength=many * many)
    table = before.reshape(many, many)
    both = table + table.T
    return np.where(both >= 10, table / np.maximum(both, 1), 0.5)


def goes_back(order: np.ndarray, step: np.ndarray, to: np.ndarray) -> np.ndarray:
    """Whether `to` is the step itself or one that usually comes before it."""
    return (step == to) | (order[to, step] >= CLEARLY)


def goes_on(order: np.ndarray, step: np.ndarray, to: np.ndarray) -> np.ndarray:
    return (step != to) & (order[step, to] >= CLEARLY)


def turned_back(order: np.ndarray, step: np.ndarray, followers: np.ndarray, again: bool = True) -> np.ndarray:
    """Whether each trial came soon to an earlier step (or the same `again`) and to no later one."""
    known = (followers >= 0) & (step < len(order))[:, None]
    own = np.where(known, step[:, None], 0)
    to = np.where(known, followers, 0)
    back = known & goes_back(order, own, to) & (again | (own != to))
    return back.any(axis=1) & ~(known & goes_on(order, own, to)).any(axis=1)


def unwelcome(names: list[str], kinds: dict[str, str]) -> np.ndarray:
    return np.array([kinds.get(name, "value") in UNWELCOME for name in names], bool)
