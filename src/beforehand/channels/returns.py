"""What machines say about mails of ours: a delivery report marks its recipients, a read receipt as well."""

from beforehand.channels import outbox
from beforehand.channels.email.classifying import Kind, Verdict
from beforehand.channels.email.parsed import Parsed
from beforehand.channels.models import Delivery, Outgoing

WORDS = {"delivered": Delivery.State.DELIVERED, "read": Delivery.State.READ}


def take(mail: Parsed, verdict: Verdict) -> Outgoing | None:
    """Bring a report to the message that it is about, which it gives."""
    if verdict.kind not in {Kind.BOUNCE, Kind.RECEIPT} or mail.report is None:
        return None
    ids = [*filter(None, [mail.report.about]), *mail.in_reply_to, *mail.report.references, *mail.references]
    outgoing = _about(ids)
    if outgoing is None:
        return None
    if mail.report.kind in WORDS:
        names = {failure.recipient for failure in mail.report.failures} or set(mail.senders.keys)
        everybody = list(outgoing.deliveries.all())
        for delivery in everybody:
            if delivery.address in names or len(everybody) == 1:
                outbox.progress(delivery, WORDS[mail.report.kind])
        return outgoing
    for failure in mail.report.failures:
        outbox.bounced(outgoing, failure.recipient, failure.status, failure.reason, failure.hard)
    return outgoing


def _about(ids: list[str]) -> Outgoing | None:
    """The first of these ids that is one of ours; the report names its own message first."""
    for message_id in ids[:20]:
        if found := Outgoing.objects.filter(message_id=message_id).first():
            return found
    return None
