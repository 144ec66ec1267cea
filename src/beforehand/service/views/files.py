"""What came with a message: files, its HTML in a frame of its own, and the mail as it came."""

import re
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views import View

from beforehand.channels import files
from beforehand.lib.trouble import Trouble
from beforehand.service import translating
from beforehand.service.models import Attachment, Conversation, Macro, MacroFile, Message
from beforehand.service.views.conversations import ConversationPage
from beforehand.team.access import MemberView

MOST_RAW = 200_000
PLACE = re.compile(r'data-attachment="(\d+)"')
REMOTE = re.compile(r'data-remote="(https?:[^"]+)"')
FRAME = """<!doctype html><meta charset="utf-8"><meta name="color-scheme" content="light"><base target="_blank">
<link rel="stylesheet" href="{style}"><body>{body}</body>"""


class FileView(MemberView, View):
    """A file of a message, or of a draft of one's own."""

    needs = "may_see_customers"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        found = get_object_or_404(Attachment.objects.select_related("file", "message", "draft"), pk=pk)
        if found.message is not None:
            reachable = Conversation.objects.reachable_by(self.me)
            get_object_or_404(reachable, pk=found.message.conversation_id)
        elif found.draft is None or found.draft.member_id != self.me.pk:
            raise Http404
        return handed_out(found, request)


def handed_out(found: Attachment | MacroFile, request: HttpRequest) -> HttpResponseBase:
    try:
        return files.download(found.file, found.name, found.type, inline="inline" in request.GET)
    except Trouble as problem:
        return HttpResponse(str(problem), status=410, content_type="text/plain; charset=utf-8")


class MacroFileView(MemberView, View):
    """A file of a saved reply, for whoever may use it or change it."""

    needs = "may_see_customers"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        mine = Q(macro__member=self.me) | Q(macro__in=Macro.usable_by(self.me).order_by().values("pk"))
        reachable = MacroFile.objects.filter(mine | Q(macro__member=None) if self.me.may_configure else mine)
        return handed_out(get_object_or_404(reachable.select_related("file"), pk=pk), request)


class MessagePage(ConversationPage):
    def _message(self, pk: int, message: int) -> Message:
        head = self._head(pk)
        found = get_object_or_404(Message.objects.select_related("conversation", "arrival__raw"), pk=message)
        if head.pk not in {found.conversation_id, found.conversation.head_id}:
            raise Http404
        return found


class TranslationView(MessagePage):
    """A message in the reader's language, beside it; GET gives the offer back."""

    def get(self, request: HttpRequest, pk: int, message: int) -> HttpResponse:
        return self._part(request, self._message(pk, message), begun=True)

    def post(self, request: HttpRequest, pk: int, message: int) -> HttpResponse:
        found = self._message(pk, message)
        try:
            translation = translating.translated(found, translating.reader_language(), self.me)
        except Trouble as problem:
            return self._part(request, found, begun=True, problem=str(problem))
        return self._part(request, found, translation=translation)

    def _part(self, request: HttpRequest, found: Message, **facts: Any) -> HttpResponse:
        facts |= {"message": found, "conversation": found.conversation}
        return render(request, "service/_translation.html", facts)


class FrameView(MessagePage):
    """The HTML of a message, cleaned, alone in a frame: nothing in it can run, and nothing is fetched from outside
    unless the reader asked for the pictures (`?images=1`)."""

    def get(self, request: HttpRequest, pk: int, message: int) -> HttpResponse:
        from django.templatetags.static import static

        found = self._message(pk, message)
        wanted = "images" in request.GET
        places = {one.position: one.pk for one in Attachment.objects.filter(message=found)}

        def picture(match: re.Match[str]) -> str:
            file = places.get(int(match[1]))
            return f'src="{reverse("service:file", args=[file])}?inline=1"' if file else ""

        body = PLACE.sub(picture, found.html)
        if wanted:
            body = REMOTE.sub(lambda match: f'src="{match[1]}" referrerpolicy="no-referrer"', body)
        response = HttpResponse(FRAME.format(style=static("service/mail.css"), body=body))
        sources = "'self' data: https: http:" if wanted else "'self' data:"
        response["Content-Security-Policy"] = (
            f"default-src 'none'; img-src {sources}; style-src 'self' 'unsafe-inline'; form-action 'none'; "
            "base-uri 'self'; frame-ancestors 'self'"
        )
        response["X-Frame-Options"] = "SAMEORIGIN"
        response["Referrer-Policy"] = "no-referrer"
        return response


class OriginalView(MessagePage):
    """The mail as it came: headers and all, as text; `?file=1` gives the file."""

    def get(self, request: HttpRequest, pk: int, message: int) -> HttpResponseBase:
        found = self._message(pk, message)
        if found.arrival is None:
            raise Http404
        if "file" in request.GET:
            return files.download(found.arrival.raw, f"message-{found.pk}.eml", "message/rfc822")
        raw = files.read(found.arrival.raw)
        text = raw[:MOST_RAW].decode("utf-8", "replace")
        context = {"message": found, "raw": text, "cut": len(raw) > MOST_RAW, "conversation": found.conversation}
        return render(request, "service/original.html", context | {"title": found.subject})
