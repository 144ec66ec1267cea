"""The boards of needs: all kinds, and one kind with its path, who is stuck in it, and what brings contacts."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from beforehand.insight import figures, measures, need_kinds, reading
from beforehand.insight.charts.trend import trend
from beforehand.insight.filters import Filter
from beforehand.insight.measure import Measure
from beforehand.insight.result import Group
from beforehand.insight.views.board import BoardView
from beforehand.journey import standing
from beforehand.journey.needs.book import PATIENCE
from beforehand.lib import pages
from beforehand.lib.pages import Page

SIZE = 20
SIZES = ((1140.0, 220.0), (358.0, 200.0))
HOW = ("by_itself", "self_service", "guided", "proactive", "human")
NO_HOW = ("abandoned", "open")
BAR = 1140


class NeedsView(BoardView):
    """Every kind of need: how many were opened, what share was met beforehand, who is in it and who is stuck."""

    template = "insight/needs.html"

    def show(self, reader: Any, chosen: Filter, **where: Any) -> dict[str, Any]:
        lines = need_kinds.board(need_kinds.ask(reader, chosen))
        measure, groups, whole = _met(reader, chosen)
        return {
            "rows": [(line, groups.get(line.kind)) for line in lines],
            "measure": measure,
            "whole": whole,
            "stuck": sum(line.stuck for line in lines),
            "open": sum(line.open for line in lines),
            "any": any(line.opened or line.open for line in lines),
        }


class NeedView(BoardView):
    """One kind of need."""

    template = "insight/need.html"

    def show(self, reader: Any, chosen: Filter, **where: Any) -> dict[str, Any]:
        found = need_kinds.definition_of(where["kind"])
        if found is None:
            raise Http404(_("There is no such kind of need."))
        definition, off = found
        asked = need_kinds.ask(reader, chosen, definition.kind)
        measure, groups, _whole = _met(reader, chosen)
        stops = need_kinds.path(asked, definition)
        step = next((stop.step for stop in stops if stop.step == chosen.kept.get("step")), "")
        return {
            "definition": definition,
            "off": off,
            "stops": stops,
            "open": sum(stop.open for stop in stops),
            "stuck": sum(stop.stuck for stop in stops),
            "ends": Ends.of(need_kinds.ends(asked)),
            "causes": need_kinds.causes(asked),
            "said": need_kinds.words(asked) if self.member.may_see_customers else [],
            "measure": measure,
            "met": groups.get(definition.kind),
            "in_time": sum(stop.in_time for stop in stops),
            "step": step,
            "step_title": next((stop.title for stop in stops if stop.step == step), ""),
            "patience": definition.patience or PATIENCE * definition.horizon,
            "people": _stuck(self.request, asked, stops, step) if self.member.may_see_customers else None,
        }


class NeedTrendView(BoardView):
    """The share met beforehand of one kind, week by week. It comes after the page."""

    template = part = "insight/_need_trend.html"

    def show(self, reader: Any, chosen: Filter, **where: Any) -> dict[str, Any]:
        if need_kinds.definition_of(where["kind"]) is None:
            raise Http404(_("There is no such kind of need."))
        points = need_kinds.weeks(need_kinds.ask(reader, chosen, where["kind"]))
        charts = [trend(points, width, height, lambda v: figures.axis(v, "share")) for width, height in SIZES]
        return {"charts": [chart for chart in charts if chart]}


class Ends(tuple[tuple[str, str, int, float, float, float], ...]):
    """What became of the needs of the period, as parts of a bar: (key, words, count, share, from, width)."""

    @classmethod
    def of(cls, counts: dict[str, int]) -> "Ends":
        total, begun, parts = sum(counts.values()), 0.0, []
        for key in (*HOW, *NO_HOW):
            if n := counts.get(key, 0):
                width = max(n / total * BAR - 2, 1)
                parts.append((key, _word(key), n, n / total, round(begun * BAR, 1), round(width, 1)))
                begun += n / total
        return cls(parts)

    @property
    def total(self) -> int:
        return sum(part[2] for part in self)


def _word(key: str) -> str:
    return {
        "by_itself": _("By itself"),
        "self_service": _("With self-service"),
        "guided": _("With a guide"),
        "proactive": _("Told before they asked"),
        "human": _("With a person"),
        "abandoned": _("Given up"),
        "open": _("Still open"),
    }[key]


def _met(reader: Any, chosen: Filter) -> tuple[Measure | None, dict[str, Group], Any]:
    """Needs met beforehand, as a whole and by kind."""
    measure = measures.all().get(need_kinds.MEASURE)
    if measure is None:
        return None, {}, None
    result = reading.answer(reader, chosen, measure, "need_kind")
    return measure, {group.key[-1]: group for group in result.groups}, result


def _stuck(request: HttpRequest, asked: need_kinds.Asked, stops: Sequence[need_kinds.Stop], step: str) -> Page:
    """Who is stuck, with the reason, and whether it can still be met in time."""

    def fetch(offset: int, limit: int) -> Sequence[Any]:
        held = {one.need: one for one in need_kinds.stuck(asked, stops, step, offset, limit)}
        return [(one, held[one.need.pk]) for one in standing.told(list(held))]

    return pages.page_of(request, fetch, SIZE)
