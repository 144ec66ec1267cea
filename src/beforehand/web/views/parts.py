"""Every component in every state, to be looked at: for those who build screens."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from beforehand.team.access import MemberView


class PartsView(MemberView, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "web/parts.html")
