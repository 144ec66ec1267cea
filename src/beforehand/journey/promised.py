"""Promises as lists tell them: what is due, at risk, broken, and how many were kept in time."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from beforehand.journey.models import Promise
from beforehand.journey.standing import AT_RISK
from beforehand.lib.statistics import Interval
from beforehand.lib.statistics.proportion import wilson

State = Promise.State
DUE, RISK, BROKEN, KEPT, EVERY = "", "risk", "broken", "kept", "all"
SHOWN = {DUE: _("Due"), RISK: _("At risk"), BROKEN: _("Broken"), KEPT: _("Kept"), EVERY: _("All")}
RATED = timedelta(days=91)
LONGEST = 200


class Rate(NamedTuple):
    """Of the promises that became due in a period: kept in time, with Wilson's interval."""

    kept: int
    n: int
    interval: Interval
    days: int


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


def narrowed(promises: QuerySet[Promise], asked: Mapping[str, str]) -> tuple[QuerySet[Promise], dict[str, str]]:
    """Of one who promised, or of what was promised; and what of the address was understood."""
    kept = {key: asked[key].replace("\0", "")[:LONGEST] for key in ("who", "what") if asked.get(key, "").strip()}
    return promises.filter(**kept), kept


def rate(promises: QuerySet[Promise], now: datetime) -> Rate:
    """How many of those due in the last weeks were kept in time. What was agreed anew or taken back is left out."""
    due = promises.order_by().filter(due__gt=now - RATED, due__lte=now)
    counts: dict[str, Any] = due.aggregate(
        kept=Count("id", filter=Q(state=State.KEPT)),
        n=Count("id", filter=Q(state__in=[State.KEPT, State.KEPT_LATE, State.BROKEN, State.OPEN])),
    )
    return Rate(counts["kept"], counts["n"], wilson(counts["kept"], counts["n"]), RATED.days)


def tabs(now: datetime) -> dict[str, int]:
    """How many stand under each tab."""
    return {show: listed(show, now).count() for show in (DUE, RISK, BROKEN)}
