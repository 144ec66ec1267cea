"""Competing risks: how likely each of several ends is, when not everybody has been watched until theirs.

The Aalen–Johansen estimator (O. Aalen, S. Johansen 1978, Scandinavian Journal of Statistics 5) over ages in bins: the
chance to end one way in a bin is the chance to be without an end until then, times the share of those still watched who
end that way in it. An end of another kind is never treated as if watching had stopped. Where everybody was watched
until their end, it is the plain share.

Those who are watched into a bin but not through it count as half of it, as in an actuary's life table.

Counts may have more dimensions before the last ones, such as one for each sample of a bootstrap.
"""

import math
from typing import NamedTuple

import numpy as np

GROWTH = 0.04
MINUTE = 60.0


class Counts(NamedTuple):
    """`ends[..., bin, way]` ended so at that age; `watched[..., bin]` were watched until then and had no end yet."""

    ends: np.ndarray
    watched: np.ndarray

    @property
    def at_risk(self) -> np.ndarray:
        """How many were watched and without an end in each bin."""
        here = self.ends.sum(axis=-1) + self.watched
        found: np.ndarray = np.flip(np.cumsum(np.flip(here, -1), axis=-1), -1) - self.watched / 2
        return found

    def plus(self, other: "Counts") -> "Counts":
        return Counts(self.ends + other.ends, self.watched + other.watched)


def bin_sql(column: str) -> str:
    """The bin of an age in seconds, in SQL: bins grow by 4 %, the first ones are of seconds."""
    return f"cast(floor(ln(1 + {column} / {MINUTE}) / {GROWTH}) as integer)"


def bin_of(age: float) -> int:
    return math.floor(math.log(1 + age / MINUTE) / GROWTH)


def age_at(bin_: float) -> float:
    """The age at which a bin begins; between bins for what is not whole."""
    return MINUTE * (math.exp(bin_ * GROWTH) - 1)


def incidence(own: Counts, earlier: Counts | None = None, least: float = 10) -> np.ndarray:
    """`[..., bin, way]`: the chance to end each way in each bin; sums over bins are the chance to have ended by then.

    In bins that fewer than `least` (or a fifth) of one's own have reached, those of an earlier cohort are counted too:
    what the young will meet is taken from what the older ones met at that age. Which bins these are is told by the
    first sample.
    """
    at_risk, ends = own.at_risk, own.ends
    if earlier is not None:
        reached = _first(at_risk)
        short = reached < min(least, 0.2 * reached[0])
        at_risk = np.where(short, at_risk + earlier.at_risk, at_risk)
        ends = np.where(short[:, None], ends + earlier.ends, ends)
    hazard = np.divide(ends, at_risk[..., None], out=np.zeros_like(ends), where=at_risk[..., None] > 0)
    without = np.cumprod(1 - hazard.sum(axis=-1), axis=-1)
    before = np.concatenate([np.ones_like(without[..., :1]), without[..., :-1]], axis=-1)
    found: np.ndarray = before[..., None] * hazard
    return found


def _first(counts: np.ndarray) -> np.ndarray:
    return counts.reshape(-1, counts.shape[-1])[0]


def quantile(chances: np.ndarray, share: float) -> np.ndarray:
    """The age by which a share has ended, from the chance by bin (`[..., bin]`); NaN where it is never reached.

    Within a bin, as if its ends were spread evenly over it.
    """
    reached = chances >= share - 1e-12
    at = reached.argmax(axis=-1)
    upper = np.take_along_axis(chances, at[..., None], -1)[..., 0]
    lower = np.where(at > 0, np.take_along_axis(chances, np.maximum(at - 1, 0)[..., None], -1)[..., 0], 0.0)
    part = np.divide(share - lower, upper - lower, out=np.ones_like(upper), where=upper > lower)
    ages = MINUTE * (np.exp((at + np.clip(part, 0, 1)) * GROWTH) - 1)
    return np.where(reached.any(axis=-1), ages, np.nan)
