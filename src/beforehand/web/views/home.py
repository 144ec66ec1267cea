"""The home board: the number that matters, where the journey breaks, what customers say, how fresh it all is."""

from typing import Any

from django.utils import timezone

from beforehand.insight import measures, reading, shown
from beforehand.insight.filters import Filter
from beforehand.insight.views.board import BoardView
from beforehand.journey.models import FailedMessage, Touchpoint

SIZES = ((664.0, 236.0), (358.0, 230.0))
LISTED = 5


class HomeView(BoardView):
    """Opens with contacts per 1,000 active customers; where there have been none, with active customers."""

    template = "web/home.html"

    def show(self, reader: Any, chosen: Filter, **where: Any) -> dict[str, Any]:
        measure = measures.find("contact-rate")
        now, history = reading.answer(reader, chosen, measure), reading.history(reader, chosen, measure)
        if not any(point.value for point in history.trend):
            measure = measures.find("customers")
            now, history = reading.answer(reader, chosen, measure), reading.history(reader, chosen, measure)
        then = reading.before(reader, chosen, measure)
        found = shown.latest(reader, chosen.start, chosen.end)
        return {
            "measure": measure,
            "now": now,
            "then": then,
            "change": reading.change(now, then),
            "charts": reading.charts(history, now, then, chosen, SIZES, brackets=False),
            "breaks": found[:LISTED],
            "more_breaks": len(found) - LISTED,
            "scan": shown.latest_scan(),
            "moment": timezone.localtime(),
            "received": Touchpoint.objects.order_by("-pk").values_list("received", flat=True).first(),
            "waiting": FailedMessage.objects.filter(state=FailedMessage.State.WAITING).count(),
        }
