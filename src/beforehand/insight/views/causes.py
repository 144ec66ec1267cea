"""The board of causes: what brings contacts that would not have come, and the rows behind each."""

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from beforehand.insight import blamed
from beforehand.insight.causes.storing import METHOD, newest
from beforehand.insight.charts.spark import HEIGHT, WIDTH
from beforehand.insight.filters import Filter
from beforehand.insight.models import ContactCause
from beforehand.insight.overview import catalogue_of
from beforehand.insight.views.board import BoardView
from beforehand.journey.needs.keeping import in_force
from beforehand.lib import pages
from beforehand.team.models import Workspace

SHOWN = ("", "wrote", "silent", "contacts")
SIZE = 25


class CausesView(BoardView):
    """What the latest search blames. It looked at all of the data, so that is the period where nobody chose another."""

    template = "insight/causes.html"

    def show(self, reader: Any, chosen: Filter, **where: Any) -> dict[str, Any]:
        if not chosen.chosen:
            chosen = replace(chosen, start=chosen.first, end=chosen.last, days=None)
        return {
            "filter": chosen,
            "board": blamed.board(labels(reader), reader, chosen),
            "kinds": {kind.slug: kind.title for kind in in_force()},
            "spark_size": (WIDTH, HEIGHT),
        }


class CauseView(BoardView):
    """One cause, and whom it struck (`?show=wrote`, `silent`), or the contacts in the days after (`contacts`).

    A cause of an earlier search leads to the same one of the latest.
    """

    template = "insight/cause.html"

    def show(self, reader: Any, chosen: Filter, **where: Any) -> dict[str, Any] | HttpResponseBase:
        row = ContactCause.objects.select_related("search").filter(pk=where["pk"]).first()
        latest = newest()
        if row is not None and latest is not None and row.search_id != latest.pk:
            row = latest.causes.filter(key=row.key).first()
            if row is not None:
                return redirect("insight:cause", row.pk)
        if row is None or row.search.method != METHOD:
            raise Http404(_("This cause is of an earlier search. The board has those of the latest."))
        show = self.request.GET.get("show", "")
        show = show if show in SHOWN else ""
        return {
            "one": blamed.told(row, blamed.findings_of(row), labels(reader), Workspace.own().currency),
            "tabs": _tabs(row, show),
            "show": show,
            "page": self._rows(reader, row, show) if self.member.may_see_customers else None,
            "kinds": {kind.slug: kind.title for kind in in_force()},
        }

    def _rows(self, reader: Any, row: ContactCause, show: str) -> pages.Page:
        if show == "contacts":
            return pages.page_of(self.request, lambda at, n: blamed.contacts_after(reader, row, at, n), SIZE)
        return pages.page_of(self.request, lambda at, n: blamed.struck(row, show, at, n), SIZE)


def labels(reader: Any) -> dict[str, str]:
    """What each name is called."""
    return {name: label for name, (label, _stage, _kind) in catalogue_of(reader).items()}


def _tabs(row: ContactCause, show: str) -> list[dict[str, Any]]:
    titles = {"": _("Struck"), "wrote": _("Who wrote"), "silent": _("Silent"), "contacts": _("Contacts after it")}
    wrote = sum(bool(contacts) for _id, _customer, _time, contacts in row.victims)
    counts = {"": len(row.victims), "wrote": wrote, "silent": len(row.victims) - wrote}
    address = reverse("insight:cause", args=[row.pk])
    return [
        {
            "url": f"{address}?show={one}" if one else address,
            "title": titles[one],
            "current": one == show,
            "count": counts.get(one),
        }
        for one in SHOWN
    ]
