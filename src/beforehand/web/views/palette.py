"""The palette (find or do) and the list of keys. Both are pages too, for whoever has no script."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views import View

from beforehand.lib import bus
from beforehand.lib.htmx import render
from beforehand.lib.palette import Answer
from beforehand.lib.text import storable
from beforehand.team.access import MemberView
from beforehand.web import navigation

LONGEST_QUESTION = 200
MOST = 8  # of each room
TELLING = 4


class PaletteView(MemberView, View):
    """Places and deeds whose words begin with what was typed, then what the rooms find."""

    def get(self, request: HttpRequest) -> HttpResponse:
        q = " ".join(storable(request.GET.get("q", "")[:LONGEST_QUESTION]).split())
        groups: list[tuple[str, Sequence[navigation.Link | Answer]]] = [
            (_("Do"), matching(q, navigation.deeds(request))),
            (_("Go to"), matching(q, navigation.everywhere(request))),
            (_("Found"), found(q, request) if q else []),
        ]
        context = {"q": q, "groups": [(title, rows) for title, rows in groups if rows], "title": _("Find or do")}
        return render(request, "web/palette.html", "web/_answers.html", context)


class KeysView(MemberView, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        ways = [link for link in navigation.everywhere(request) if link.keys]
        return render(request, "web/keys.html", "web/_keys_list.html", {"ways": ways, "title": _("Keys")})


def matching(q: str, links: list[navigation.Link]) -> list[navigation.Link]:
    """Every typed word begins a word of the title or, if it is long enough to mean it, of what stands beside it."""
    asked = q.casefold().split()

    def fits(link: navigation.Link) -> bool:
        title, about = link.title.casefold().split(), link.about.casefold().split()
        return all(
            any(word.startswith(part) for word in (title + about if len(part) >= TELLING else title)) for part in asked
        )

    return [link for link in links if fits(link)]


def found(q: str, request: HttpRequest) -> list[Answer]:
    heard = bus.emit("palette.search", q=q, member=request.user)
    return [answer for answers in heard for answer in (answers or [])[:MOST]]
