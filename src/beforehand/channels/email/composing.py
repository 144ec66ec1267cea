"""A message of ours as bytes that every server takes: ASCII, short lines, each header once (so that DKIM holds)."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import cast

from beforehand.channels.email.addresses import key_of
from beforehand.channels.email.parsed import Addresses, Mailbox, Parsed

MOST_REFERENCES = 20
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_REPLIED = re.compile(r"\s*(?:re|aw|sv|antw|odp|rif|ref)(?:\[\d+\])?\s*:", re.IGNORECASE)
_FORWARDED = re.compile(r"\s*(?:fwd?|wg|tr|rv|vs)\s*:", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\]{1,255}")
_ID = re.compile(r"[!-;=?-~]{1,998}")
_LINK = re.compile(r"https?://[^\s<>&]+[^\s<>&.,;:!?)]")
_CID = re.compile(r"cid:([^\"'\s>)]+)", re.IGNORECASE)


class Unsendable(ValueError):
    """What cannot become a message, in words for the member who wants to send it."""


@dataclass(frozen=True, slots=True)
class Recipients:
    """Whom a message goes to, and what the member should look at before it does."""

    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...] = ()
    bcc: tuple[Mailbox, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class File:
    """`cid`: shown in the HTML as `cid:…`; a file whose cid the HTML does not name is an ordinary attachment."""

    name: str
    type: str
    content: bytes
    cid: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything of a message. `machine`: "" for a person's, `auto-replied` or `auto-generated` for a machine's.

    `unsubscribe`: an https address; with it the message is bulk and can be left with one click (RFC 8058).
    """

    sender: Mailbox
    recipients: Recipients
    subject: str
    text: str
    message_id: str
    date: datetime
    html: str = ""
    reply_to: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    machine: str = ""
    unsubscribe: str = ""
    list_id: str = ""


def compose(draft: Draft) -> bytes:
    """The message. Raises Unsendable for an address, an id or a link that no header can carry."""
    if not draft.recipients.to and not draft.recipients.cc and not draft.recipients.bcc:
        raise Unsendable("Say to whom this goes.")
    lines = [_folded(name, value) for name, value in _headers(draft) if value]
    body = _body(draft).as_bytes(policy=SMTP.clone(cte_type="7bit", max_line_length=76))
    return "".join(f"{line}\r\n" for line in lines).encode("ascii") + body


def _headers(draft: Draft) -> list[tuple[str, str]]:
    bulk = bool(draft.unsubscribe)
    machine = draft.machine or ("auto-generated" if bulk else "")
    if machine not in {"", "auto-replied", "auto-generated"}:
        raise Unsendable("A machine's message is auto-replied or auto-generated.")
    if bulk and not re.fullmatch(r"https://[!-;=?-~]{1,900}", draft.unsubscribe):
        raise Unsendable("The address to unsubscribe at has to begin with https:// and hold no space.")
    return [
        ("Date", format_datetime(draft.date.astimezone(UTC))),
        ("From", _mailbox(draft.sender)),
        ("To", _mailboxes(draft.recipients.to)),
        ("Cc", _mailboxes(draft.recipients.cc)),
        ("Reply-To", _address(draft.reply_to) if draft.reply_to else ""),
        ("Subject", _encoded(draft.subject)),
        ("Message-ID", _id(draft.message_id)),
        ("In-Reply-To", _id(draft.in_reply_to) if draft.in_reply_to else ""),
        ("References", " ".join(_id(each) for each in trimmed(draft.references))),
        ("Auto-Submitted", machine),
        ("X-Auto-Response-Suppress", "All" if machine else ""),
        ("Precedence", "bulk" if bulk else ""),
        ("List-Id", f"<{_encoded(draft.list_id)}>" if draft.list_id and bulk else ""),
        ("List-Unsubscribe", f"<{draft.unsubscribe}>" if bulk else ""),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click" if bulk else ""),
    ]


def other_headers(draft: Draft) -> dict[str, str]:
    """What is left for the head where a provider's interface takes sender, recipients, date and subject by itself."""
    own = {"Date", "From", "To", "Cc", "Reply-To", "Subject"}
    return {name: value for name, value in _headers(draft) if value and name not in own}


def _body(draft: Draft) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message.set_content(draft.text or "\n", charset="utf-8", cte=_transfer(draft.text))
    named = {found.lower() for found in _CID.findall(draft.html)}
    inline = [file for file in draft.files if file.cid and file.cid.lower() in named]
    if draft.html:
        message.add_alternative(draft.html, subtype="html", charset="utf-8", cte="quoted-printable")
        rich = cast(list[EmailMessage], message.get_payload())[-1]
        for file in inline:
            rich.add_related(file.content, *_type(file), cid=f"<{_one_line(file.cid)}>", disposition="inline",
                             filename=_one_line(file.name))  # fmt: skip
    for file in draft.files:
        if file not in inline or not draft.html:
            message.add_attachment(file.content, *_type(file), filename=_one_line(file.name))
    return message


def _transfer(text: str) -> str:
    return "7bit" if text.isascii() and max(map(len, text.split("\n")), default=0) < 900 else "quoted-printable"


def _type(file: File) -> tuple[str, str]:
    main, _, sub = file.type.partition("/")
    known = re.fullmatch(r"[a-z0-9.+_-]{1,60}/[a-z0-9.+_-]{1,80}", file.type) and main not in {"multipart", "message"}
    return (main, sub) if known else ("application", "octet-stream")


