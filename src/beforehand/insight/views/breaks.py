"""Where the journey goes wrong: the list, and a page for each break."""

from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from beforehand.insight import figures, shown
from beforehand.insight.charts.sides import sides
from beforehand.insight.course import course, segment_of
from beforehand.insight.filters import Filter
from beforehand.insight.views.board import BoardView

SIZES = ((1140.0, 260.0), (358.0, 220.0))


class BreaksView(BoardView):
    template = "insight/breaks.html"

    def show(self, reader: Any, chosen: Filter, **where: Any) -> dict[str, Any]:
        found = shown.latest(reader)
        return {
            "inside": [one for one in found if one.concerns(chosen.start, chosen.end)],
            "outside": [one for one in found if not one.concerns(chosen.start, chosen.end)],
            "scan": shown.latest_scan(),
        }


class BreakView(BoardView):
    template = "insight/break.html"

    def show(self, reader: Any, chosen: Filter, **where: Any) -> dict[str, Any]:
        one = shown.find(reader, where["pk"])
        if one is None:
            raise Http404(_("This break is of an earlier search. The list has those of the latest."))
        return {"one": one, "map_url": reverse("insight:map") + _around(one, chosen)}


class CourseView(BoardView):
    """The break week by week: it reads every journey through the step, so it comes after the page."""

    template = "insight/course.html"
    part = "insight/_course.html"

    def show(self, reader: Any, chosen: Filter, **where: Any) -> dict[str, Any]:
        one = shown.find(reader, where["pk"])
        if one is None:
            raise Http404(_("This break is of an earlier search."))
        weeks = course(reader, one.found, chosen.first, chosen.last)
        segment = segment_of(one.found)
        labels = (segment.value if segment else _("all customers"), _("the others"))
        charts = [
            sides(weeks.inside, weeks.others, one.window, labels, size, lambda v: figures.axis(v, one.found.unit))
            for size in SIZES
        ]
        return {"one": one, "charts": [chart for chart in charts if chart]}


def _around(one: shown.Shown, chosen: Filter) -> str:
    """The break's own days and segment as a filter."""
    segment = segment_of(one.found)
    return chosen.link(
        **{"days": None, "from": one.found.start or chosen.first.isoformat()},
        to=one.found.end or chosen.last.isoformat(),
        segment=str(segment) if segment else None,
        touchpoint=one.found.name,
    )
