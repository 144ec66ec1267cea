"""The desk: lists of conversations as a queue or a table, their counts, and what goes with them."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from beforehand.channels.models import ChatWidget, Mailbox
from beforehand.lib import htmx
from beforehand.lib.kept import kept
from beforehand.lib.prepared import Prepared
from beforehand.lib.text import numbers_in
from beforehand.service import serving
from beforehand.service.lists import columns, listing, rail, tally
from beforehand.service.lists.desk_views import View as DeskView_
from beforehand.service.lists.desk_views import view_of
from beforehand.service.lists.lines import rows_of
from beforehand.service.models import Conversation, DeskSetting
from beforehand.service.search.completing import names
from beforehand.service.search.narrowing import narrow
from beforehand.service.search.query import Search, complete, parse
from beforehand.team.access import MemberView
from beforehand.team.models import Team

FIRST = "waiting"
MOST_ROWS = 100


def is_closed() -> bool:
    """Nobody can write: there is neither a mailbox nor a chat. Templates call it where a list is empty."""
    return not Mailbox.objects.exists() and not ChatWidget.objects.exists()


@kept("team.Team")
def _teams() -> list[Team]:
    return list(Team.objects.order_by("name"))


_setting_of = Prepared(lambda member: DeskSetting.objects.filter(member=member), int)


class DeskPage(MemberView, View):
    """What every page of the desk shares: the view that one is in, the words that one looks for."""

    needs = "may_see_customers"

    def _asked(self, request: HttpRequest) -> tuple[DeskView_, Search | None, list[Team]]:
        words = request.GET.get("q", "")
        search = parse(words) if words.strip() else None
        slug = request.GET.get("view") or ("all" if search else FIRST)
        whole = not htmx.wants_part(request) and request.resolver_match.url_name == "desk"  # type: ignore[union-attr]
        needed = whole or slug.startswith("team-") or request.path.endswith("/counts")
        teams = _teams() if needed else []
        view = view_of(slug, self.me, teams)
        return view, search, teams

    def _setting(self) -> DeskSetting:
        return _setting_of.first(self.me.pk) or DeskSetting(member=self.me)

    def _list(self, request: HttpRequest) -> dict[str, Any]:
        view, search, teams = self._asked(request)
        order = request.GET.get("order", "")
        kept = {key: request.GET[key] for key in ("view", "q", "order", "as") if request.GET.get(key)}
        setting = self._setting()
        return {
            "view": view,
            "teams": teams,
            "words": request.GET.get("q", ""),
            "search": view.search if search is None else search,
            "order": order,
            "as_table": request.GET.get("as") == "table",
            "kept": urlencode(kept),
            "setting": setting,
            "is_closed": is_closed,
            "columns": columns.chosen(setting.columns),
            "page": listing.page(self.me, view, search, request.GET.get("after", ""), order),
        }


class DeskView(DeskPage):
    """The list: a view, or what a search finds, as a queue beside the thread or as a table."""

    def get(self, request: HttpRequest) -> HttpResponse:
        context = self._list(request)
        part = "service/_more.html" if request.GET.get("after") else "service/_rows.html"
        if context["as_table"]:
            part = "service/_table.html"
        if not htmx.wants_part(request):
            context |= rail.of(self.me, context["teams"]) | {"title": context["view"].title, "showing": "list"}
            context["all_columns"] = columns.every(context["setting"].columns)
        return htmx.render(request, "service/desk.html", part, context)


class RowsView(DeskPage):
    """Some rows again, as they are now: live updates replace what changed, and count what is new."""

    def get(self, request: HttpRequest) -> HttpResponse:
        asked = numbers_in(request.GET.get("ids", "").split(","))[:MOST_ROWS]
        view, search, _teams = self._asked(request)
        reachable = Conversation.objects.reachable_by(self.me)
        held = view.of(reachable, self.me, listing.timezone.now()) if not search else reachable
        kept = set(narrow(held, search or view.search, self.me).filter(pk__in=asked).values_list("pk", flat=True))
        context = {"page": listing.Page(rows_of([one for one in asked if one in kept], self.me)), "view": view}
        return render(request, "service/_lines.html", context | {"words": request.GET.get("q", "")})


class CountsView(DeskPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        view, _search, teams = self._asked(request)
        return render(request, "service/_views.html", rail.of(self.me, teams) | {"view": view})


class WaitingView(DeskPage):
    """How many wait, for the rail of every page."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "service/_waiting.html", {"number": tally.waiting(self.me)})


class NextView(DeskPage):
    """Play mode: the member is served whoever has waited longest in a view, and nobody else is meanwhile."""

    def post(self, request: HttpRequest) -> HttpResponseBase:
        view, search, _teams = self._asked(request)
        skipped = set(numbers_in(request.GET.get("skip", "").split(","))[:MOST_ROWS])
        number = serving.serve(self.me, view, search, skipped)
        said = _("Held for you for %(minutes)d minutes.") % {"minutes": serving.MINUTES} if number else ""
        if htmx.wants_part(request) or "json" in request.headers.get("Accept", ""):
            return JsonResponse({"conversation": number, "said": said})
        if number is None:
            return redirect("service:desk")
        return redirect(f"{reverse('service:conversation', args=[number])}?view={view.slug}")


class CompletionsView(DeskPage):
    """What the last piece of a search may become."""

    def get(self, request: HttpRequest) -> HttpResponse:
        text = request.GET.get("q", "")[:500]
        found = complete(text, lambda operator: names(operator, self.me))
        return render(request, "service/_completions.html", {"completions": found[:10], "faults": parse(text).faults})


class ColumnsView(DeskPage):
    """Which columns the table has, and in which order."""

    def post(self, request: HttpRequest) -> HttpResponseBase:
        setting = self._setting()
        setting.columns = [one for one in request.POST.getlist("column") if one in columns.COLUMNS]
        setting.save()
        back = request.POST.get("kept", "")
        return redirect(f"{reverse('service:desk')}?{back}" if back.isprintable() else reverse("service:desk"))
