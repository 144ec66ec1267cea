"""Promises as lists tell them: what is due, at risk, broken, and how many were kept in time.

Days and segments are known to a room above, which says what they mean (`promises.within`).
"""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from beforehand.journey.models import Promise
from beforehand.journey.standing import AT_RISK
from beforehand.lib import bus
from beforehand.lib.statistics import Interval
from beforehand.lib.statistics.proportion import wilson
from beforehand.lib.text import storable

State = Promise.State
DUE, RISK, BROKEN, KEPT, EVERY = "", "risk", "broken", "kept", "all"
SHOWN = {DUE: _("Due"), RISK: _("At risk"), BROKEN: _("Broken"), KEPT: _("Kept"), EVERY: _("All")}
RATED = timedelta(days=91)
OVER = (State.KEPT, State.KEPT_LATE, State.BROKEN, State.OPEN)
LONGEST = 200


class Rate(NamedTuple):
    """Of the promises that became due: kept in time, with Wilson's interval. `days` are the last ones that were looked
    at, None where the period was chosen."""

    kept: int
    n: int
    interval: Interval
    days: int | None


class Within(NamedTuple):
    """Promises made from `start` to before `end` (all, where both are None), to those that `among` leaves of some
    customers; and what it means in words."""

    start: datetime | None
    end: datetime | None
    among: Callable[[set[int]], set[int]] | None
    about: list[str]


def listed(show: str, now: datetime) -> QuerySet[Promise]:
    """The promises under a tab: what is due soonest first, what is over the latest first."""
    promises = Promise.objects.select_related("customer")
    if show in {DUE, RISK}:
        standing = promises.filter(state=State.OPEN, due__gt=now).order_by("due", "id")
        return standing.filter(due__lte=now + AT_RISK) if show == RISK else standing
    latest = promises.order_by("-due", "-id")
    if show == BROKEN:
        return latest.filter(Q(state=State.BROKEN) | Q(state=State.OPEN, due__lte=now))
    return latest.filter(state__in=[State.KEPT, State.KEPT_LATE]) if show == KEPT else latest


class Asked:
    """What an address asks for: `kept` is what of it was understood, `about` what the room above made of it."""

    def __init__(self, asked: Mapping[str, str]) -> None:
        clean = {key: storable(asked.get(key, ""))[:LONGEST] for key in ("who", "what")}
        self.kept = {key: value for key, value in clean.items() if value.strip()}
        said = (within for within in bus.emit("promises.within", asked=asked) if within is not None)
        self.within: Within = next(said, Within(None, None, None, []))

    @property
    def narrowed(self) -> bool:
        return bool(self.kept or self.within.about)

    def of(self, promises: QuerySet[Promise]) -> QuerySet[Promise]:
        """Those of one who promised, of what was promised, of the days."""
        start, end = self.within.start, self.within.end
        made = {"made__gte": start, "made__lt": end} if start and end else {}
        return promises.filter(**self.kept, **made)

    def page(self, promises: QuerySet[Promise], offset: int, limit: int) -> list[Promise]:
        """A part of the list, of the segment."""
        if self.within.among is None:
            return list(promises[offset : offset + limit])
        rows = list(promises.values_list("pk", "customer_id"))
        inside = self.within.among({customer for _pk, customer in rows})
        chosen = [pk for pk, customer in rows if customer in inside][offset : offset + limit]
        found = promises.in_bulk(chosen)
        return [found[pk] for pk in chosen]

    def rate(self, now: datetime) -> Rate:
        """How many of those that became due were kept in time: in the last weeks, where no days are asked for. What was
        agreed anew or taken back is left out."""
        due = self.of(Promise.objects.filter(due__lte=now, state__in=OVER))
        if self.within.start is None:
            due = due.filter(due__gt=now - RATED)
        rows = list(due.values_list("customer_id", "state"))
        inside = self.within.among({customer for customer, _state in rows}) if self.within.among else None
        counts = Counter(state for customer, state in rows if inside is None or customer in inside)
        kept, n = counts[State.KEPT], counts.total()
        return Rate(kept, n, wilson(kept, n), RATED.days if self.within.start is None else None)


def tabs(now: datetime) -> dict[str, int]:
    """How many stand under each tab."""
    return {show: listed(show, now).count() for show in (DUE, RISK, BROKEN)}
