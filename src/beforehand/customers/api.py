"""The API of customers: look one up, say who somebody is."""

import time
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema, Status

from beforehand.customers import finding
from beforehand.customers.identity import Claim, Link, connect, describe, identify
from beforehand.customers.models import Customer, Edge, Identifier
from beforehand.team.api import May, me, refuse
from beforehand.team.models import ApiToken

router = Router(tags=["customers"])
MOST_TRAITS = 50


class IdentifierOut(Schema):
    kind: str
    value: str
    proved: bool


class CustomerOut(Schema):
    """`proved`: a server of ours or a signed token vouched for it."""

    id: int
    name: str
    identifiers: list[IdentifierOut]


class Named(Schema):
    kind: Identifier.Kind
    value: str = Field(min_length=1, max_length=200)


class IdentifyIn(Schema):
    """Identifiers of one person, and what is known about them. What a token says is taken as true."""

    identifiers: list[Named] = Field(min_length=1, max_length=20)
    traits: dict[str, str | int | float | bool] = Field(default_factory=dict, max_length=MOST_TRAITS)


@router.get("/customers", response=list[CustomerOut], auth=May(ApiToken.Scope.CUSTOMERS))
def find(
    request: HttpRequest, q: str = Query(min_length=1, max_length=200), limit: int = Query(20, ge=1, le=50)
) -> Any:
    """Those whose name or identifier begins with these words, exact identifiers first."""
    _may_see(request)
    return [shown(customer) for customer in finding.find(q, limit)]


@router.get("/customers/{int:pk}", response=CustomerOut, auth=May(ApiToken.Scope.CUSTOMERS))
def customer(request: HttpRequest, pk: int) -> Any:
    """One customer. An old number leads to the customer it was joined to."""
    _may_see(request)
    if pk >= 1 << 63:
        raise Http404
    return shown(get_object_or_404(Identifier.objects.select_related("customer"), pk=pk).customer)


@router.post("/customers/identifications", response={201: CustomerOut}, auth=May(ApiToken.Scope.IDENTIFY))
def identification(request: HttpRequest, said: IdentifyIn) -> Any:
    """Say that these identifiers are one person. Those that are new are made; two known accounts are not joined by it
    but put up for a member to decide."""
    _may_see(request)
    claims = [Claim(one.kind, one.value, True) for one in said.identifiers]
    known = identify(claims)
    ids = [known[claim] for claim in claims if claim in known]
    if not ids:
        refuse("names_nobody", "None of these identifiers names anybody (“null”, “guest” and the like name nobody).")
    now = time.time_ns() // 1000
    if said.traits:
        describe([(ids[0], now, said.traits)])
    connect(Link(ids[0], other, True, Edge.Strength.SENT, now, "sent together through the API") for other in ids[1:])
    return Status(201, shown(Identifier.objects.select_related("customer").get(pk=ids[0]).customer))


def shown(customer: Customer) -> dict[str, Any]:
    identifiers = customer.identifiers.order_by("id")[:100]
    return {"id": customer.pk, "name": str(customer), "identifiers": list(identifiers)}


def _may_see(request: HttpRequest) -> None:
    if not me(request).may_see_customers:
        refuse("not_for_your_role", "The member of this token may not see customers.", 403)
