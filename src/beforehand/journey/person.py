"""Who a customer is, as their page shows it: identifiers with the evidence for each, companies, traits."""

from typing import Any, NamedTuple

from beforehand.customers.models import Edge, Identifier, Membership
from beforehand.customers.resolve import Node, lead_key

MOST_TRAITS = 12
IN_THE_NAME = {"name", "firstName", "first_name", "lastName", "last_name", "email", "phone", "avatar"}


class Evidence(NamedTuple):
    """An identifier, and the edge that ties it to the others (None for the one that leads)."""

    identifier: Identifier
    edge: Edge | None


class Trait(NamedTuple):
    key: str
    value: str


def identifiers_of(customer: int) -> list[Identifier]:
    """The identifiers of a customer, the one that leads first."""
    found = Identifier.objects.filter(customer=customer).select_related("customer")
    return sorted(found, key=lambda one: lead_key(Node(one.kind, one.value, one.proved)))


def evidence_of(identifiers: list[Identifier]) -> list[Evidence]:
    """Each identifier with the strongest edge that it hangs by."""
    if len(identifiers) == 1:
        return [Evidence(identifiers[0], None)]
    edges = Edge.objects.filter(first__in=identifiers, second__in=identifiers, skipped="", revocation=None)
    place = {identifier.pk: n for n, identifier in enumerate(identifiers)}
    best: dict[int, Edge] = {}
    for edge in edges.select_related("member").order_by("-strength", "evidence_time", "id"):
        later = max(edge.first_id, edge.second_id, key=lambda id: place[id])
        best.setdefault(later, edge)
    return [Evidence(identifier, best.get(identifier.pk)) for identifier in identifiers]


def companies_of(customer: int) -> list[Membership]:
    """Where they belong, each company once, since they were first seen there."""
    found = Membership.objects.filter(identifier__customer=customer).select_related("company").order_by("since", "id")
    once: dict[int, Membership] = {}
    for membership in found:
        once.setdefault(membership.company_id, membership)
    return list(once.values())


def traits_of(identifiers: list[Identifier]) -> list[Trait]:
    """What else is known of them: each trait as it was last said of any identifier."""
    last: dict[str, tuple[int, Any]] = {}
    for identifier in identifiers:
        for key, value in identifier.traits.items():
            said = (identifier.trait_times.get(key, 0), value)
            if key not in last or said[0] > last[key][0]:
                last[key] = said
    shown = {key: value for key, (_time, value) in last.items() if _worth_showing(key, value)}
    return [Trait(key, str(shown[key])) for key in sorted(shown)][:MOST_TRAITS]


def _worth_showing(key: str, value: Any) -> bool:
    return key not in IN_THE_NAME and isinstance(value, str | int | float | bool) and 0 < len(str(value)) <= 120
