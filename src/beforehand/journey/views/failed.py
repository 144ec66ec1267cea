"""The failed lane: what could not be understood, to be looked at, mended and processed again."""

import json
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from beforehand.journey.models import FailedMessage
from beforehand.journey.reasons import reason_of
from beforehand.lib import htmx, pages
from beforehand.lib.text import numbers_in, storable
from beforehand.team.access import MemberView

AT_ONCE = 1000
State = FailedMessage.State


class LaneView(MemberView, View):
    needs = "may_configure"

    def _message(self) -> FailedMessage:
        return get_object_or_404(FailedMessage.objects.select_related("source"), pk=self.kwargs["pk"])


class FailedView(LaneView):
    """What waits, by reason (`?reason=`), or what was settled (`?state=settled`)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        settled = request.GET.get("state") == "settled"
        reason = "" if settled else reason_in(request.GET)
        lane = FailedMessage.objects.select_related("source", "settled_by")
        lane = lane.exclude(state=State.WAITING).order_by("-settled") if settled else waiting(reason)
        page = pages.page_of(request, lane)
        for message in page.rows:
            message.why = reason_of(message.reason)
        context: dict[str, Any] = {
            "title": _("Failed messages"),
            "tabs": tabs(reason, settled),
            "page": page,
            "reason": reason,
            "why": reason_of(reason) if reason else None,
            "settled": settled,
        }
        return htmx.render(request, "journey/failed.html", "journey/_failed.html", context)


class FailedMessageView(LaneView):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        message = self._message()
        return self._page(request, message, readable(message.body))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Another text for the message, processed at once."""
        message = self._message()
        text = request.POST.get("body", "").replace("\r\n", "\n")
        if message.state != State.WAITING:
            messages.error(request, _("This message is settled already."))
        elif message.replay(self.me, None if text == readable(message.body) else text):
            messages.success(request, _("It went through: the touchpoint is on its journey."))
        else:
            return self._page(request, message, text, status=422)
        return redirect("journey:failed")

    def _page(self, request: HttpRequest, message: FailedMessage, text: str, status: int = 200) -> HttpResponse:
        context = {
            "title": reason_of(message.reason).title,
            "message": message,
            "why": reason_of(message.reason),
            "body": text,
            "rows": min(max(text.count("\n") + 2, 8), 30),
            "waiting": message.state == State.WAITING,
            "again": status == 422,
        }
        return render(request, "journey/failed_message.html", context, status=status)


class DismissalView(LaneView):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        message = self._message()
        if message.state == State.WAITING:
            message.dismiss(self.me)
        messages.success(request, _("Dismissed. Its text stays under Settled."))
        return redirect("journey:failed")


class ReplaysView(LaneView):
    """Process many again: those that are ticked, or all of a reason."""

    def post(self, request: HttpRequest) -> HttpResponse:
        chosen = chosen_of(request)
        through = sum([message.replay(self.me) for message in chosen])
        if through:
            done = ngettext("%d message went through.", "%d messages went through.", through) % through
            messages.success(request, done)
        if still := len(chosen) - through:
            failed = ngettext("%d message still fails.", "%d messages still fail.", still) % still
            messages.error(request, f"{failed} {_('Open one to see why.')}")
        return back(request, chosen)


class DismissalsView(LaneView):
    def post(self, request: HttpRequest) -> HttpResponse:
        chosen = chosen_of(request)
        for message in chosen:
            message.dismiss(self.me)
        if chosen:
            done = ngettext("%d message dismissed.", "%d messages dismissed.", len(chosen)) % len(chosen)
            messages.success(request, done)
        return back(request, chosen)


def waiting(reason: str = "") -> QuerySet[FailedMessage]:
    lane = FailedMessage.objects.select_related("source").filter(state=State.WAITING)
    return lane.filter(reason=reason) if reason else lane


def reason_in(sent: QueryDict) -> str:
    return storable(sent.get("reason", ""))[:40]


def chosen_of(request: HttpRequest) -> list[FailedMessage]:
    """What the form means: all of the reason that is shown, or the ticked ones; at most AT_ONCE."""
    if request.POST.get("all"):
        return list(waiting(reason_in(request.POST))[:AT_ONCE])
    ticked = numbers_in(request.POST.getlist("message"))
    return list(waiting().filter(pk__in=ticked[:AT_ONCE]))


def back(request: HttpRequest, chosen: list[FailedMessage]) -> HttpResponse:
    if not chosen:
        messages.error(request, _("Tick the messages first."))
    reason = reason_in(request.POST)
    address = reverse("journey:failed")
    return redirect(f"{address}?reason={reason}" if reason and waiting(reason).exists() else address)


def tabs(reason: str, settled: bool) -> list[dict[str, Any]]:
    """All that waits, each reason, and what is settled."""
    address = reverse("journey:failed")
    counts = waiting().order_by("reason").values_list("reason").annotate(count=Count("pk"))
    by_reason = sorted(counts, key=lambda row: -row[1])
    whole = {"title": _("Waiting"), "url": address, "count": sum(count for _reason, count in by_reason)}
    whole["current"] = not reason and not settled
    each = [
        {"title": reason_of(key).title, "url": f"{address}?reason={key}", "count": count, "current": key == reason}
        for key, count in by_reason
    ]
    done = {"title": _("Settled"), "url": f"{address}?state=settled", "count": None, "current": settled}
    return [whole, *each, done]


def readable(body: str) -> str:
    """JSON over several lines; what is no JSON as it is."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return body.replace("\r\n", "\n")
