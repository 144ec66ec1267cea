"""What waits for a member's word: evidence that was not followed, and what members said before."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from beforehand.customers.models import Customer, Edge, Identifier
from beforehand.customers.resolve import Node, lead_key

SHOWN = 6


@dataclass
class Side:
    """A customer as somebody sees them who has to decide: the name and the first identifiers."""

    customer: Customer
    identifiers: list[Identifier]
    more: int


def waiting(reason: str | None = None) -> QuerySet[Edge]:
    """Evidence that was skipped, the newest first; two accounts and limits unless another reason is asked for."""
    reasons = [reason] if reason else [Edge.Skipped.ACCOUNTS, Edge.Skipped.LIMIT]
    edges = Edge.objects.filter(skipped__in=reasons, revocation=None)
    return edges.select_related("first__customer", "second__customer").order_by("-evidence_time", "-id")


def said() -> QuerySet[Edge]:
    """What members joined and did not take back, the newest first."""
    edges = Edge.objects.filter(strength=Edge.Strength.MEMBER, along=None, revocation=None)
    return edges.select_related("first__customer", "second__customer", "member").order_by("-evidence_time", "-id")


def taken_back() -> QuerySet[Edge]:
    """What members declined or undid, the newest first; it can be restored."""
    edges = Edge.objects.filter(revocation__isnull=False, along=None)
    known = edges.select_related("first__customer", "second__customer", "member", "revocation__member")
    return known.order_by("-revocation__time", "-id")


def add_sides(edges: Iterable[Edge]) -> None:
    """Give every edge `sides`: the customers of its two ends as they are now."""
    edges = list(edges)
    customers = {end.customer for edge in edges for end in (edge.first, edge.second)}
    sides = _sides(customers)
    for edge in edges:
        edge.sides = [(end, sides[end.customer_id]) for end in (edge.first, edge.second)]  # type: ignore[attr-defined]


def side_of(customer: Customer) -> Side:
    return _sides({customer})[customer.pk]


def _sides(customers: Iterable[Customer]) -> dict[int, Side]:
    by_number = {customer.pk: customer for customer in customers}
    theirs: dict[int, list[Identifier]] = {pk: [] for pk in by_number}
    for identifier in Identifier.objects.filter(customer__in=list(by_number)):
        theirs[identifier.customer_id].append(identifier)
    for identifiers in theirs.values():
        identifiers.sort(key=lambda one: lead_key(Node(one.kind, one.value, one.proved)))
    return {pk: Side(one, theirs[pk][:SHOWN], max(len(theirs[pk]) - SHOWN, 0)) for pk, one in by_number.items()}
