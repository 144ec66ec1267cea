"""Whether people wrote before a trouble was noted: then they knew it sooner, or it was noted because they wrote."""

import math
from typing import Any, NamedTuple

import numpy as np

from beforehand.insight.causes.landmarks import LEVELS, STRETCHES, WINDOW, Strata


class Before(NamedTuple):
    """For each trouble (place in the placed ones) whether the customer had written in the week before, the share of
    comparable customers who had, and whether it counts: no other trouble shortly before."""

    wrote: np.ndarray
    usual: np.ndarray
    counts: np.ndarray

    def of(self, troubles: np.ndarray) -> tuple[float, float]:
        """How many times as many as comparable customers had written, and the chance of so many."""
        rows = troubles[self.counts[troubles]]
        usual = self.usual[rows]
        expected, variance = float(usual.sum()), float((usual * (1 - usual)).sum())
        if variance <= 0:
            return 1.0, 1.0
        observed = float(self.wrote[rows].sum())
        return observed / expected, 0.5 * math.erfc((observed - 0.5 - expected) / math.sqrt(2 * variance))


def before(db: Any, strata: Strata, placed: dict[str, np.ndarray]) -> Before:
    counts = np.zeros(strata.size)
    for stratum, many in db.execute("select stratum, count(*) from cause_landmarks group by stratum").fetchall():
        counts[stratum] = many
    table = counts.reshape(-1, STRETCHES, LEVELS)
    pair = table.sum((1, 2), keepdims=True)
    share = table[:, :, 1:].sum(2, keepdims=True)
    wide = (table[:, :, 1:].sum((1, 2), keepdims=True) + 1) / (pair + 10)
    usual = ((share + 10 * wide) / (table.sum(2, keepdims=True) + 10))[:, :, 0].ravel()
    stratum = placed["stratum"]
    earlier = np.full(len(stratum), -np.inf)
    if len(stratum) > 1:
        same = placed["customer"][1:] == placed["customer"][:-1]
        earlier[1:][same] = placed["t"][:-1][same]
    alone = (placed["t"] - earlier >= WINDOW) & (placed["itself"] == placed["cause"])
    return Before(stratum % LEVELS > 0, usual[stratum // LEVELS], alone)
