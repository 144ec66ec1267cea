"""What the views for a company's own pages share: the widget, the origin, limits, plain errors."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from beforehand.channels.chat import limits as bounds
from beforehand.channels.chat import texts, visitors
from beforehand.channels.models import ChatWidget, Visitor
from beforehand.lib.address import asked_from
from beforehand.lib.prepared import Prepared
from beforehand.lib.rate import Rate, limits
from beforehand.lib.text import object_in

ALLOWED = "Authorization, Content-Type, Last-Event-ID"
_widget_of = Prepared(lambda key: ChatWidget.objects.select_related("team__hours", "hours").filter(key=key), str)


class Refused(Exception):
    """Answered as {"code", "message"} with this status."""

    def __init__(self, status: int, code: str, message: str, wait: int = 0) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.wait = status, code, message, wait


def too_often(seconds: int) -> Refused:
    return Refused(429, "too_often", _("That was very fast. Wait %(n)d seconds.") % {"n": seconds}, seconds)


@method_decorator([csrf_exempt, login_not_required], name="dispatch")
class ChatDoor(View):
    """An address under /chat/<key>/ that pages of other origins ask. No cookie counts, so there is none to forge with:
    whoever writes shows a token."""

    widget: ChatWidget

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        origin = request.headers.get("Origin", "")
        try:
            self.widget = self._widget(kwargs["key"])
            self._check_origin(origin)
            if request.method == "OPTIONS":
                answer: HttpResponseBase = HttpResponse(status=204)
            else:
                asked = request.GET.get("lang") or translation.get_language() or ""
                language = texts.language_for(self.widget, asked)
                with translation.override(language):
                    answer = super().dispatch(request, *args, **kwargs)
        except Refused as error:
            answer = JsonResponse({"code": error.code, "message": error.message}, status=error.status)
            if error.wait:
                answer.headers["Retry-After"] = str(error.wait)
            if error.code == "wrong_origin":
                origin = ""
        return _shared(answer, origin)

    def limit(self, what: str, who: object, rate: Rate | None) -> None:
        """Raise where this happens too often."""
        if rate and (seconds := limits.wait(what, str(who), rate)):
            raise too_often(seconds)

    @property
    def address(self) -> str:
        return asked_from(self.request.META)

    @property
    def visitor(self) -> Visitor:
        """Whose token the request shows."""
        scheme, _space, token = self.request.headers.get("Authorization", "").partition(" ")
        found = visitors.known_by(self.widget.key, token.strip()) if scheme.lower() == "bearer" else None
        if found is None:
            raise Refused(401, "unknown_visitor", _("This conversation is not known any more. Begin a new one."))
        return found

    @property
    def said(self) -> dict[str, Any]:
        """The JSON object of the body."""
        if int(self.request.headers.get("Content-Length") or 0) > bounds.LARGEST_BODY:
            raise Refused(413, "too_large", _("This is too long for one message."))
        found = object_in(self.request.body or b"{}")
        if found is None:
            raise Refused(400, "no_json", _("The body is no JSON object."))
        return found

    def _widget(self, key: str) -> ChatWidget:
        widget = _widget_of.first(key)
        if widget is None or not widget.on:
            raise Refused(404, "no_chat", _("There is no chat here, or it is switched off."))
        return widget

    def _check_origin(self, origin: str) -> None:
        own = f"{self.request.scheme}://{self.request.get_host()}"
        if origin and origin != own and not self.widget.allows(origin):
            raise Refused(403, "wrong_origin", _("The chat is not for this site. Add the site to its settings."))


def _shared(answer: HttpResponseBase, origin: str) -> HttpResponseBase:
    """Readable for the page that asked, and for it alone; never with cookies."""
    answer.headers["Vary"] = "Origin"
    answer.headers.setdefault("Cache-Control", "no-store")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if origin:
        answer.headers["Access-Control-Allow-Origin"] = origin
        answer.headers["Access-Control-Allow-Methods"] = "GET, POST, DELETE, OPTIONS"
        answer.headers["Access-Control-Allow-Headers"] = ALLOWED
        answer.headers["Access-Control-Max-Age"] = "7200"
        answer.headers["Access-Control-Expose-Headers"] = "Retry-After"
    return answer
