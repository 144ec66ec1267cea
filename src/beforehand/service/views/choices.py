"""What the chooser offers while one types."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from beforehand.lib.text import number_in
from beforehand.service.choices import KINDS, choices
from beforehand.service.models import Conversation
from beforehand.team.access import MemberView


class ChoicesView(MemberView, View):
    needs = "may_see_customers"

    def get(self, request: HttpRequest, what: str) -> HttpResponse:
        if what not in KINDS:
            raise Http404
        asked = number_in(request.GET.get("conversation", ""))
        reachable = Conversation.objects.reachable_by(self.me).select_related("identifier")
        conversation = reachable.filter(pk=asked).first()
        found = choices(what, request.GET.get("q", ""), self.me, conversation)
        return render(request, "service/_choices.html", {"choices": found, "what": what, "q": request.GET.get("q", "")})
