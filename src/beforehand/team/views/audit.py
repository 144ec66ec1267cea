"""Who did what, and when: for owners."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views import View

from beforehand.lib import htmx, pages
from beforehand.lib.text import number_in, storable
from beforehand.team.access import MemberView
from beforehand.team.models import AuditEntry, Member

COMMAND_LINE = "-"


class AuditView(MemberView, View):
    """The newest first; `?member=` (a number, or - for the command line), `?verb=` and `?q=` narrow it."""

    needs = "may_own"

    def get(self, request: HttpRequest) -> HttpResponse:
        chosen = {name: storable(request.GET.get(name, ""))[:200].strip() for name in ("member", "verb", "q")}
        entries = AuditEntry.objects.select_related("member").filter(narrowed(**chosen))
        context: dict[str, Any] = {
            "title": _("Audit"),
            "page": pages.page_of(request, entries),
            "chosen": chosen,
            "narrowed": any(chosen.values()),
            "members": Member.objects.order_by("name"),
            "verbs": AuditEntry.objects.order_by("verb").values_list("verb", flat=True).distinct(),
        }
        return htmx.render(request, "team/audit.html", "team/_audit.html", context)


def narrowed(member: str, verb: str, q: str) -> Q:
    condition = Q(subject__icontains=q) if q else Q()
    if verb:
        condition &= Q(verb=verb)
    if member == COMMAND_LINE:
        condition &= Q(member=None)
    elif member:
        condition &= Q(member_id=number_in(member))
    return condition
