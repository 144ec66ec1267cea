"""The home board: what share of needs was met beforehand, what holds it down, where it breaks, how fresh it all is."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.utils import timezone

from beforehand.insight import homeboard, measures, reading, shown
from beforehand.insight.filters import Filter
from beforehand.insight.overview import catalogue_of
from beforehand.insight.segments import among
from beforehand.insight.views.board import BoardView
from beforehand.journey.models import FailedMessage, Touchpoint
from beforehand.journey.promises.standing import standing
from beforehand.lib.fields import to_micros

SIZES = ((664.0, 236.0), (358.0, 230.0))
LISTED = 5


class HomeView(BoardView):
    """Opens with needs met beforehand. Without any need it invites to say what customers try to get done, and opens
    with contacts per 1,000 active customers; where there have been none, with active customers."""

    template = "web/home.html"

    def show(self, reader: Any, chosen: Filter, **where: Any) -> dict[str, Any]:
        found = shown.latest(reader, chosen.start, chosen.end)
        needs = homeboard.needs(reader, chosen)
        return {
            **(_of_needs(needs, reader, chosen) if needs else _of_contacts(reader, chosen)),
            "breaks": found[:LISTED],
            "more_breaks": len(found) - LISTED,
            "scan": shown.latest_scan(),
            "moment": timezone.localtime(),
            "received": Touchpoint.objects.order_by("-pk").values_list("received", flat=True).first(),
            "waiting": FailedMessage.objects.filter(state=FailedMessage.State.WAITING).count(),
        }


def _of_needs(needs: homeboard.Needs, reader: Any, chosen: Filter) -> dict[str, Any]:
    labels = {name: label for name, (label, _stage, _kind) in catalogue_of(reader).items()}
    return {
        "needs": needs,
        "measure": needs.measure,
        "now": needs.now,
        "then": needs.then,
        "change": needs.change,
        "charts": reading.charts(needs.history, needs.now, needs.then, chosen, SIZES, brackets=False),
        "causes": homeboard.causes(labels, reader, chosen),
        "promises": standing(
            _midnight(chosen.start),
            _midnight(chosen.end + timedelta(days=1)),
            among=partial(among, reader, chosen.segment) if chosen.segment else None,
        ),
        "rates": [_answered(reader, chosen, slug) for slug in ("contact-rate", "failure-share", "contacts-per-order")],
    }


def _of_contacts(reader: Any, chosen: Filter) -> dict[str, Any]:
    measure = measures.find("contact-rate")
    now, history = reading.answer(reader, chosen, measure), reading.history(reader, chosen, measure)
    if not any(point.value for point in history.trend):
        measure = measures.find("customers")
        now, history = reading.answer(reader, chosen, measure), reading.history(reader, chosen, measure)
    then = reading.before(reader, chosen, measure)
    return {
        "measure": measure,
        "now": now,
        "then": then,
        "change": reading.change(now, then),
        "charts": reading.charts(history, now, then, chosen, SIZES, brackets=False),
    }


def _answered(reader: Any, chosen: Filter, slug: str) -> Any:
    return reading.answer(reader, chosen, measures.find(slug))


def _midnight(day: Any) -> int:
    return to_micros(timezone.make_aware(datetime.combine(day, datetime.min.time())))
