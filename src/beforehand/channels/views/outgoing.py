"""What leaves: what is held, what failed, what perhaps left; and the brake."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from beforehand.channels import brake, outbox
from beforehand.channels.forms import BrakeForm
from beforehand.channels.models import Outgoing
from beforehand.lib import htmx, pages
from beforehand.team.access import MemberView

State = Outgoing.State
TABS = {
    "attention": (State.UNKNOWN, State.FAILED, State.PARTLY),
    "held": (State.HELD,),
    "queued": (State.QUEUED, State.SENDING),
    "sent": (State.SENT,),
    "cancelled": (State.CANCELLED,),
}
COUNTED = ("attention", "held", "queued")


class ManagersView(MemberView, View):
    needs = "may_configure"

    def _outgoing(self) -> Outgoing:
        rows = Outgoing.objects.select_related("mailbox", "identifier", "by")
        return get_object_or_404(rows, pk=self.kwargs["pk"])


class LogView(ManagersView):
    """By state (`?state=`); what needs a person comes first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return log_page(request, BrakeForm())


class OutgoingView(ManagersView):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        outgoing = self._outgoing()
        context = {
            "title": outgoing.content.get("subject") or _("Message %d") % outgoing.pk,
            "outgoing": outgoing,
            "deliveries": outgoing.deliveries.order_by("id"),
            "may_send": outgoing.state in {State.HELD, State.FAILED, State.PARTLY, State.UNKNOWN},
            "may_take_back": outgoing.state in {State.QUEUED, State.HELD} and outgoing.sent is None,
            "doubted": outgoing.state == State.UNKNOWN,
        }
        return render(request, "channels/outgoing_one.html", context)


class SendingView(ManagersView):
    """Send again, to those who have not got it."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        count = outbox.send_again(self._outgoing(), self.me)
        said = ngettext("It leaves for %d recipient.", "It leaves for %d recipients.", count) % count
        if count:
            messages.success(request, said)
        else:
            messages.error(request, _("There is nobody to whom it could be sent again."))
        return redirect("channels:outgoing_one", pk)


class ReturnView(ManagersView):
    """Take it back."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if outbox.take_back(self._outgoing(), self.me):
            messages.success(request, _("Taken back: it does not leave."))
        else:
            messages.error(request, _("Too late: it has left."))
        return redirect("channels:outgoing_one", pk)


class AcceptanceView(ManagersView):
    """What perhaps left counts as sent."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        outbox.accept(self._outgoing(), self.me)
        messages.success(request, _("It counts as sent."))
        return redirect("channels:outgoing_one", pk)


class BrakeView(ManagersView):
    def post(self, request: HttpRequest) -> HttpResponse:
        form = BrakeForm(request.POST)
        if not form.is_valid():
            return log_page(request, form, status=422)
        brake.pull(form.cleaned_data["why"], self.me)
        messages.success(request, _("The brake is pulled: nothing leaves."))
        return redirect("channels:outgoing")


class ReleaseView(ManagersView):
    def post(self, request: HttpRequest) -> HttpResponse:
        brake.release(self.me)
        messages.success(request, _("Released: what was held leaves now."))
        return redirect("channels:outgoing")


def log_page(request: HttpRequest, form: BrakeForm, status: int = 200) -> HttpResponse:
    state = request.GET.get("state", "")
    state = state if state in TABS else "attention"
    rows = Outgoing.objects.filter(state__in=TABS[state]).select_related("mailbox", "by")
    context: dict[str, Any] = {
        "title": _("Outgoing"),
        "tabs": tabs(state),
        "page": pages.page_of(request, rows.order_by("-created", "-id")),
        "state": state,
        "brake": brake.standing(),
        "form": form,
    }
    if status != 200:
        return render(request, "channels/outgoing.html", context, status=status)
    return htmx.render(request, "channels/outgoing.html", "channels/_outgoing.html", context)


def tabs(current: str) -> list[dict[str, Any]]:
    address = reverse("channels:outgoing")
    titles = {
        "attention": _("Needs a person"),
        "held": _("Held"),
        "queued": _("Waiting to leave"),
        "sent": _("Sent"),
        "cancelled": _("Taken back"),
    }
    return [
        {
            "title": title,
            "url": f"{address}?state={key}",
            "count": Outgoing.objects.filter(state__in=TABS[key]).count() if key in COUNTED else None,
            "current": key == current,
        }
        for key, title in titles.items()
    ]
