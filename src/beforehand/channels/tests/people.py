"""Whom the tests write to, and from where."""

from beforehand.channels.models import Mailbox
from beforehand.customers.identity import Claim, identify
from beforehand.customers.models import Identifier


def identifier_of(address: str) -> Identifier:
    claim = Claim("email", address, True)
    return Identifier.objects.get(pk=identify([claim])[claim])


def mailbox_of(address: str, **fields) -> Mailbox:
    secret = fields.pop("secret", None)
    mailbox = Mailbox(address=address, **fields)
    if secret:
        mailbox.keep_secret(secret)
    mailbox.save()
    return mailbox


def content(*to: str, **more) -> dict:
    return {"subject": "Your order", "text": "It is on its way.", "to": [["", address] for address in to], **more}
