"""The customers: the list, one customer, their timeline."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from beforehand.customers import consent
from beforehand.customers.claims import Claim, normalised
from beforehand.customers.models import Customer, Identifier
from beforehand.journey import lifeline, listing, person, scores, standing, strip, timeline
from beforehand.journey.needs import projection
from beforehand.lib import bus, pages
from beforehand.lib.htmx import render as render_part
from beforehand.lib.text import storable
from beforehand.team.access import MemberView


class CustomersView(MemberView, View):
    """The list: the latest seen first, or those whom the words, the map or a break pick out."""

    needs = "may_see_customers"

    def get(self, request: HttpRequest) -> HttpResponse:
        page = listing.page(request.GET.dict())
        context = {"title": _("Customers"), "page": page, "words": request.GET.get("q", "")}
        return render_part(request, "journey/customers/list.html", "journey/customers/_list.html", context)


class CustomerView(MemberView, View):
    """One customer. The number of one who was joined to another leads there."""

    needs = "may_see_customers"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        identifiers = person.identifiers_of(pk)
        if not identifiers:
            home = get_object_or_404(Identifier, pk=pk)
            return redirect("journey:customer", home.customer_id, permanent=False)
        projection.catch_up(pk)
        touchpoints = lifeline.of_identifiers([one.pk for one in identifiers])
        life = lifeline.read(touchpoints)
        answers = scores.answers(touchpoints, life.names("feedback"))
        needs = standing.of_customer(pk)
        context: dict[str, Any] = {
            "customer": identifiers[0].customer,
            "traits": person.traits_of(identifiers),
            "companies": person.companies_of(pk),
            "evidence": person.evidence_of(identifiers),
            "consents": consent.standing(pk),
            "life": life,
            "strips": strip.draw(life, answers, timezone.now()),
            "answers": answers,
            "curve": strip.curve(answers),
            "needs": needs,
            "acts": [act for acts in bus.emit("customer.acts", customer=pk, member=self.me) for act in acts],
        }
        context |= _timeline(request, life, touchpoints, pk, needs.contacts)
        return render(request, "journey/customers/show.html", context)


class EndedNeedsView(MemberView, View):
    """The needs of a customer that are over: fetched when somebody opens the fold."""

    needs = "may_see_customers"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        customer = get_object_or_404(Customer, pk=pk)
        page = pages.page_of(request, standing.ended_of(pk))
        context = {"title": _("Needs that are over"), "customer": customer, "page": page}
        return render_part(request, "journey/customers/ended.html", "journey/customers/_ended_needs.html", context)


class KnownAsView(MemberView, View):
    """A link for other systems, which know a customer by an identifier of theirs: leads to the customer's page."""

    needs = "may_see_customers"

    def get(self, request: HttpRequest, kind: str, value: str) -> HttpResponse:
        stored = normalised(Claim(kind, value, True)) if kind in Identifier.Kind.values else None
        if stored is None:
            raise Http404
        known = Identifier.objects.filter(kind=kind, value=stored.value).order_by("-proved").first()
        if known is None:
            raise Http404
        return redirect("journey:customer", known.customer_id)


class TimelineView(MemberView, View):
    """A customer's timeline alone: other kinds, another channel, what was earlier, what has just come."""

    needs = "may_see_customers"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        touchpoints = lifeline.of_customers([pk])
        context = _timeline(request, lifeline.read(touchpoints), touchpoints, pk)
        template = "_days.html" if request.GET.get("before") else "_timeline.html"
        return render(request, f"journey/customers/{template}", context)


def _timeline(
    request: HttpRequest, life: lifeline.Lifeline, touchpoints: Any, pk: int, contacts: Any = None
) -> dict[str, Any]:
    kind, channel = request.GET.get("kind", ""), storable(request.GET.get("channel", ""))
    if kind and kind not in lifeline.PLURALS:
        raise Http404
    return {
        "pk": pk,
        "life": life,
        "kind": kind,
        "channel": channel,
        "timeline": timeline.read(touchpoints, life, request.GET.get("before", ""), kind, channel, contacts),
        "today": timezone.localdate(),
    }
