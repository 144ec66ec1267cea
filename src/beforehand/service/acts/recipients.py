"""Whom an answer goes to: worked out on the server for every answer, and shown before it is sent."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from beforehand.channels.email.addresses import key_of
from beforehand.channels.models import Mailbox
from beforehand.customers.models import Identifier
from beforehand.lib.kept import kept
from beforehand.lib.prepared import Prepared
from beforehand.lib.trouble import Trouble
from beforehand.service import own_page
from beforehand.service.models import Conversation, KnownId, Message, Participant

ADDRESS = re.compile(r"[^\s@<>\",;]+@[^\s@<>\",;]+\.[^\s@<>\",;]+")
ANSWERED = re.compile(r"^\s*(?:re|aw|sv|antw|vs|odp)(?:\[\d+\])?\s*:", re.IGNORECASE)
MOST_REFERENCES = 20
MOST_RECIPIENTS = 50
Address = tuple[str, str]


class Recipients(NamedTuple):
    """Names and addresses, and what makes mail programs keep the thread together."""

    channel: str
    subject: str = ""
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()

    def headers(self) -> dict[str, Any]:
        return {name: [list(one) for one in getattr(self, name)] for name in ("to", "cc", "bcc") if getattr(self, name)}

    def content(self, message: Message, machine: str = "") -> dict[str, Any]:
        """What the outbox is given."""
        files = [
            {"file": one.file_id, "name": one.name, "type": one.type, "cid": one.cid}
            for one in message.attachments.all()
        ]
        return {
            "conversation": message.conversation_id,
            "message": message.pk,
            "subject": self.subject,
            "text": message.text,
            "html": message.html,
            "to": [list(one) for one in self.to],
            "cc": [list(one) for one in self.cc],
            "bcc": [list(one) for one in self.bcc],
            "in_reply_to": self.in_reply_to,
            "references": list(self.references),
            "files": files,
            "machine": machine,
            "reply_token": True,
            "own_page": own_page.offered(message.conversation, [one for _name, one in (*self.to, *self.cc, *self.bcc)]),
        }


class Suggested(NamedTuple):
    """Whom a reply goes to, and whom a reply to all goes to besides."""

    to: tuple[Address, ...]
    cc: tuple[Address, ...]


def recipients(
    conversation: Conversation, to: Sequence[Any] | None = None, cc: Sequence[Any] = (), bcc: Sequence[Any] = ()
) -> Recipients:
    """Raises Trouble where nobody can be written to, or an address is none."""
    if conversation.channel == "chat":
        return Recipients("chat", conversation.subject)
    whom = read(to) if to is not None else suggested(conversation).to
    copies, hidden = read(cc), read(bcc)
    if not whom:
        raise Trouble(_("There is no e-mail address to write to. Add one under “To”."))
    if len(whom) + len(copies) + len(hidden) > MOST_RECIPIENTS:
        raise Trouble(_("An answer goes to at most %(most)d people.") % {"most": MOST_RECIPIENTS})
    last, references = known_ids(conversation)
    return Recipients("email", answer_subject(conversation.subject), whom, copies, hidden, last, references)


def answer_subject(subject: str) -> str:
    return subject if not subject or ANSWERED.match(subject) else f"Re: {subject}"


def suggested(conversation: Conversation, last: Message | None = None) -> Suggested:
    """Out of the customer's last message: Reply-To or From, and whoever else it went to, without our own addresses.
    `last`: that message, where it is at hand."""
    last = last or _last_heard.first(conversation.pk)
    headers = last.headers if last else {}
    to = _pairs(headers.get("reply_to")) or _pairs(headers.get("from"))
    if not to:
        to = _own_address(conversation)
    ours = own_addresses()
    taken = {key_of(address) for _name, address in to} | ours
    others = [*_pairs(headers.get("to")), *_pairs(headers.get("cc"))]
    cc = {key_of(address): (name, address) for name, address in others if key_of(address) not in taken}
    return Suggested(tuple(to), tuple(cc.values()))


@kept("channels.Mailbox")
def own_addresses() -> frozenset[str]:
    """The keys of every address that is ours."""
    every = Mailbox.objects.values_list("address", "aliases")
    return frozenset(key_of(one) for address, aliases in every for one in (address, *aliases))


def _own_address(conversation: Conversation) -> list[Address]:
    """The address that the conversation began with, else one that its customer is known by."""
    if began := _began_with.first(conversation.pk):
        return [("", began.address)]
    customer = conversation.identifier.customer_id
    known = Identifier.objects.filter(customer=customer, kind=Identifier.Kind.EMAIL, proved=True).order_by("id")
    return [("", one.value) for one in known[:1]]


def known_ids(conversation: Conversation) -> tuple[str, tuple[str, ...]]:
    """The Message-ID that an answer answers, and the chain before it: the first, and the last ones."""
    rows = _known_ids(conversation.pk)
    ids = list(dict.fromkeys(id for id, _kind in rows))
    inbound = [id for id, kind in rows if kind == Message.Kind.INBOUND]
    if len(ids) > MOST_REFERENCES:
        ids = [ids[0], *ids[-MOST_REFERENCES + 1 :]]
    return (inbound[-1] if inbound else ids[-1] if ids else "", tuple(ids))


def apart(text: str) -> list[str]:
    """Addresses that somebody wrote with commas between them."""
    return [one.strip() for one in re.split(r"[,;\n]", text) if one.strip()]


def read(given: Iterable[Any]) -> tuple[Address, ...]:
    """Addresses as forms and programs give them: text, or pairs of name and address; each once."""
    found: dict[str, Address] = {}
    for one in given:
        name, address = ("", one) if isinstance(one, str) else (str(one[0]), str(one[1]))
        if match := re.fullmatch(r"\s*\"?([^<>\"]*?)\"?\s*<([^<>]+)>\s*", address):
            name, address = match[1] or name, match[2]
        address = address.strip()
        if not ADDRESS.fullmatch(address) or len(address) > 320:
            raise Trouble(_("“%(address)s” is no e-mail address.") % {"address": address[:80]})
        found.setdefault(key_of(address), (" ".join(name.split())[:120], address))
    return tuple(found.values())


_last_heard = Prepared(
    lambda conversation: Message.objects.filter(
        conversation=conversation, kind=Message.Kind.INBOUND, machine=""
    ).order_by("-time", "-id")[:1],
    int,
)
_began_with = Prepared(
    lambda conversation: Participant.objects.filter(
        conversation=conversation, role__in=[Participant.Role.CUSTOMER, Participant.Role.THIRD]
    ).exclude(address="").order_by("id")[:1],
    int,
)  # fmt: skip
_known_ids: Prepared[Any] = Prepared(
    lambda conversation: (
        KnownId.objects.filter(conversation=conversation)
        .order_by("message__time", "id")
        .values_list("mail_id", "message__kind")
    ),
    int,
)


def _pairs(value: Any) -> list[Address]:
    return [(str(name), str(address)) for name, address in value or ()]
