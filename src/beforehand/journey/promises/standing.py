"""Where promises stand: those that are late or due soon, and the share of those that fell due that was kept."""

import time as clock
from dataclasses import dataclass

from django.db.models import Count

from beforehand.journey.models import Promise
from beforehand.lib.fields import from_micros
from beforehand.lib.statistics.interval import Interval
from beforehand.lib.statistics.proportion import wilson

DAY = 86_400_000_000
LATE_FOR, SOON = 14 * DAY, 2 * DAY
LISTED = 6
SETTLED = (Promise.State.KEPT, Promise.State.KEPT_LATE, Promise.State.BROKEN)


@dataclass(frozen=True)
class Due:
    """A promise that is late, or due within two days. `seconds` until it is due, below zero when it is late."""

    promise: Promise
    seconds: float

    @property
    def late(self) -> float:
        return max(-self.seconds, 0)

    @property
    def near(self) -> bool:
        return 0 <= self.seconds < 86_400


@dataclass(frozen=True)
class Standing:
    """`kept`: the share of those that fell due in the period, with its interval; `n` how many those are."""

    due: list[Due]
    late: int
    soon: int
    kept: Interval
    n: int


def standing(first: int, last: int, now: int | None = None) -> Standing:
    """Promises as they stand now, and how many of those due from `first` to `last` were kept. Microseconds."""
    moment = clock.time_ns() // 1000 if now is None else now
    late = Promise.objects.filter(state=Promise.State.BROKEN, settled=None, due__gt=from_micros(moment - LATE_FOR))
    soon = Promise.objects.filter(
        state=Promise.State.OPEN, due__gt=from_micros(moment - LATE_FOR), due__lte=from_micros(moment + SOON)
    )
    listed = [*late[: LISTED // 2]]
    listed += soon[: LISTED - len(listed)]
    counted = Promise.objects.filter(
        state__in=SETTLED, due__gte=from_micros(first), due__lte=from_micros(min(last, moment))
    )
    counts = dict(counted.order_by().values_list("state").annotate(Count("id")))
    n, kept = sum(counts.values()), counts.get(Promise.State.KEPT.value, 0)
    due = [Due(one, (one.due - from_micros(moment)).total_seconds()) for one in listed]
    return Standing(due, late.count(), soon.count(), wilson(kept, n), n)
