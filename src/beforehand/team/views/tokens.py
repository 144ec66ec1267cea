"""Tokens for programs: made by managers for themselves, shown once; owners may end everybody's."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from beforehand.team.access import MemberView
from beforehand.team.forms import TokenForm
from beforehand.team.models import ApiToken, Member


class ManagersView(MemberView, View):
    needs = "may_configure"


class TokensView(ManagersView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return show(request, self.me, TokenForm(initial={"days": 365}))

    def post(self, request: HttpRequest) -> HttpResponse:
        """The new token is in the answer itself, and nowhere else."""
        form = TokenForm(request.POST)
        if not form.is_valid():
            return show(request, self.me, form, status=422)
        days = form.cleaned_data["days"]
        expires = timezone.now() + timedelta(days=days) if days else None
        token, text = ApiToken.make(self.me, form.cleaned_data["name"], form.cleaned_data["scopes"], expires)
        return show(request, self.me, TokenForm(initial={"days": 365}), status=201, fresh=token, text=text)


class TokenRevocationView(ManagersView):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        token = get_object_or_404(visible_to(self.me), pk=pk, revoked=None)
        token.revoke(by=self.me)
        messages.success(request, _("The token %s is revoked. Nothing more is taken with it.") % token)
        return redirect("team:tokens")


def visible_to(member: Member) -> QuerySet[ApiToken]:
    found = ApiToken.objects.select_related("member")
    return found if member.may_own else found.filter(member=member)


def show(request: HttpRequest, member: Member, form: TokenForm, status: int = 200, **more: Any) -> HttpResponse:
    tokens = visible_to(member).filter(revoked=None).order_by("-created")
    host = request.build_absolute_uri("/").rstrip("/")
    context = {"title": _("API tokens"), "form": form, "tokens": tokens, "host": host, "now": timezone.now(), **more}
    response = render(request, "team/tokens.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response
