"""The other end of an invitation, or of a link to a new password."""

from allauth.account.utils import perform_login
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from beforehand.team import invitation
from beforehand.team.forms import WelcomeForm
from beforehand.team.models import Member


@method_decorator([login_not_required, never_cache], name="dispatch")
class WelcomeView(View):
    def get(self, request: HttpRequest, token: str) -> HttpResponseBase:
        try:
            member = invitation.member_of(token)
        except invitation.UsedUp:
            return render(request, "team/used_up.html", {"days": invitation.DAYS}, status=410)
        return self._page(request, member, WelcomeForm(member=member))

    def post(self, request: HttpRequest, token: str) -> HttpResponseBase:
        try:
            member = invitation.member_of(token)
        except invitation.UsedUp:
            return render(request, "team/used_up.html", {"days": invitation.DAYS}, status=410)
        form = WelcomeForm(request.POST, member=member)
        if not form.is_valid():
            return self._page(request, member, form, status=422)
        member.settle_in(form.cleaned_data["name"], form.cleaned_data["password"])
        try:
            return perform_login(request, member)
        except ImmediateHttpResponse as other_way:
            return other_way.response

    def _page(self, request: HttpRequest, member: Member, form: WelcomeForm, status: int = 200) -> HttpResponse:
        return render(request, "team/welcome.html", {"member": member, "form": form}, status=status)
