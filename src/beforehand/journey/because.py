"""What spoke for the cause of a contact, in words: one for each feature of `contacts.situation`."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from beforehand.journey.models import Contact

WORDS = {
    "says_failure": _("it tells of something that went wrong"),
    "says_information": _("it asks how or what"),
    "says_value": _("it asks for something to buy or change"),
    "says_rights": _("it asks for something that the law gives"),
    "says_anger": _("it is angry"),
    "chase_only": _("it only asks for news"),
    "chase_and_more": _("it asks again, with a question"),
    "when_in_time": _("it asks when, while all is on time"),
    "when_late": _("it asks when, and it is late"),
    "when_again": _("it asks when, and not for the first time"),
    "overdue_first": _("it says that something is overdue"),
    "overdue_again": _("it says once more that something is overdue"),
    "question": _("it is a question"),
    "short": _("it is short"),
    "no_text": _("it has no text"),
    "about_value": _("contacts about this need are mostly for value"),
    "about_information": _("contacts about this need mostly ask for information"),
    "about_failure": _("contacts about this need are mostly about failures"),
    "about_chase": _("contacts about this need mostly ask for news"),
    "about_rights": _("contacts about this need are mostly about rights"),
    "trouble": _("something had just gone wrong with the need"),
    "trouble_no_text": _("something had just gone wrong, and nothing else is known"),
    "stuck": _("the need was stuck"),
    "over": _("the need was over already"),
    "unknown": _("it fits no known need"),
    "earlier": _("the customer had come about this before"),
    "silent": _("nothing had moved since the contact before"),
    "answered": _("we had answered since the contact before"),
    "promise_late": _("a promise of ours was overdue"),
    "promised": _("a promise of ours was open"),
}
LINKS = {
    "key": _("it names its number"),
    "topic": _("by what it is about"),
    "open": _("it was the one that was open"),
    "unknown": _("no known need fits"),
}


def because(contact: Contact) -> list[str]:
    """What spoke most for the cause."""
    return [str(WORDS[feature]) for feature in _listed(evidence_of(contact).get("because")) if feature in WORDS]


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
