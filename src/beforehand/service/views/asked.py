"""“Is it solved?” behind the link of a mail. Looking changes nothing: programs that look into mails may look."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from beforehand.service import own_page
from beforehand.service.acts import asking
from beforehand.service.models import Conversation
from beforehand.service.views.own_page import CustomersView

WORDS = {"yes": True, "no": False}


class SolvedView(CustomersView):
    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self._page(request, self.get_conversation())

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        conversation, said = self.get_conversation(), request.POST.get("solved", "")
        if said in WORDS:
            asking.say(conversation, WORDS[said])
        return self._page(request, conversation, said)

    def get_conversation(self) -> Conversation:
        found = asking.asked_by(self.kwargs["token"])
        if found is None:
            raise Http404(_("This link does not hold any more."))
        return found

    def _page(self, request: HttpRequest, conversation: Conversation, said: str = "") -> HttpResponse:
        context: dict[str, Any] = {
            "title": _("Is it solved?"),
            "subject": conversation.subject,
            "said": said if said in WORDS else "",
            "own_page": own_page.token_of(conversation),
        }
        return render(request, "service/solved.html", context)
