"""The list of settings pages that this member may open."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import View

from beforehand.team.access import MemberView
from beforehand.web import navigation


class SettingsView(MemberView, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        context = {"title": _("Settings"), "settings_sections": navigation.settings_pages(request)}
        return render(request, "web/settings.html", context)
