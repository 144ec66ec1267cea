"""Make one customer of two: find the other, see both, say yes."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views import View

from beforehand.customers.finding import find
from beforehand.customers.merging import CannotMerge, merge
from beforehand.customers.models import Customer, Identifier
from beforehand.customers.review import Side, side_of
from beforehand.lib.text import number_in
from beforehand.team.access import MemberView

ACCOUNT = Identifier.Kind.USER_ID


class MergeView(MemberView, View):
    needs = "may_configure"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        customer = self._customer(pk)
        words = request.GET.get("q", "")
        other = self._other(request.GET.get("with", ""))
        sides = _sides(customer, other)
        context = {
            "title": _("Merge"),
            "customer": customer,
            "words": words,
            "found": [side_of(one) for one in find(words, 12) if one != customer],
            "sides": sides,
            "two_accounts": len({one.value for side in sides for one in side.identifiers if one.kind == ACCOUNT}) > 1,
        }
        part = request.headers.get("HX-Target") == "found"
        return render(request, "customers/_found.html" if part else "customers/merge.html", context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        customer, other = self._customer(pk), self._other(request.POST.get("with", ""))
        try:
            if other is None:
                raise CannotMerge(_("Choose the other customer first."))
            edge = merge(customer, other, by=self.me)
        except CannotMerge as problem:
            messages.error(request, str(problem))
            return redirect("customers:merge", pk)
        messages.success(request, _("They are one customer now. To take it back, press Undo beside the identifier."))
        return redirect("journey:customer", edge.first.customer_id)

    def _customer(self, pk: int) -> Customer:
        return get_object_or_404(Customer, pk=pk, current=True)

    def _other(self, number: str) -> Customer | None:
        return Customer.objects.filter(pk=number_in(number), current=True).first()


def _sides(customer: Customer, other: Customer | None) -> list[Side]:
    return [side_of(customer), side_of(other)] if other is not None and other != customer else []
