"""What a contact costs, by channel: what the money beside causes is counted with."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views import View

from beforehand.journey.contacts import costs
from beforehand.journey.forms import CostsForm
from beforehand.journey.models import Contact
from beforehand.team.access import MemberView
from beforehand.team.models import Workspace

MOST_CHANNELS = 40


class CostsView(MemberView, View):
    needs = "may_configure"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, self._form())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form = self._form(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        for channel, cost in form.changes.items():
            costs.change(channel, cost, self.me)
        messages.success(request, _("Saved. The causes are searched again with it in a few minutes."))
        return redirect("journey:costs")

    def _form(self, sent: object = None) -> CostsForm:
        known = costs.costs()
        seen = Contact.objects.exclude(channel="").order_by("channel").values_list("channel", flat=True).distinct()
        others = known[costs.OTHERS]
        listed = {channel: known.get(channel, others) for channel in (*known, *seen[:MOST_CHANNELS]) if channel}
        return CostsForm(sent, costs={**listed, costs.OTHERS: others})

    def _page(self, request: HttpRequest, form: CostsForm, status: int = 200) -> HttpResponse:
        context = {"title": _("Cost of a contact"), "form": form, "currency": Workspace.own().currency}
        return render(request, "journey/costs.html", context, status=status)
