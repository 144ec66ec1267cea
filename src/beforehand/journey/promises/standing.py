"""Where promises stand: those that are late or due soon, and the share of those that fell due that was kept."""

import time as clock
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from beforehand.journey.models import Promise
from beforehand.lib.fields import from_micros
from beforehand.lib.statistics.interval import Interval
from beforehand.lib.statistics.proportion import wilson

DAY = 86_400_000_000
LATE_FOR, SOON = 14 * DAY, 2 * DAY
LISTED = 6
SETTLED = (Promise.State.KEPT, Promise.State.KEPT_LATE, Promise.State.BROKEN)
Among = Callable[[set[int]], set[int]]


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


def standing(first: int, last: int, now: int | None = None, among: Among | None = None) -> Standing:
    """Promises as they stand now, and how many of those due from `first` to `last` were kept. Microseconds.

    `among` says which of some customers are asked for, where not all are.
    """
    moment = clock.time_ns() // 1000 if now is None else now
    late = Promise.objects.filter(state=Promise.State.BROKEN, settled=None, due__gt=from_micros(moment - LATE_FOR))
    soon = Promise.objects.filter(
        state=Promise.State.OPEN, due__gt=from_micros(moment - LATE_FOR), due__lte=from_micros(moment + SOON)
    )
    first_late, all_late = _first(late, LISTED // 2, among)
    first_soon, all_soon = _first(soon, LISTED - len(first_late), among)
    counts = _by_state(
        Promise.objects.filter(
            state__in=SETTLED, due__gte=from_micros(first), due__lte=from_micros(min(last, moment))
        ),
        among,
    )  # fmt: skip
    n, kept = sum(counts.values()), counts.get(Promise.State.KEPT.value, 0)
    due = [Due(one, (one.due - from_micros(moment)).total_seconds()) for one in [*first_late, *first_soon]]
    return Standing(due, all_late, all_soon, wilson(kept, n), n)


def _first(promises: QuerySet[Promise], most: int, among: Among | None) -> tuple[list[Promise], int]:
    """The first of them, and how many there are."""
    if among is None:
        return list(promises[:most]), promises.count()
    rows = list(promises.values_list("pk", "customer_id"))
    wanted = among({customer for _pk, customer in rows})
    kept = [pk for pk, customer in rows if customer in wanted]
    return list(promises.filter(pk__in=kept[:most])), len(kept)


def _by_state(promises: QuerySet[Promise], among: Among | None) -> dict[str, int]:
    if among is None:
        return dict(promises.order_by().values_list("state").annotate(Count("id")))
    rows = list(promises.order_by().values_list("customer_id", "state"))
    wanted = among({customer for customer, _state in rows})
    return Counter(state for customer, state in rows if customer in wanted)
