"""The journeys as tables: every transition, to sort and to take away, and the stages."""

import csv
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from beforehand.insight import passages
from beforehand.insight.filters import Filter
from beforehand.insight.overview import ask, catalogue_of, look
from beforehand.insight.result import Group
from beforehand.insight.views.board import BoardView
from beforehand.insight.views.map import segments
from beforehand.lib.pages import page_of

SORTS = {
    "n": lambda group: -group.n,
    "median": lambda group: -(group.value or 0),
    "mean": lambda group: -(group.extra.get("mean") or 0),
    "p90": lambda group: -(group.extra.get("p90") or 0),
    "from": lambda group: (group.key[0].lower(), -group.n),
    "to": lambda group: (group.key[1].lower(), -group.n),
}
COLUMNS = [("from", False), ("to", False), ("n", True), ("median", True), ("mean", True), ("p90", True)]


def ordered(groups: list[Group], sort: str) -> list[Group]:
    """By the column asked for, the largest first; by n when there is no such column."""
    return sorted(groups, key=SORTS.get(sort, SORTS["n"]))


class TableView(BoardView):
    template = "insight/table.html"

    def show(self, reader: Any, chosen: Filter, **where: Any) -> dict[str, Any]:
        meaning = catalogue_of(reader)
        sort = chosen.kept.get("sort", "n") if chosen.kept.get("sort") in SORTS else "n"
        groups = ordered(ask(reader, chosen, "transitions").groups, sort)
        page = page_of(self.request, groups, size=100, total=len(groups))
        titles = {
            "from": _("From"), "to": pgettext("towards", "To"), "n": _("How often"),
            "median": _("Median"), "mean": _("Mean"), "p90": _("9 in 10 within"),
        }  # fmt: skip
        return {
            "segments": segments("table", chosen),
            "page": page,
            "rows": [
                (group, *(meaning.get(name, (name,))[0] for name in group.key), self._flow(chosen, group))
                for group in page
            ],
            "columns": [
                {
                    "title": titles[key],
                    "num": num,
                    "current": key == sort,
                    "url": chosen.link(**{**chosen.kept, "sort": key}),
                }
                for key, num in COLUMNS
            ],
            "total": len(groups),
        }

    def _flow(self, chosen: Filter, group: Group) -> str:
        return reverse("insight:flow") + chosen.link(start=group.key[0], next=group.key[1])


class TransitionsCsv(BoardView):
    """All transitions as a file, with seconds as numbers."""

    def show(self, reader: Any, chosen: Filter, **where: Any) -> HttpResponse:
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="transitions-{chosen.start}-{chosen.end}.csv"'
        writer = csv.writer(response)
        writer.writerow(["from", "to", "n", "median_seconds", "mean_seconds", "p90_seconds"])
        for group in ordered(ask(reader, chosen, "transitions").groups, "n"):
            writer.writerow(
                [*map(plain_cell, group.key), group.n, group.value, group.extra.get("mean"), group.extra.get("p90")]
            )
        return response


def plain_cell(value: str) -> str:
    """A spreadsheet runs a cell that begins like a formula; a touchpoint's name may begin with anything."""
    return f"'{value}" if value[:1] in "=+-@\t\r" else value


class StagesView(BoardView):
    """The stages with customers, touchpoints, waits and contacts: a part of the map's page that comes after it."""

    template = "insight/stages.html"
    part = "insight/_stages.html"

    def show(self, reader: Any, chosen: Filter, **where: Any) -> dict[str, Any]:
        overview = look(reader, chosen)
        waits = passages.waits_by_stage(reader, chosen)
        contacts = {}
        if overview.has_contacts:
            contacts = {group.key[0]: group for group in ask(reader, chosen, "contacts-after", by="stage").groups}
        touchpoints: dict[str, int] = {}
        for node in overview.names.values():
            touchpoints[node.stage] = touchpoints.get(node.stage, 0) + node.n
        return {
            "stages": [
                {
                    "label": stage.label,
                    "customers": stage.customers,
                    "touchpoints": touchpoints.get(stage.key, 0),
                    "wait": waits.get(stage.key),
                    "contacts": contacts.get(stage.key),
                }
                for stage in overview.stages
            ],
            "has_contacts": overview.has_contacts,
        }
