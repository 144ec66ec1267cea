"""The page of a conversation for its customer. Looking changes nothing: programs that look into mails may look."""

import secrets
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from beforehand.channels import files, handles
from beforehand.channels.chat import doors
from beforehand.channels.chat import limits as bounds
from beforehand.channels.models import Arrival
from beforehand.lib.address import asked_from
from beforehand.lib.rate import limits
from beforehand.lib.text import storable
from beforehand.lib.trouble import Trouble
from beforehand.service import chats, own_page
from beforehand.service.acts import asking
from beforehand.service.models import Conversation


@method_decorator([csrf_exempt, login_not_required], name="dispatch")
class CustomersView(View):
    """The signed address is the proof, and no cookie counts: there is nothing that another site could use."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if limits.wait("own page", asked_from(request.META), bounds.LOOKS):
            response: HttpResponseBase = HttpResponse(_("That was very fast. Wait a moment."), status=429)
        else:
            response = super().dispatch(request, *args, **kwargs)
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex"
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def get_conversation(self) -> Conversation:
        found = own_page.conversation_of(self.kwargs["token"])
        if found is None:
            raise Http404(_("This link does not hold any more."))
        return found


class OwnPageView(CustomersView):
    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return show(request, self.get_conversation(), token)


class OwnMessagesView(CustomersView):
    """Write on: words, files, or both. The same form sent twice counts once."""

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        conversation = self.get_conversation()
        text = storable(request.POST.get("text", "")).strip()
        sent = request.FILES.getlist("files")
        if fault := _fault(conversation, text, [one.size or 0 for one in sent]):
            return show(request, conversation, token, 422, fault, text)
        kept = [handles.received(one) for one in sent]
        key = request.POST.get("key", "")[: doors.LONGEST_KEY] or secrets.token_hex(16)

        def take(arrival: Arrival) -> None:
            conversation.receive(
                text,
                arrival=arrival,
                files=[(one.file, one.name, one.type, "") for one in kept],
                channel="chat" if conversation.channel == "chat" else "form",
                headers={"by": "own page"},
            )

        doors.once(Arrival.Door.FORM, f"c{conversation.pk}:{key}", take)
        return redirect("service:own_page", token)


class OwnResolutionView(CustomersView):
    """It is done."""

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        chats.close(self.get_conversation())
        return redirect("service:own_page", token)


class OwnReopeningView(CustomersView):
    """It is not."""

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        chats.not_solved(self.get_conversation())
        return redirect("service:own_page", token)


class OwnFileView(CustomersView):
    def get(self, request: HttpRequest, token: str, part: str) -> HttpResponseBase:
        self.get_conversation()
        handed = handles.linked(part)
        if handed is None:
            raise Http404(_("This link is too old. Open the page again."))
        try:
            return files.download(handed.file, handed.name, handed.type)
        except Trouble as error:
            return HttpResponse(str(error), status=403, content_type="text/plain; charset=utf-8")


def show(
    request: HttpRequest, conversation: Conversation, token: str, status: int = 200, wrong: str = "", text: str = ""
) -> HttpResponse:
    head = conversation.head or conversation
    standing = chats.standing(head)
    seen = chats.visible(own_page.shown_with(conversation)).select_related("member")
    said = [chats.shown(one) for one in seen.prefetch_related("attachments__file").order_by("time", "pk")]
    context = {
        "title": conversation.subject or _("Your conversation"),
        "said": [one | {"time": parse_datetime(one["time"])} for one in said],
        "standing": standing | {"by": parse_datetime(standing["by"] or "")},
        "token": token,
        "key": secrets.token_hex(16),
        "asked": asking.open_for(conversation) is not None,
        "wrong": wrong,
        "text": text,
    }
    return render(request, "service/own_page.html", context, status=status)


def _fault(conversation: Conversation, text: str, sizes: list[int]) -> str:
    if limits.wait("own page writes", str(conversation.pk), bounds.MESSAGES):
        return _("That was often in a short time. Wait a moment, then send it again.")
    if not text and not sizes:
        return _("Please write a message.")
    if len(text) > bounds.LONGEST_TEXT:
        return _("This message is too long. Make it shorter, or send it as a file.")
    if len(sizes) > bounds.MOST_FILES:
        return _("No more than %d files at once.") % bounds.MOST_FILES
    if max(sizes, default=0) > bounds.LARGEST_FILE:
        return _("A file may have %d MB.") % (bounds.LARGEST_FILE >> 20)
    return ""
