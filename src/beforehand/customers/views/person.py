"""What somebody may ask of us: to have everything that we know of them, and to be forgotten."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views import View

from beforehand.customers import consent
from beforehand.customers.erasure import erase
from beforehand.customers.export import archive, export
from beforehand.customers.forms import ConsentForm
from beforehand.customers.models import Customer
from beforehand.customers.review import side_of
from beforehand.lib import htmx
from beforehand.team.access import MemberView

FORM_ID = "consent_%s"


class OwnersView(MemberView, View):
    needs = "may_own"

    def _customer(self) -> Customer:
        return get_object_or_404(Customer, pk=self.kwargs["pk"], current=True)


class ExportView(OwnersView):
    """Everything about a customer as a zip with one JSON file a part."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        customer = self._customer()
        response = HttpResponse(archive(export(customer, by=self.me)), content_type="application/zip")
        response.headers["Content-Disposition"] = f'attachment; filename="customer-{customer.pk}.zip"'
        response.headers["Cache-Control"] = "no-store"
        return response


class ErasureView(OwnersView):
    """Asks once, says what will go, and removes it when the customer's number is typed."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._page(request, self._customer())

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        customer = self._customer()
        if request.POST.get("number", "").strip().removeprefix("c-") != str(customer.pk):
            return self._page(request, customer, _("Type the number %(number)s to confirm.") % {"number": customer.pk})
        erase(customer, by=self.me)
        messages.success(request, _("Everything about this customer was removed."))
        return redirect("journey:customers")

    def _page(self, request: HttpRequest, customer: Customer, problem: str = "") -> HttpResponse:
        context = {"title": _("Erase"), "customer": customer, "side": side_of(customer), "problem": problem}
        context["typed"] = request.POST.get("number", "")
        return render(request, "customers/erase.html", context, status=422 if problem else 200)


class ConsentView(MemberView, View):
    """Keeps what a customer told a member about being written to."""

    needs = "may_see_customers"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._page(request, self._customer(pk), ConsentForm(auto_id=FORM_ID))

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        customer, form = self._customer(pk), ConsentForm(request.POST, auto_id=FORM_ID)
        if not form.is_valid():
            return self._page(request, customer, form)
        said = form.cleaned_data
        consent.say(customer, said["purpose"], said["given"] == "yes", said["source"], said["remark"], by=self.me)
        messages.success(request, _("Noted."))
        return redirect("journey:customer", customer.pk)

    def _customer(self, pk: int) -> Customer:
        return get_object_or_404(Customer, pk=pk, current=True)

    def _page(self, request: HttpRequest, customer: Customer, form: ConsentForm) -> HttpResponse:
        context = {"title": _("Consent"), "customer": customer, "form": form}
        status = 422 if form.errors else 200
        return htmx.render(request, "customers/consent.html", "customers/_consent_form.html", context, status)
