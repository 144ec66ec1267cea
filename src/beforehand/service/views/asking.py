"""How many of those whose case is done are asked whether it is solved."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views import View

from beforehand.service.forms import AskedForm
from beforehand.service.models import AskedShare
from beforehand.team.access import MemberView
from beforehand.team.models import AuditEntry


class AskingView(MemberView, View):
    needs = "may_configure"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, AskedForm(instance=AskedShare.own()))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        before = AskedShare.own().percent
        form = AskedForm(request.POST, instance=AskedShare.own())
        if not form.is_valid():
            return self._page(request, form, status=422)
        with transaction.atomic():
            row = form.save()
            AuditEntry.note("changed", "share that is asked", self.me, percent=[before, row.percent])
        messages.success(request, _("Saved."))
        return redirect("service:asking")

    def _page(self, request: HttpRequest, form: AskedForm, status: int = 200) -> HttpResponse:
        context = {"title": _("Is it solved?"), "form": form}
        return render(request, "service/asking.html", context, status=status)
