"""“We have your message.” It cannot loop: only a person's mail that opened a conversation gets one, at most one an
address and day, and it says of itself that a machine wrote it."""

import logging
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from beforehand.channels import outbox
from beforehand.channels.email.composing import chain, subject_of
from beforehand.channels.models import Arrival, Mailbox, Outgoing
from beforehand.customers.models import Identifier
from beforehand.lib.trouble import Trouble

if TYPE_CHECKING:
    from beforehand.channels.reading import Understood

log = logging.getLogger(__name__)


def fits(arrival: Arrival, understood: "Understood", evidence: dict[str, Any]) -> bool:
    """Whether this mail gets one, by everything but the state of its mailbox."""
    mail, verdict, proof = understood
    if arrival.mailbox is None or not arrival.mailbox.acknowledgement.strip() or mail.sender is None:
        return False
    return bool(
        evidence.get("new")
        and verdict.may_trigger
        and proof.verdict != "fail"
        and mail.sender.key not in Mailbox.own_addresses()
    )


def acknowledge(arrival: Arrival, understood: "Understood", evidence: dict[str, Any]) -> Outgoing | None:
    """Queue the mailbox's acknowledgement, where it has one and the mail may have one. What came before it was live is
    too old for one."""
    mail, mailbox, sender = understood.mail, arrival.mailbox, understood.mail.sender
    if mailbox is None or sender is None or mailbox.state != Mailbox.State.LIVE:
        return None
    if arrival.received < mailbox.state_since:
        return None
    if not fits(arrival, understood, evidence):
        return None
    identifier = Identifier.objects.filter(pk=int(evidence.get("identifier") or 0)).first()
    if identifier is None:
        return None
    before, references = chain(mail)
    content = {
        "subject": subject_of(mail),
        "text": mailbox.acknowledgement,
        "to": [[sender.name, sender.address]],
        "in_reply_to": before,
        "references": list(references),
        "conversation": evidence.get("conversation"),
        "machine": "auto-replied",
        "reply_token": True,
    }
    key = f"acknowledgement {sender.key[:90]} {timezone.now():%Y-%m-%d}"
    try:
        with transaction.atomic():
            return outbox.send(
                key, Outgoing.Purpose.TRANSACTIONAL, "email", identifier, content, mailbox, automatic=True
            )
    except Trouble as trouble:  # Their mail is placed all the same.
        log.warning("A mail of %s was not acknowledged: %s", sender.key, trouble)
        return None
