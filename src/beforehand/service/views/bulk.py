"""One act on one or on many: what it would do, doing it, and taking it back."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from beforehand.lib.text import number_in, object_in, storable
from beforehand.lib.trouble import Trouble
from beforehand.service import when
from beforehand.service.acts import bulk
from beforehand.service.lists import listing
from beforehand.service.models import BulkRun, Conversation, Macro
from beforehand.service.views.desk import DeskPage
from beforehand.team.access import MemberView
from beforehand.team.models import Member

MOST = 500
HIGHEST = 2**63 - 1


class Unreadable(Trouble):
    def __init__(self) -> None:
        super().__init__(_("The request could not be read. Load the page again."))


def asked(request: HttpRequest, member: Member) -> tuple[dict[str, Any], list[int]]:
    """The act and the conversations of a request: {"do", "value", "ids"}."""
    sent = object_in(request.body)
    if sent is None:
        raise Unreadable
    try:
        ids = [one for one in map(int, sent["ids"]) if 0 < one <= HIGHEST]
        act = {"do": str(sent["do"]), "value": _storable(sent.get("value", ""))}
    except (ValueError, KeyError, TypeError, OverflowError) as problem:
        raise Unreadable from problem
    if act["do"] == "answer":
        saved = _saved(act["value"], member)
        act = {"do": "reply", "value": {"text": saved.text, "macro": saved.pk, "then": "waiting_customer"}}
    if act["do"] == "snooze" and act["value"]:
        until = when.read(str(act["value"]), timezone.now(), timezone.get_current_timezone())
        act["value"] = until.isoformat()
    return act, ids


def _storable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _storable(one) for key, one in value.items()}
    return storable(value) if isinstance(value, str) else value


def _saved(value: Any, member: Member) -> Macro:
    """A saved reply by its number; its variables are filled in for each customer."""
    found = Macro.usable_by(member).filter(pk=number_in(str(value))).first()
    if found is None or not (found.text.strip() or found.files.exists()):
        raise Trouble(_("Choose a saved reply that says something."))
    return found


class BulkPage(MemberView, View):
    needs = "may_see_customers"


class ActsView(BulkPage):
    """Does it. The answer says for each conversation what came of it, and names the run that undoes all of it."""

    def post(self, request: HttpRequest) -> JsonResponse:
        try:
            act, ids = asked(request, self.me)
            run = bulk.run(act, ids, self.me)
        except Trouble as problem:
            return JsonResponse({"error": str(problem)}, status=422)
        failed = {id: said for id, said in run.results.items() if said != bulk.DONE}
        return JsonResponse(
            {"run": run.pk, "failed": failed, "done": [one for one in ids if str(one) not in map(str, failed)]}
        )


class PreviewView(BulkPage):
    """What it would do, before anybody has said yes."""

    def post(self, request: HttpRequest) -> JsonResponse:
        try:
            preview = bulk.preview(*asked(request, self.me), self.me)
        except Trouble as problem:
            return JsonResponse({"error": str(problem)}, status=422)
        return JsonResponse({"said": str(preview), "touched": preview.touched})


class UndoingView(BulkPage):
    """Takes a run of one's own back; the latest one where none is named."""

    def post(self, request: HttpRequest, pk: int | None = None) -> JsonResponse:
        runs = BulkRun.objects.filter(member=self.me)
        run = get_object_or_404(runs, pk=pk) if pk else runs.filter(undone__isnull=True).order_by("-pk").first()
        if run is None:
            return JsonResponse({"error": _("There is nothing to undo.")}, status=422)
        try:
            bulk.undo(run, self.me)
        except Trouble as problem:
            return JsonResponse({"error": str(problem)}, status=422)
        return JsonResponse({"said": _("Undone."), "ids": run.conversations})


class EveryView(DeskPage):
    """The ids of everything in a view or search, for “select all 412”."""

    def get(self, request: HttpRequest) -> JsonResponse:
        view, search, _teams = self._asked(request)
        page = listing.page(self.me, view, search, size=MOST)
        found = [row.id for row in page.rows]
        reach = Conversation.objects.reachable_by(self.me).filter(pk__in=found)
        return JsonResponse({"ids": list(reach.values_list("pk", flat=True)), "more": bool(page.after)})
