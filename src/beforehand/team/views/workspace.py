"""The company: its name, zone, currency and language."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views import View

from beforehand.team.access import MemberView
from beforehand.team.forms import CURRENCIES, WorkspaceForm, zones
from beforehand.team.models import Workspace


class WorkspaceView(MemberView, View):
    needs = "may_own"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, WorkspaceForm(instance=Workspace.own()))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = WorkspaceForm(request.POST, instance=Workspace.own())
        if not form.is_valid():
            return self._page(request, form, status=422)
        Workspace.own().change(by=self.me, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("team:workspace")

    def _page(self, request: HttpRequest, form: WorkspaceForm, status: int = 200) -> HttpResponse:
        context = {"title": _("Company"), "form": form, "zones": zones(), "currencies": CURRENCIES}
        return render(request, "team/workspace.html", context, status=status)