def _one_line(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()


def _encoded(text: str) -> str:
    """A header's words on one line, in RFC 2047 where they are not plain ASCII."""
    text = _one_line(text)[:900]
    if text.isascii() and "=?" not in text and max(map(len, text.split(" ")), default=0) < 70:
        return text
    return Header(text, "utf-8", maxlinelen=70).encode(linesep="").replace("\n", "")


def _folded(name: str, value: str) -> str:
    """A header in lines of at most 78 characters where its words allow it. Ids and addresses are never broken."""
    lines, line = [], f"{name}:"
    for word in value.split(" "):
        if len(line) + 1 + len(word) > 78 and line.strip() and line != f"{name}:":
            lines.append(line)
            line = ""
        line = f"{line} {word}"
    return "\r\n".join([*lines, line])


def _mailboxes(mailboxes: Sequence[Mailbox]) -> str:
    return ", ".join(_mailbox(mailbox) for mailbox in mailboxes)


def _mailbox(mailbox: Mailbox) -> str:
    address, name = _address(mailbox.address), _one_line(mailbox.name)
    if not name:
        return address
    if name.isascii() and "=?" not in name:
        return '"{}" <{}>'.format(re.sub(r"([\\\"])", r"\\\1", name), address)
    return f"{_encoded(name)} <{address}>"


def _address(address: str) -> str:
    local, _, domain = address.rpartition("@")
    if not _ADDRESS.fullmatch(address) or not local.isascii():
        raise Unsendable(f"“{_one_line(address)[:100]}” is no address that a mail can go to.")
    return f"{local}@{domain if domain.isascii() else key_of(address).rpartition('@')[2]}"


def _id(message_id: str) -> str:
    if not _ID.fullmatch(message_id):
        raise Unsendable("A Message-ID holds a sign that no header can carry.")
    return f"<{message_id}>"


def trimmed(references: Sequence[str]) -> tuple[str, ...]:
    """The first id and the latest ones: the middle goes, and what no header can carry."""
    usable = tuple(each for each in dict.fromkeys(references) if _ID.fullmatch(each) and len(each) < 900)
    return usable if len(usable) <= MOST_REFERENCES else (usable[0], *usable[1 - MOST_REFERENCES :])


def chain(mail: Parsed) -> tuple[str, tuple[str, ...]]:
    """In-Reply-To and References of an answer to a mail (RFC 5322, 3.6.4)."""
    before = mail.references or mail.in_reply_to[:1]
    return mail.message_id, trimmed([*before, *([mail.message_id] if mail.message_id else [])])


def subject_of(mail: Parsed, forward: bool = False) -> str:
    begun = (_FORWARDED if forward else _REPLIED).match(mail.subject)
    return mail.subject if begun else f"{'Fwd' if forward else 'Re'}: {mail.subject}".strip()


def recipients(mail: Parsed, ours: frozenset[str], everybody: bool = False) -> Recipients:
    """Whom an answer goes to: Reply-To, else From, never ourselves; with `everybody` also who stood in To and Cc.

    Bcc is never copied. `ours`: keys of all our mailboxes and their aliases; a plus behind one is still ours.
    """
    first = mail.reply_to if mail.reply_to.mailboxes else mail.senders
    to = _others(first, ours)
    warnings = []
    if mail.reply_to.mailboxes and {m.domain for m in mail.reply_to.mailboxes} - {
        m.domain for m in mail.senders.mailboxes
    }:
        warnings.append("reply_to_another_domain")
    if mail.senders.defects:
        warnings.append("from_in_doubt")
    taken = {mailbox.key for mailbox in to}
    cc = []
    for mailbox in (*_others(mail.to, ours), *_others(mail.cc, ours)) if everybody else ():
        if mailbox.key not in taken:
            taken.add(mailbox.key)
            cc.append(mailbox)
    return Recipients(to, tuple(cc), (), tuple(warnings))


def _others(line: Addresses, ours: frozenset[str]) -> tuple[Mailbox, ...]:
    seen: dict[str, Mailbox] = {}
    for mailbox in line.mailboxes:
        plain = re.sub(r"\+[^@]*@", "@", mailbox.key)
        if mailbox.key not in ours and plain not in ours and _ADDRESS.fullmatch(mailbox.address):
            seen.setdefault(mailbox.key, mailbox)
    return tuple(seen.values())


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed against whom the last mail had on it, for the chips of the composer."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    new_domains: tuple[str, ...]


def difference(chosen: Recipients, mail: Parsed, ours: frozenset[str]) -> Difference:
    before = {m.key for line in (mail.senders, mail.reply_to, mail.to, mail.cc) for m in _others(line, ours)}
    now = {mailbox.key for mailbox in (*chosen.to, *chosen.cc, *chosen.bcc)}
    known, own = {key.rpartition("@")[2] for key in before}, {key.rpartition("@")[2] for key in ours}
    added = sorted(now - before)
    domains = {key.rpartition("@")[2] for key in added} - known - own
    return Difference(tuple(added), tuple(sorted(before - now)), tuple(sorted(domains)))


def forwarded(mail: Parsed, note: str) -> str:
    """The text of a forward: the note, then the mail under its own short head."""
    date = mail.sent.isoformat(" ", "minutes") if mail.sent else ""
    head = [
        ("From", mail.senders.raw),
        ("Date", date),
        ("Subject", mail.subject),
        ("To", mail.to.raw),
        ("Cc", mail.cc.raw),
    ]
    lines = [f"{name}: {_one_line(value)}" for name, value in head if value]
    return "\n".join([note, "", "---------- Forwarded message ----------", *lines, "", mail.body.text])


def as_html(text: str) -> str:
    """Plain text as the HTML half of a message, with its addresses as links."""
    linked = _LINK.sub(r'<a href="\g<0>">\g<0></a>', html.escape(text))
    return "<p>" + linked.replace("\n\n", "</p><p>").replace("\n", "<br>") + "</p>"
