"""Forgetting a person: everything that names them goes, and what is kept of it are numbers."""

from typing import Any

from django.db import transaction
from django.db.models import Q

from beforehand.customers.models import Consent, Customer, Edge, Erasure, Identifier, Membership
from beforehand.lib import bus
from beforehand.lib.turns import take_turn
from beforehand.team.models import AuditEntry, Member


def erase(customer: Customer, by: Member | None = None) -> Erasure | None:
    """Remove everything about this customer, in every room; None when there was nothing left to remove.

    The rooms above go first (`customers.erase`): a touchpoint cannot outlive its identifier. What arrives later under
    the same identifiers begins anew, as somebody whom nobody knows.
    """
    with transaction.atomic():
        take_turn()
        ids = list(Identifier.objects.filter(customer=customer).values_list("pk", flat=True))
        if not ids:
            return None
        customers = sorted({customer.pk, *ids})
        manifest: dict[str, Any] = {}
        for part in bus.emit("customers.erase", customers=customers, identifiers=ids):
            manifest |= _named(part)
        manifest["customers"] = _remove(customers, ids)
        AuditEntry.note("erased", f"customer {customer.pk}", by)
        return Erasure.objects.create(member=by, manifest=manifest)


def _named(part: dict[str, Any]) -> dict[str, Any]:
    """A room's answer under its own name."""
    numbers = dict(part)
    name = numbers.pop("part", None)
    return {str(name): numbers} if name else numbers


def _remove(customers: list[int], ids: list[int]) -> dict[str, int]:
    edges = Edge.objects.filter(Q(first__in=ids) | Q(second__in=ids))
    subjects = [f"edge {pk}" for pk in edges.values_list("pk", flat=True)]
    removed = {
        "edges": edges.count(),
        "memberships": Membership.objects.filter(identifier__in=ids).count(),
        "consents": Consent.objects.filter(identifier__in=ids).count(),
        "identifiers": len(ids),
    }
    AuditEntry.objects.filter(subject__in=subjects).update(detail={})
    Identifier.objects.filter(pk__in=ids).delete()
    Customer.objects.filter(pk__in=customers).delete()
    return removed
