"""A person's word on a contact: its cause, or the need that it is about.

The word is a touchpoint, `$contact_judged`, on the identifier of the contact: bookkeeping, so it stands on no timeline
and in no measure, but it is in the record, travels with merges and their undoing, and is read again by every rebuild.
The latest word holds. What the machine had said stays in the contact's evidence, under `machine`.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from beforehand.journey.contacts.causes import CAUSES
from beforehand.journey.contacts.tracing import JUDGED
from beforehand.journey.models import Contact, Need, Touchpoint
from beforehand.journey.needs import projection
from beforehand.journey.noting import note
from beforehand.team.models import AuditEntry, Member


def judge(contact: Contact, by: Member | None, cause: str = "", need: Need | None = None, why: str = "") -> Contact:
    """Say what the cause of a contact is, or which need it is about, or both; the rows follow at once.

    Saying what the machine had said confirms it. `contact` may have been loaded before its customer was merged; one
    that is no longer in the record is refused with a ValidationError.
    """
    _identifier, customer = _whose(contact)
    if cause and cause not in CAUSES:
        raise ValidationError(_("“%(cause)s” is no cause. Say one of: %(causes)s.") % _causes(cause))
    if not cause and need is None:
        raise ValidationError(_("Say the cause of the contact, or the need that it is about."))
    if need is not None and not Need.objects.filter(pk=need.pk, customer=customer).exists():
        raise ValidationError(_("This need is another customer's."))
    said: dict[str, Any] = {"contact": contact.pk}
    if cause:
        said["cause"] = cause
    if need is not None:
        said["need"] = {"kind": need.kind, "opened_by": need.opened_by}
    return _say(contact, by, said, why, "judged")


def _whose(contact: Contact) -> tuple[int, int]:
    """The identifier that it stands on, and whose that is now."""
    found = Touchpoint.objects.filter(pk=contact.pk).values_list("identifier_id", "identifier__customer_id").first()
    if found is None:
        raise ValidationError(_("This contact is no longer in the record."))
    return found


def forget(contact: Contact, by: Member | None, why: str = "") -> Contact:
    """Take back what people said of a contact: the machine's word holds again."""
    return _say(contact, by, {"contact": contact.pk, "forget": True}, why, "no longer judges")


def _say(contact: Contact, by: Member | None, said: dict[str, Any], why: str, verb: str) -> Contact:
    with transaction.atomic():
        identifier, customer = _whose(contact)
        by_whom = {"by": str(by), "member": by.pk} if by is not None else {}
        note(identifier, JUDGED, said | by_whom | ({"why": why[:500]} if why else {}))
        AuditEntry.note(verb, str(_("contact %(number)s") % {"number": contact.pk}), by, cause=said.get("cause", ""))
    projection.catch_up(customer)
    return Contact.objects.filter(pk=contact.pk).first() or contact


def _causes(cause: str) -> dict[str, str]:
    return {"cause": cause, "causes": ", ".join(CAUSES)}
