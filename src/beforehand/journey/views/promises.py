"""Promises: the list, one promise, making one, agreeing on another time, taking one back."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise as Lazy
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from beforehand.customers.models import Customer
from beforehand.journey import promised, standing
from beforehand.journey.contact import needs_to_choose
from beforehand.journey.forms import DueForm, KeepingForm, PromiseForm, WithdrawalForm
from beforehand.journey.labels import called
from beforehand.journey.models import CatalogueEntry, Need, Promise
from beforehand.journey.promises.making import keep, make, renegotiate, withdraw
from beforehand.journey.views.contacts import BOARDS
from beforehand.lib import htmx, pages
from beforehand.team.access import MemberView
from beforehand.team.models import Member

MOST_NAMES = 400


class PromisesPage(MemberView, View):
    needs = "may_see_customers"


class PromisesView(PromisesPage):
    """What was promised, by its state (`?show=`), of one who promised (`?who=`), of a sort (`?what=`), in the days and
    to the segment that the bar of all boards names."""

    def get(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        show = request.GET.get("show", "")
        show = show if show in promised.SHOWN else promised.DUE
        asked = promised.Asked(request.GET.dict())
        found = asked.of(promised.listed(show, now))
        boards = {key: request.GET[key] for key in BOARDS if request.GET.get(key)}
        context = {
            "title": _("Promises"),
            "page": pages.page_of(request, lambda offset, limit: asked.page(found, offset, limit)),
            "tabs": _tabs(show, {**asked.kept, **boards}, counted=not asked.narrowed),
            "show": show,
            "asked": asked,
            "rate": asked.rate(now),
            "any": Promise.objects.exists(),
            "part": htmx.wants_part(request),
        }
        return htmx.render(request, "journey/promises/list.html", "journey/promises/_list.html", context)


class PromiseView(PromisesPage):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return _page(request, get_object_or_404(Promise.objects.select_related("customer"), pk=pk))


class PromisesToView(PromisesPage):
    """A new promise to a customer."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        customer = get_object_or_404(Customer, pk=pk)
        return self._form(request, customer, self._sent(customer))

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        customer = get_object_or_404(Customer, pk=pk)
        form = self._sent(customer, request.POST)
        if not form.is_valid():
            return self._form(request, customer, form, status=422)
        facts = form.cleaned_data
        need: Need | None = facts["need"]
        try:
            make(pk, facts["what"], facts["due"], [facts["kept_by"]], self.me, _key(need), _named(need))
        except ValidationError as problem:
            form.add_error(None, problem)
            return self._form(request, customer, form, status=422)
        messages.success(request, _("Promised. It stands on the customer's page and in the list until it is kept."))
        return redirect("journey:customer", pk)

    def _sent(self, customer: Customer, sent: QueryDict | None = None) -> PromiseForm:
        return PromiseForm(sent, customer=customer.pk, needs=needs_to_choose(customer.pk))

    def _form(self, request: HttpRequest, customer: Customer, form: PromiseForm, status: int = 200) -> HttpResponse:
        names = CatalogueEntry.objects.order_by("name").values_list("name", flat=True).distinct()[:MOST_NAMES]
        context: dict[str, Any] = {"title": _("Promise"), "customer": customer, "form": form, "names": names}
        return render(request, "journey/promises/new.html", context, status=status)


class RenegotiationView(PromisesPage):
    """Another time, agreed with the customer."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        promise = get_object_or_404(Promise.objects.select_related("customer"), pk=pk)
        form = DueForm(request.POST, auto_id="due-%s")
        if not form.is_valid():
            return _page(request, promise, status=422, due=form)
        try:
            new = renegotiate(promise, form.cleaned_data["due"], self.me, form.cleaned_data["why"])
        except ValidationError as problem:
            form.add_error(None, problem)
            return _page(request, promise, status=422, due=form)
        messages.success(request, _("Agreed: the new time holds, and the old promise counts as renegotiated."))
        return redirect("journey:promise", new.pk)


class EndingView(PromisesPage):
    """A person's word that ends a promise, with the reason that they give."""

    said: str | Lazy = ""
    form: str = ""
    verb: Callable[[Promise, Member, str], Promise]

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        promise = get_object_or_404(Promise.objects.select_related("customer"), pk=pk)
        form = FORMS[self.form](request.POST, auto_id=f"{self.form}-%s")
        if not form.is_valid():
            return _page(request, promise, status=422, **{self.form: form})
        try:
            self.verb(promise, self.me, " ".join(form.cleaned_data["why"].split()))
        except ValidationError as problem:
            messages.error(request, " ".join(problem.messages))
        else:
            messages.success(request, str(self.said))
        return redirect("journey:promise", pk)


class WithdrawalView(EndingView):
    said = gettext_lazy("Taken back. A promise that was due already stays broken.")
    form = "withdrawal"
    verb = staticmethod(withdraw)


class KeepingView(EndingView):
    """It was kept, though no touchpoint shows it."""

    said = gettext_lazy("Kept. Your word stands in the record.")
    form = "keeping"
    verb = staticmethod(keep)


FORMS: dict[str, type[Form]] = {"due": DueForm, "keeping": KeepingForm, "withdrawal": WithdrawalForm}


def _page(request: HttpRequest, promise: Promise, status: int = 200, **sent: Form) -> HttpResponse:
    need = _need_of(promise)
    titles, _data = standing.kinds_of([(need.kind, need.version)] if need else [])
    context = {
        "title": promise.what,
        "promise": promise,
        "forms": {name: form(auto_id=f"{name}-%s") for name, form in FORMS.items()} | sent,
        "need": need,
        "need_title": titles[need.kind] if need else "",
        "kept_by": _evidence(promise),
        "before": Promise.objects.filter(pk=promise.replaces).first() if promise.replaces else None,
        "after": Promise.objects.filter(replaces=promise.pk).first(),
        "standing": promise.settled is None and promise.ended is None,
    }
    return render(request, "journey/promises/show.html", context, status=status)


def _evidence(promise: Promise) -> list[str]:
    """By which touchpoints it will be known that it was kept, as they are called."""
    names = [str(one.get("name", "")) if isinstance(one, dict) else str(one) for one in promise.kept_by]
    labels = called(set(names))
    return [labels.get(name, name) for name in names]


def _need_of(promise: Promise) -> Need | None:
    """The need that it says it is about, else one of the customer's with the same key."""
    needs = Need.objects.filter(customer=promise.customer_id).order_by("-opened")
    if promise.need_opened_by is not None:
        return needs.filter(opened_by=promise.need_opened_by, kind=promise.need_kind).first()
    return needs.filter(key=promise.key_value).first() if promise.key_value else None


def _tabs(show: str, kept: dict[str, str], counted: bool) -> list[dict[str, Any]]:
    counts = promised.tabs(timezone.now()) if counted else {}
    address = reverse("journey:promises")
    return [
        {
            "title": str(title),
            "url": f"{address}?{urlencode({**({'show': one} if one else {}), **kept})}",
            "current": one == show,
            "count": counts.get(one),
        }
        for one, title in promised.SHOWN.items()
    ]


def _key(need: Need | None) -> tuple[str, str] | None:
    """The property that tells the need from others of its kind must be the same in the evidence."""
    if need is None or not need.key:
        return None
    _titles, data = standing.kinds_of([(need.kind, need.version)])
    key = str(data[need.kind, need.version].get("key", ""))
    return (key, need.key) if key else None


def _named(need: Need | None) -> tuple[str, int] | None:
    return (need.kind, need.opened_by) if need is not None else None
