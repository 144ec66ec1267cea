"""The page behind the link to unsubscribe. Looking changes nothing; mail programs and people post."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from beforehand.channels import leaving
from beforehand.team.models import Workspace

WORDS = {
    "notice": gettext_noop("notices"),
    "outreach": gettext_noop("news and offers"),
    "survey": gettext_noop("surveys"),
}


@method_decorator([login_not_required, csrf_exempt], name="dispatch")
class LeavingView(View):
    """The signed address is the proof; a mail program posts without having been here (RFC 8058), so no CSRF token."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self._page(request, token, done=False)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        leaving.leave(self._leaving(token))
        return self._page(request, token, done=True)

    def _leaving(self, token: str) -> leaving.Leaving:
        found = leaving.read(token)
        if found is None:
            raise Http404(_("This link does not hold. Take the one of the latest message."))
        return found

    def _page(self, request: HttpRequest, token: str, done: bool) -> HttpResponse:
        found = self._leaving(token)
        context = {
            "title": _("Messages from %s") % Workspace.own().name,
            "done": done,
            "purpose": _(WORDS[found.purpose]),
        }
        response = render(request, "channels/leaving.html", context)
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "no-referrer"
        return response
