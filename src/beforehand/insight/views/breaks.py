"""Where the journey goes wrong: the list, and a page for each break."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from beforehand.insight import figures, shown
from beforehand.insight.breaks.found import Found
from beforehand.insight.breaks.knowing import forget, know
from beforehand.insight.charts.sides import sides
from beforehand.insight.course import course, segment_of
from beforehand.insight.filters import Filter
from beforehand.insight.models import Break
from beforehand.insight.ranking import ranked
from beforehand.insight.views.board import BoardView
from beforehand.team.access import MemberView

MOST_SIGNS = 300
SIZES = ((1140.0, 260.0), (358.0, 220.0))


class BreaksView(BoardView):
    template = "insight/breaks.html"

    def show(self, reader: Any, chosen: Filter, **where: Any) -> dict[str, Any]:
        found = ranked(reader)
        return {
            "inside": [one for one in found if one.concerns(chosen.start, chosen.end)],
            "outside": [one for one in found if not one.concerns(chosen.start, chosen.end)],
            "scan": shown.latest_scan(),
        }


class BreakView(BoardView):
    template = "insight/break.html"

    def show(self, reader: Any, chosen: Filter, **where: Any) -> dict[str, Any] | HttpResponseBase:
        one = shown.find(reader, where["pk"])
        if one is None:
            return self._earlier(reader, chosen, where["pk"])
        return {"one": one, "map_url": reverse("insight:map") + _around(one, chosen)}

    def _earlier(self, reader: Any, chosen: Filter, pk: int) -> HttpResponseBase:
        """A link of an earlier search leads to the same break of the latest; where there is none left, that is said."""
        row = Break.objects.filter(pk=pk).first()
        if row is None and not Break.objects.filter(pk__gt=pk).exists():
            raise Http404
        before = Found.from_dict(row.payload) if row else None
        same = next((one for one in shown.latest(reader) if before and one.found.says_as(before)), None)
        if same is None:
            return render(self.request, "insight/break_gone.html", {"filter": chosen}, status=404)
        messages.info(
            self.request, _("This is the same break as the latest search sees it; your link was of an earlier one.")
        )
        return redirect("insight:break", same.pk)


class DismissalView(MemberView, View):
    """A member's word that a break is known. A form that takes it back says `back`, since forms cannot DELETE."""

    needs = "may_configure"

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        if request.POST.get("back"):
            return self.delete(request, pk)
        why = " ".join(request.POST.get("why", "").split())
        if not why or len(why) > MOST_SIGNS:
            messages.error(request, _("Say in a few words why this break needs no attention; at most 300 signs."))
        else:
            know(self._found(pk), why, by=self.me)
            messages.success(request, _("This break is known now. Later searches show it muted."))
        return redirect("insight:break", pk)

    def delete(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        if forget(self._found(pk), by=self.me):
            messages.success(request, _("This break counts again."))
        return redirect("insight:break", pk)

    def _found(self, pk: int) -> Found:
        return Found.from_dict(get_object_or_404(Break, pk=pk).payload)


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
