"""The page of the catalogue: what each name means, what is only guessed, and one click to say so or otherwise."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views import View

from beforehand.journey import catalogue, lake
from beforehand.journey.catalogue import Entry
from beforehand.journey.models import CatalogueEntry, Kind, Stage
from beforehand.lib import htmx, pages
from beforehand.team.access import MemberView

SHOWN = ("", "guesses", "starter")


class Row(NamedTuple):
    """A name, what it means, and how many touchpoints have it."""

    entry: Entry
    touchpoints: int


class CatalogueView(MemberView, View):
    """Names in the data (`?show=guesses`: those that are guessed, `?show=starter`: those that have not come yet)."""

    needs = "may_configure"

    def get(self, request: HttpRequest) -> HttpResponse:
        show = request.GET.get("show", "")
        show = show if show in SHOWN else ""
        looked_for = request.GET.get("q", "").strip()[:100]
        rows = listed()
        context: dict[str, Any] = {
            "title": _("Catalogue"),
            "tabs": _tabs(rows, show),
            "page": pages.page_of(request, _chosen(rows, show, looked_for.lower())),
            "q": looked_for,
            "show": show,
            **_choices(),
        }
        return htmx.render(request, "journey/catalogue.html", "journey/_catalogue.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """A person's word on a name. What the form does not say stays, so that a click alone confirms a guess."""
        name = request.POST.get("name", "")
        given = {key: request.POST[key] for key in ("label", "stage", "kind") if key in request.POST}
        if not 0 < len(name) <= 200 or "\0" in name or not known(name):
            raise Http404(_("No touchpoint has this name."))
        try:
            catalogue.correct(name, by=self.me, **given)
        except (Stage.DoesNotExist, ValueError):
            messages.error(request, _("That stage or kind is gone. Choose again."))
        else:
            messages.success(request, _("Saved: that is what “%(name)s” means from now on.") % {"name": name})
        if not htmx.wants_part(request):
            return redirect("journey:catalogue")
        row = next(row for row in listed() if row.entry.name == name)
        context = {"row": row, "index": request.POST.get("index", "0")[:6], "part": True, **_choices()}
        return htmx.render(request, "journey/_catalogue_row.html", "journey/_catalogue_row.html", context)


def listed() -> list[Row]:
    """Every known name, the commonest first."""
    with lake.reader() as reader:
        counts = dict(reader.db.execute("select name, count(*) from touchpoints group by name").fetchall())
    rows = [Row(entry, counts.get(entry.name, 0)) for entry in catalogue.in_force()]
    missing = counts.keys() - {row.entry.name for row in rows}
    rows += [
        Row(Entry(name, catalogue.readable(name), None, None, Kind.VALUE, True, ""), counts[name]) for name in missing
    ]
    return sorted(rows, key=lambda row: (-row.touchpoints, row.entry.name))


def known(name: str) -> bool:
    return CatalogueEntry.objects.filter(name=name).exists() or any(row.entry.name == name for row in listed())


def _chosen(rows: list[Row], show: str, looked_for: str) -> list[Row]:
    if show == "starter":
        rows = [row for row in rows if not row.touchpoints]
    else:
        rows = [row for row in rows if row.touchpoints and (row.entry.guessed or not show)]
    return [row for row in rows if looked_for in row.entry.name.lower() or looked_for in row.entry.label.lower()]


def _tabs(rows: list[Row], show: str) -> list[dict[str, Any]]:
    titles = {"": _("In the data"), "guesses": _("Guesses"), "starter": _("Ready for later")}
    address = reverse("journey:catalogue")
    return [
        {
            "url": f"{address}?{urlencode({'show': one})}" if one else address,
            "title": titles[one],
            "current": one == show,
            "count": len(_chosen(rows, one, "")),
        }
        for one in SHOWN
    ]


def _choices() -> dict[str, Any]:
    return {"stages": list(Stage.objects.all()), "kinds": Kind.choices}
