"""Everything that is known about one customer, for them to have."""

import io
import json
import zipfile
from typing import Any

from django.db.models import Q

from beforehand.customers.models import Consent, Customer, Edge, Identifier, Membership
from beforehand.lib import bus
from beforehand.team.models import AuditEntry, Member


def export(customer: Customer, by: Member | None = None) -> dict[str, Any]:
    """A document by parts: who they are, and what each room above keeps of them. The audit notes that it was made."""
    identifiers = list(customer.identifiers.order_by("id"))
    ids = [identifier.pk for identifier in identifiers]
    document: dict[str, Any] = {
        "customer": {"id": customer.pk, "name": customer.name},
        "identifiers": [_identifier(identifier) for identifier in identifiers],
        "edges": [_edge(edge) for edge in _edges(ids)],
        "companies": [_membership(each) for each in _memberships(ids)],
        "consents": [_consent(each) for each in Consent.objects.filter(identifier__in=ids).order_by("time", "id")],
        "audit": [_entry(entry) for entry in _audit(customer, ids)],
    }
    for parts in bus.emit("customers.export", customers=[customer.pk], identifiers=ids):
        document |= parts
    AuditEntry.note("exported", f"customer {customer.pk}", by)
    return document


def archive(document: dict[str, Any]) -> bytes:
    """The document as a zip with one JSON file a part."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for part, content in document.items():
            packed.writestr(f"{part}.json", json.dumps(content, ensure_ascii=False, indent=2, default=str))
    return file.getvalue()


def _edges(ids: list[int]) -> Any:
    touching = Edge.objects.filter(Q(first__in=ids) | Q(second__in=ids))
    return touching.select_related("first", "second", "member", "revocation").order_by("evidence_time", "id")


def _memberships(ids: list[int]) -> Any:
    return Membership.objects.filter(identifier__in=ids).select_related("company", "identifier").order_by("since")


def _audit(customer: Customer, ids: list[int]) -> Any:
    edges = Edge.objects.filter(Q(first__in=ids) | Q(second__in=ids)).values_list("pk", flat=True)
    subjects = [f"customer {id}" for id in {customer.pk, *ids}] + [f"edge {pk}" for pk in edges]
    return AuditEntry.objects.filter(subject__in=subjects).order_by("time", "id")


def _identifier(identifier: Identifier) -> dict[str, Any]:
    return {
        "kind": identifier.kind,
        "value": identifier.value,
        "proved": identifier.proved,
        "traits": identifier.traits,
    }


def _edge(edge: Edge) -> dict[str, Any]:
    return {
        "identifiers": [str(edge.first), str(edge.second)],
        "verified": edge.verified,
        "strength": edge.get_strength_display(),
        "time": edge.evidence_time.isoformat(),
        "evidence": edge.evidence,
        "skipped": edge.get_skipped_display(),
        "taken_back": edge.revocation.time.isoformat() if hasattr(edge, "revocation") else None,
    }


def _membership(membership: Membership) -> dict[str, Any]:
    return {
        "company": str(membership.company),
        "key": membership.company.key,
        "by": str(membership.identifier),
        "since": membership.since.isoformat(),
    }


def _consent(consent: Consent) -> dict[str, Any]:
    return {
        "purpose": consent.purpose,
        "channel": consent.channel,
        "given": consent.given,
        "time": consent.time.isoformat(),
        "evidence": consent.evidence,
    }


def _entry(entry: AuditEntry) -> dict[str, Any]:
    return {"time": entry.time.isoformat(), "verb": entry.verb, "subject": entry.subject, "detail": entry.detail}
