"""What people who left because of a trouble would have written later: that too is a difference that the trouble made.

Whoever was struck and is compared with others of the same stratum is *gone* when nothing at all is recorded of them
between FROM and TO days later. Of those who would have stayed, the share that is gone is estimated once for all
troubles that bring contacts together, because a single one strikes too few to say; it is never less than nothing. What
the gone would have written is what customers like them write a day, troubles or not, times the days that the data goes
on.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from beforehand.insight.causes.exposed import counted
from beforehand.insight.causes.landmarks import LEVELS, STRETCHES, WINDOW
from beforehand.insight.causes.tendency import Tendency

FROM, TO = 30, 75
AGAIN = 1.0
"""Whoever is struck again within so many days is not asked twice whether to leave."""
MOST = 60_000
UNLIKE = 3**-0.5
"""One trouble drives away anything from nobody to twice the share of all of them: the deviation of such a factor."""
CLUMPS = 2.0
"""The variance of what one customer writes over its mean."""


class Leaving(NamedTuple):
    """The share of those struck who left because of it, with its standard error; and for each trouble (place in the
    placed ones) what its customer would write from WINDOW days later to the end of the data, with the mean of its
    square; 0 where the customer was struck a moment ago."""

    share: float
    error: float
    later: np.ndarray
    square: np.ndarray

    def lost(self, weight: np.ndarray) -> tuple[float, float]:
        """The contacts that will not come, and their variance; `weight` of each trouble."""
        whole = float((weight * self.later).sum())
        chance = self.share * float((weight * self.square).sum())
        return self.share * whole, (self.error * whole) ** 2 + (UNLIKE * self.share * whole) ** 2 + chance


def leaving(db: Any, placed: dict[str, np.ndarray], known: Tendency, bring: np.ndarray, end: float) -> Leaving:
    """`bring` says which of the placed troubles bring contacts."""
    first = np.ones(len(placed["t"]), bool)
    first[1:] = (placed["customer"][1:] != placed["customer"][:-1]) | (np.diff(placed["t"]) >= AGAIN)
    at = np.searchsorted(known.customer, placed["customer"])
    daily = known.factor * known.active * _all_told(db, known, end)
    later = np.where(first, daily[at] * np.maximum(end - placed["t"] - WINDOW, 0.0), 0.0)
    square = CLUMPS * later + later**2 * (1 + 1 / known.sure[at])
    share, error = _gone_more(db, placed, bring & first, end)
    return Leaving(max(share, 0.0), error, later, square)


def _all_told(db: Any, known: Tendency, end: float) -> float:
    """How many times as much is written, after troubles and else, as would be if there were none."""
    wrote = db.execute("select count(*) from cause_contacts semi join cause_people using (customer)").fetchone()[0]
    since = db.execute("select since from cause_people order by customer").fetchnumpy()["since"]
    usual = float((known.factor * known.active * (end - np.asarray(since))).sum())
    return wrote / usual if usual > 0 else 1.0


def _gone_more(db: Any, placed: dict[str, np.ndarray], which: np.ndarray, end: float) -> tuple[float, float]:
    """Which share of those struck is gone who would have stayed, weighted by strata, and its standard error."""
    rows = np.flatnonzero(which & (placed["t"] + TO <= end))
    if len(rows) < 2:
        return 0.0, 0.0
    wide = placed["stratum"][rows] // LEVELS
    used = ", ".join(str(stratum) for stratum in np.unique(wide))
    theirs = db.execute(
        f"""select customer, t, stratum // {LEVELS} as stratum from cause_landmarks
            where stratum // {LEVELS} in ({used}) and t + {TO} <= {end} order by hash(t) limit {MOST}"""
    ).fetchnumpy()
    silent = _gone(
        db,
        np.concatenate([placed["customer"][rows], theirs["customer"]]),
        np.concatenate([placed["t"][rows], theirs["t"]]),
    )
    other, size = np.asarray(theirs["stratum"], np.int64), int(wide.max()) + STRETCHES
    n, m = np.bincount(wide, minlength=size), np.bincount(other, minlength=size)
    gone = np.bincount(wide, silent[: len(rows)], size)
    others = np.bincount(other, silent[len(rows) :], size)
    both = (n > 0) & (m > 0)
    usual = others[both] / np.maximum(m[both], 1)
    stay = float((n[both] * (1 - usual)).sum())
    if not stay:
        return 0.0, 0.0
    share = float(gone[both].sum() - (n[both] * usual).sum()) / stay
    spread = usual * (1 - usual)
    error = math.sqrt(float((n[both] * spread).sum() + (n[both] ** 2 * spread / m[both]).sum())) / stay
    return share, error


def _gone(db: Any, customer: np.ndarray, t: np.ndarray) -> np.ndarray:
    """For each moment 1 where nothing is recorded of its customer between FROM and TO days later, else 0."""
    seen = db.execute("select customer, t from cause_seen").fetchnumpy()
    nothing = np.zeros(len(seen["t"]))
    many, _cost = counted(np.asarray(seen["customer"]), np.asarray(seen["t"]), nothing, customer, t + FROM, t + TO)
    return (many == 0).astype(float)
