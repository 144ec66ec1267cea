"""Evidence that waits for a member's word, and what members said before."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views import View

from beforehand.customers import merging, review
from beforehand.customers.models import Edge
from beforehand.lib.pages import is_ours, page_of
from beforehand.team.access import MemberView

SIZE = 20


class ReviewView(MemberView, View):
    """One of four lists: what waits (two accounts, limits), mere claims, what members joined, what they took back."""

    needs = "may_configure"

    def get(self, request: HttpRequest) -> HttpResponse:
        lists: dict[str, Any] = {
            "waiting": (_("To decide"), review.waiting),
            "claims": (_("Mere claims"), lambda: review.waiting(Edge.Skipped.CLAIM)),
            "said": (_("Joined by members"), review.said),
            "back": (_("Taken back"), review.taken_back),
        }
        chosen = request.GET.get("list", "")
        chosen = chosen if chosen in lists else "waiting"
        page = page_of(request, lists[chosen][1](), SIZE)
        review.add_sides(page.rows)
        tabs = [
            {"url": f"?list={key}", "title": title, "current": key == chosen} for key, (title, _rows) in lists.items()
        ]
        context = {"title": _("Merges to review"), "tabs": tabs, "chosen": chosen, "page": page}
        return render(request, "customers/review.html", context)


class EdgeView(MemberView, View):
    """A member's word on one edge."""

    needs = "may_configure"

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        messages.success(request, self._say(get_object_or_404(Edge, pk=pk)))
        return redirect(_back(request))

    def _say(self, edge: Edge) -> str:
        raise NotImplementedError


class ApprovalView(EdgeView):
    def _say(self, edge: Edge) -> str:
        merging.approve(edge, by=self.me)
        return _("They are one customer now.")


class RevocationView(EdgeView):
    def _say(self, edge: Edge) -> str:
        if edge.skipped:
            merging.decline(edge, by=self.me)
            return _("Declined. It can be restored under “Taken back”.")
        merging.undo(edge, by=self.me)
        return _("Taken back. What it joined has fallen apart again.")


class RestorationView(EdgeView):
    def _say(self, edge: Edge) -> str:
        merging.restore(edge, by=self.me)
        return _("It counts again.")


def _back(request: HttpRequest) -> str:
    """Where the form was, as long as that is a page of ours."""
    there = request.POST.get("next", "")
    return there if is_ours(there) else "customers:review"
