"""Oneself: the name, and the ways to the password and the second step."""

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views import View

from beforehand.team.access import MemberView
from beforehand.team.forms import ProfileForm
from beforehand.team.models import Member


class ProfileView(MemberView, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, ProfileForm(instance=Member.objects.get(pk=self.me.pk)))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ProfileForm(request.POST, instance=Member.objects.get(pk=self.me.pk))
        if not form.is_valid():
            return self._page(request, form, status=422)
        form.save()
        messages.success(request, _("Saved."))
        return redirect("team:profile")

    def _page(self, request: HttpRequest, form: ProfileForm, status: int = 200) -> HttpResponse:
        second = Authenticator.objects.filter(user=self.me, type=Authenticator.Type.TOTP).exists()
        context = {"title": _("Profile"), "form": form, "second_step": second}
        return render(request, "team/profile.html", context, status=status)
