"""The form: for whoever has no script, or writes from a page in a frame. It opens a conversation at the desk."""

import re
import secrets
import time
from typing import Any
from urllib.parse import urlsplit

from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from beforehand.channels import handles
from beforehand.channels.chat import doors, texts, visitors
from beforehand.channels.chat import limits as bounds
from beforehand.channels.chat.asking import ask
from beforehand.channels.models import Arrival, ChatWidget
from beforehand.channels.views.public import ChatDoor
from beforehand.lib.rate import limits
from beforehand.lib.text import storable

QUICKEST_SECONDS = 2
SHOWN_AT = "form shown at"
SITE = re.compile(r"https?://[\w.:\[\]-]+")
POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'"


class FormView(ChatDoor):
    """GET shows it; POST takes it once. A page of the company's own may also post to it from a form that it wrote."""

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        return self._page(request)

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        if limits.wait("form", f"{self.widget.pk} {self.address}", bounds.FORMS):
            return self._page(request, 429, _("That was often in a short time. Wait some minutes, then send it again."))
        answers, wrong = visitors.answers_in(_with_address(self.widget), request.POST.dict())
        text = storable(request.POST.get("text", "")).strip()
        sent = request.FILES.getlist("files")
        if fault := _fault(wrong, text, sent):
            return self._page(request, 422, fault)
        is_machine = bool(request.POST.get("website")) or _too_quick(request.POST.get("at", ""))
        page = self._take(answers, text, sent, is_machine)
        goes_on = _allowed(self.widget, request, request.POST.get("next", ""))
        return HttpResponseRedirect(goes_on) if goes_on else self._done(request, page)

    def _take(self, answers: dict[str, str], text: str, sent: list[UploadedFile], is_machine: bool) -> str:
        """Where the sender sees it; empty when it came a second time."""
        kept = [handles.received(one) for one in sent]
        key = self.request.POST.get("key", "")[: doors.LONGEST_KEY] or secrets.token_hex(16)

        def take(arrival: Arrival) -> str:
            facts = {"answers": answers, "text": text, "files": kept, "is_machine": is_machine}
            return str(ask("chat.form", "", widget=self.widget, arrival=arrival, **facts))

        return doors.once(Arrival.Door.FORM, f"{self.widget.pk}:{key}", take) or ""

    def _page(self, request: HttpRequest, status: int = 200, wrong: str = "") -> HttpResponse:
        language = translation.get_language() or "en"
        fields = [one | {"value": request.POST.get(one["name"], "")} for one in _with_address(self.widget).fields]
        context = {
            "title": _("Write to us"),
            "greeting": texts.greeting_of(self.widget, language),
            "by": _by(self.widget),
            "fields": fields,
            "text": request.POST.get("text", ""),
            "key": request.POST.get("key") or secrets.token_hex(16),
            "at": signing.dumps(int(time.time()), salt=SHOWN_AT),
            "wrong": wrong,
        }
        return self._framed(render(request, "channels/form.html", context, status=status))

    def _done(self, request: HttpRequest, page: str) -> HttpResponse:
        context = {"title": _("We have it"), "by": _by(self.widget), "page": page}
        return self._framed(render(request, "channels/form_done.html", context, status=201))

    def _framed(self, response: HttpResponse) -> HttpResponse:
        """It may stand in a frame on the company's own pages, and there only."""
        sites = [origin for origin in self.widget.origins if SITE.fullmatch(origin)]
        ancestors = " ".join(["'self'", *sites]) if self.widget.origins else "*"
        response["Content-Security-Policy"] = f"{POLICY}; frame-ancestors {ancestors}"
        response.xframe_options_exempt = True
        response["Referrer-Policy"] = "no-referrer"
        return response


def _with_address(widget: ChatWidget) -> ChatWidget:
    """A form has nobody waiting at its other end, so an address is asked for."""
    others = [dict(one) for one in widget.fields if one["name"] != "email"]
    address = {"name": "email", "kind": "email", "label": _("Your e-mail address"), "required": True}
    return ChatWidget(fields=[address, *others])


def _fault(wrong: list[str], text: str, sent: list[UploadedFile]) -> str:
    if "email" in wrong:
        return _("Please write an e-mail address to which we can answer, like name@example.com.")
    if wrong:
        return _("Please fill in everything that is not optional.")
    if not text:
        return _("Please write a message.")
    if len(text) > bounds.LONGEST_TEXT:
        return _("This message is too long. Make it shorter, or send it as a file.")
    if len(sent) > bounds.MOST_FILES:
        return _("No more than %d files at once.") % bounds.MOST_FILES
    if any((one.size or 0) > bounds.LARGEST_FILE for one in sent):
        return _("A file may have %d MB.") % (bounds.LARGEST_FILE >> 20)
    return ""


def _too_quick(at: str) -> bool:
    """Whether it was filled in faster than anybody can. A form that a company wrote itself does not say when."""
    try:
        return bool(at) and time.time() - int(signing.loads(at, salt=SHOWN_AT)) < QUICKEST_SECONDS
    except (signing.BadSignature, TypeError, ValueError):
        return True


def _allowed(widget: ChatWidget, request: HttpRequest, address: str) -> str:
    """Where a company's own form wants to go on to: a page of a site that is named in the settings, nothing else."""
    try:
        parts = urlsplit(address)
        origin = f"{parts.scheme}://{parts.netloc}"
    except ValueError:
        return ""
    is_plain = address.isprintable() and "\\" not in address and "@" not in parts.netloc
    return address if is_plain and parts.scheme in {"http", "https"} and origin in widget.origins else ""


def _by(widget: ChatWidget) -> str:
    """By when we answer whoever writes now, in words."""
    outlook: dict[str, Any] = ask("chat.outlook", {}, widget=widget)
    moment = parse_datetime(outlook.get("by") or "")
    return date_format(localtime(moment), "l j F, H:i") if moment else ""
