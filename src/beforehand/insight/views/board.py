"""What every board shares: one snapshot of the lake, the period and the segment, a page for when there is no data."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from beforehand.insight import filters
from beforehand.insight.filters import Filter
from beforehand.journey import lake
from beforehand.lib.htmx import wants_part
from beforehand.team.access import MemberView
from beforehand.team.models import Member


class BoardView(MemberView, View):
    """A page over one snapshot. A subclass names its template and says what stands in it.

    `part` is the template that htmx gets instead of the page; without it htmx gets the page too.
    """

    template = ""
    part = ""
    empty = "insight/empty.html"

    def get(self, request: HttpRequest, **where: Any) -> HttpResponseBase:
        with lake.reader() as reader:
            chosen = filters.of(request.GET.dict(), reader, timezone.localdate())
            if not reader.through:
                return render(request, self.empty, {"filter": chosen})
            found = self.show(reader, chosen, **where)
        return found if isinstance(found, HttpResponseBase) else self.answer(request, chosen, found)

    @property
    def member(self) -> Member:
        """Who asks. Nobody else gets this far."""
        assert isinstance(self.request.user, Member)
        return self.request.user

    def show(self, reader: Any, chosen: Filter, **where: Any) -> dict[str, Any] | HttpResponseBase:
        """What the template needs. Runs while the snapshot is open; the page is rendered after it is closed."""
        raise NotImplementedError

    def answer(self, request: HttpRequest, chosen: Filter, found: dict[str, Any]) -> HttpResponse:
        template = self.part if self.part and wants_part(request) else self.template
        response = render(request, template, {"filter": chosen, "segments_query": _menu(request, chosen), **found})
        response.headers["Vary"] = "HX-Request, Cookie"
        return response


def _menu(request: HttpRequest, chosen: Filter) -> str:
    """What the segment's menu has to know: the filter, the page, and what else the page was asked for."""
    return chosen.link(**{**chosen.kept, "for": request.path})
