"""What spoke for the cause of a contact, in parts: reasons, the customer's words, what the machine had said."""

from collections.abc import Iterable
from typing import Any

from beforehand.journey.contacts.telling import LINKS, REASONS
from beforehand.journey.models import Contact


def because(contact: Contact) -> list[str]:
    """What spoke most for the cause."""
    found = _listed(evidence_of(contact).get("because"))
    return list(dict.fromkeys(str(REASONS[feature]) for feature in found if feature in REASONS))


def phrases(contact: Contact) -> list[str]:
    """The words of the customer that were read for the cause, and for the need."""
    evidence = evidence_of(contact)
    return list(dict.fromkeys([*_listed(evidence.get("words")), *_listed(evidence.get("topic"))]))


def machine(contact: Contact) -> dict[str, Any] | None:
    """What the machine had said of a contact that a person judged: cause and probability."""
    said = evidence_of(contact).get("machine")
    return said if isinstance(said, dict) else None


def linked(contact: Contact) -> str:
    return str(LINKS.get(contact.linked_by, contact.linked_by))


def evidence_of(contact: Contact) -> dict[str, Any]:
    return contact.evidence if isinstance(contact.evidence, dict) else {}


def _listed(value: Any) -> Iterable[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
