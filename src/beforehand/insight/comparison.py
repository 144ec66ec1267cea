"""Whether a number has changed, or differs from another: said only where chance does not explain it.

The interval of the difference of two independent estimates comes from their own intervals (G. Y. Zou, A. Donner 2008,
Statistics in Medicine 27, “MOVER”), so that it fits every estimator. Where many are compared at once, the verdicts keep
false discoveries under 5 %.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Protocol

from beforehand.lib.statistics.discovery import found
from beforehand.lib.statistics.interval import Interval, normal


class Estimate(Protocol):
    """What can be compared: a Result or a Group of one."""

    @property
    def value(self) -> float | None: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...


@dataclass(frozen=True)
class Change:
    """The difference and its interval. `tone` is good, broken or empty; `detectable` says that it is not chance."""

    value: float
    low: float
    high: float
    detectable: bool
    tone: str = ""

    @property
    def size(self) -> float:
        return abs(self.value)

    @property
    def size_ends(self) -> tuple[float, float]:
        """The interval of the size: of −2.3 [−3.7 to −0.9] it is 0.9 to 3.7. For detectable changes."""
        return (self.low, self.high) if self.value >= 0 else (-self.high, -self.low)

    @property
    def up(self) -> bool:
        return self.value > 0

    @property
    def p(self) -> float:
        """Two-sided, from the interval taken as normal on the side of zero."""
        reach = self.value - self.low if self.value >= 0 else self.high - self.value
        if reach <= 0:
            return 0.0 if self.value else 1.0
        return 2 * (1 - NormalDist().cdf(abs(self.value) / (reach / normal())))


def difference(now: Estimate, before: Estimate) -> Interval | None:
    """now - before with its interval; None where one of them has no interval."""
    ends = (now.value, now.low, now.high, before.value, before.low, before.high)
    if any(end is None or not math.isfinite(end) for end in ends):
        return None
    value, low, high, was, was_low, was_high = (float(end) for end in ends if end is not None)
    return Interval(
        value - was,
        value - was - math.hypot(value - low, was_high - was),
        value - was + math.hypot(high - value, was - was_low),
    )


def compare(now: Estimate, before: Estimate, good: str) -> Change | None:
    """The change from `before` to `now`; `good` is up, down or none. None where it cannot be told."""
    between = difference(now, before)
    if between is None:
        return None
    return _toned(Change(*between, detectable=between.low > 0 or between.high < 0), good)


def compare_many(pairs: Sequence[tuple[Estimate, Estimate] | None], good: str) -> list[Change | None]:
    """Several at once: detectable are those that keep false discoveries under 5 %. None stays None."""
    changes = [compare(*pair, good) if pair else None for pair in pairs]
    calls = iter(found([change.p for change in changes if change]))
    return [_toned(replace(change, detectable=next(calls)), good) if change else None for change in changes]


def _toned(change: Change, good: str) -> Change:
    if not change.detectable or good not in {"up", "down"}:
        return replace(change, tone="")
    return replace(change, tone="good" if change.up == (good == "up") else "broken")
