"""What came in and waits: why, its raw bytes, and every way to settle it."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from beforehand.channels import arriving, blocking, files, reading, reasons
from beforehand.channels.forms import BlockForm, PlaceForm
from beforehand.channels.models import Arrival, Blocked
from beforehand.lib import htmx, pages
from beforehand.lib.text import numbers_in, storable
from beforehand.lib.trouble import Trouble
from beforehand.team.access import MemberView

AT_ONCE = 200
LONGEST_SHOWN = 20_000
State = Arrival.State
WAITING = (State.QUARANTINE, State.FAILED)


class ManagersView(MemberView, View):
    needs = "may_configure"

    def _arrival(self) -> Arrival:
        return get_object_or_404(Arrival.objects.select_related("mailbox", "raw"), pk=self.kwargs["pk"])


class QuarantineView(ManagersView):
    """What waits, by reason (`?reason=`), or what was discarded (`?state=discarded`)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        discarded = request.GET.get("state") == "discarded"
        reason = "" if discarded else asked(request.GET.get("reason", ""))
        rows = Arrival.objects.filter(state=State.DISCARDED) if discarded else waiting(reason)
        page = pages.page_of(request, rows.select_related("mailbox").order_by("-received", "-id"))
        for arrival in page.rows:
            arrival.why = reasons.reason_of(arrival)
        context: dict[str, Any] = {
            "title": _("Quarantine"),
            "tabs": tabs(reason, discarded),
            "page": page,
            "reason": reason,
            "why": reasons.REASONS.get(reason),
            "discarded": discarded,
        }
        return htmx.render(request, "channels/quarantine.html", "channels/_quarantine.html", context)


class ArrivalView(ManagersView):
    """One of them, with everything that speaks for and against it."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return arrival_page(request, self._arrival(), PlaceForm())


class RawView(ManagersView):
    """The mail as it came, to be looked at elsewhere. It is never shown as a page."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        arrival = self._arrival()
        try:
            return files.download(arrival.raw, f"mail-{arrival.pk}.eml", "message/rfc822")
        except Trouble as trouble:
            messages.error(request, str(trouble))
            return redirect("channels:arrival", pk)


class PlaceView(ManagersView):
    """Into a conversation by hand."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        arrival, form = self._arrival(), PlaceForm(request.POST)
        if not form.is_valid():
            return arrival_page(request, arrival, form, status=422)
        try:
            arrival = arriving.put(arrival, form.cleaned_data["conversation"], self.me)
        except Trouble as trouble:
            form.add_error("conversation", str(trouble))
            return arrival_page(request, arrival, form, status=422)
        number = arrival.evidence.get("conversation")
        messages.success(
            request, _("It is in conversation #%s now.") % number if number else _("It stays where it is.")
        )
        return redirect("channels:quarantine")


class RereadingsView(ManagersView):
    """Process again, those that are ticked or one."""

    def post(self, request: HttpRequest) -> HttpResponse:
        chosen = chosen_of(request)
        placed = 0
        for arrival in chosen:
            placed += arriving.again(arrival, self.me).state not in WAITING
        if placed:
            messages.success(request, ngettext("%d mail has its place.", "%d mails have their place.", placed) % placed)
        if still := len(chosen) - placed:
            messages.error(request, ngettext("%d mail still waits.", "%d mails still wait.", still) % still)
        return back(request, chosen)


class DiscardsView(ManagersView):
    def post(self, request: HttpRequest) -> HttpResponse:
        chosen = chosen_of(request)
        if count := arriving.discard(chosen, self.me):
            said = ngettext("%d mail discarded.", "%d mails discarded.", count) % count
            messages.success(request, f"{said} {_('The raw bytes stay.')}")
        return back(request, chosen)


class BlockedView(ManagersView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, BlockForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = BlockForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        try:
            row = blocking.block(form.cleaned_data["address"], self.me)
        except Trouble as trouble:
            form.add_error("address", str(trouble))
            return self._page(request, form, status=422)
        messages.success(request, _("Blocked: mail from %s waits in quarantine from now on.") % row.key)
        return redirect("channels:blocked")

    def _page(self, request: HttpRequest, form: BlockForm, status: int = 200) -> HttpResponse:
        page = pages.page_of(request, Blocked.objects.select_related("by").order_by("-id"))
        context = {"title": _("Blocked senders"), "form": form, "page": page}
        return render(request, "channels/blocked.html", context, status=status)


class UnblockingView(ManagersView):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(Blocked, pk=pk)
        blocking.unblock(row, self.me)
        messages.success(request, _("Mail from %s comes in again.") % row.key)
        return redirect("channels:blocked")


def arrival_page(request: HttpRequest, arrival: Arrival, form: PlaceForm, status: int = 200) -> HttpResponse:
    mail, verdict, proof = reading.understand(arrival)
    context = {
        "title": arrival.subject or _("A mail without a subject"),
        "arrival": arrival,
        "why": reasons.reason_of(arrival),
        "mail": mail,
        "text": mail.body.text[:LONGEST_SHOWN],
        "cut": len(mail.body.text) > LONGEST_SHOWN,
        "verdict": verdict,
        "kind": reasons.kind_of(verdict.kind),
        "proof": proof,
        "proven_by": reasons.proof_of(proof.reason),
        "defects": reasons.defects_of(mail.senders.defects),
        "form": form,
        "suggested": arrival.evidence.get("suggested", [])[:5],
        "waits": arrival.state in {*WAITING, State.DISCARDED, State.SHOWN},
    }
    return render(request, "channels/arrival.html", context, status=status)


def waiting(reason: str = "") -> QuerySet[Arrival]:
    rows = Arrival.objects.filter(state__in=WAITING)
    return rows.filter(reason=reason) if reason else rows


def asked(text: str) -> str:
    return storable(text)[:80]


def chosen_of(request: HttpRequest) -> list[Arrival]:
    """The ticked ones, or all of the reason that is shown; at most AT_ONCE."""
    rows = Arrival.objects.select_related("mailbox", "raw").order_by("id")
    if request.POST.get("all"):
        return list(waiting(asked(request.POST.get("reason", ""))).select_related("mailbox", "raw")[:AT_ONCE])
    ticked = numbers_in(request.POST.getlist("arrival"))
    return list(rows.filter(pk__in=ticked[:AT_ONCE], state__in=[*WAITING, State.DISCARDED, State.SHOWN]))


def back(request: HttpRequest, chosen: list[Arrival]) -> HttpResponse:
    if not chosen:
        messages.error(request, _("Tick the mails first."))
    reason, address = asked(request.POST.get("reason", "")), reverse("channels:quarantine")
    return redirect(f"{address}?reason={reason}" if reason and waiting(reason).exists() else address)


def tabs(reason: str, discarded: bool) -> list[dict[str, Any]]:
    """All that waits, each reason, and what was discarded."""
    address = reverse("channels:quarantine")
    quarantined = waiting().filter(state=State.QUARANTINE).order_by("reason")
    counts = sorted(quarantined.values_list("reason").annotate(count=Count("pk")), key=lambda row: -row[1])
    total = waiting().count()
    whole = {"title": _("Waiting"), "url": address, "count": total, "current": not reason and not discarded}
    each = [
        {"title": reasons.title_of(key), "url": f"{address}?reason={key}", "count": count, "current": key == reason}
        for key, count in counts[:8]
    ]
    gone = {"title": _("Discarded"), "url": f"{address}?state=discarded", "count": None, "current": discarded}
    return [whole, *each, gone]
