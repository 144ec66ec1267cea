"""“We have your message.” It cannot loop: only a person's mail that opened a conversation gets one, at most one an
address and day, and it says of itself that a machine wrote it."""

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from beforehand.channels import outbox
from beforehand.channels.email.composing import chain, subject_of
from beforehand.channels.models import Arrival, Mailbox, Outgoing
from beforehand.customers.models import Identifier

if TYPE_CHECKING:
    from beforehand.channels.reading import Understood


def acknowledge(arrival: Arrival, understood: "Understood", evidence: dict[str, Any]) -> Outgoing | None:
    """Queue the mailbox's acknowledgement, where it has one and the mail may have one."""
    mail, verdict, proof = understood
    mailbox, sender = arrival.mailbox, mail.sender
    if mailbox is None or not mailbox.acknowledgement.strip() or mailbox.state != Mailbox.State.LIVE:
        return None
    if not evidence.get("new") or not verdict.may_trigger or proof.verdict == "fail" or sender is None:
        return None
    identifier = Identifier.objects.filter(pk=int(evidence.get("identifier") or 0)).first()
    if identifier is None or sender.key in Mailbox.own_addresses():
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
    return outbox.send(key, Outgoing.Purpose.TRANSACTIONAL, "email", identifier, content, mailbox, automatic=True)
