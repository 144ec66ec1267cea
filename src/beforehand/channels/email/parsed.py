"""What a mail says, as values that never change. Everything here is safe to store: no NUL, no half a character."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


class Trouble(NamedTuple):
    """Something that could not be understood or was left out: a code for programs, and what a person may read."""

    code: str
    detail: str = ""


class Mailbox(NamedTuple):
    """One address. `address` as it was written, without brackets; `key` is what two spellings of it share."""

    name: str
    address: str
    key: str

    @property
    def domain(self) -> str:
        return self.key.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Addresses:
    """What an address header says, with what is wrong with it. Authority never rests on a header with a defect."""

    mailboxes: tuple[Mailbox, ...] = ()
    defects: tuple[str, ...] = ()
    raw: str = ""

    @property
    def sole(self) -> Mailbox | None:
        """The one mailbox of a header without any defect; None where there is doubt about whom it means."""
        return self.mailboxes[0] if len(self.mailboxes) == 1 and not self.defects else None

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(mailbox.key for mailbox in self.mailboxes)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a mail. `name` is safe to save under and to show; `sent_name` is how it was sent.

    `kind`: file, message (a whole mail), calendar, signature, encrypted, report. `cid` is the Content-ID by which the
    HTML shows it. `origin`: mime, tnef, uuencode or yenc. `inline`: the HTML shows it, or the mail says so.
    """

    name: str
    type: str
    content: bytes
    kind: str = "file"
    cid: str = ""
    inline: bool = False
    origin: str = "mime"
    sent_name: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """What was written. The whole stays; `reply` is what is new in it, `quoted` and `signature` the rest.

    `html` is clean for showing: remote images stand as `data-remote`, images of the mail as `data-attachment` (their
    place in `Parsed.attachments`). `html_reply` is the part of it before what it quotes.
    """

    text: str = ""
    reply: str = ""
    quoted: str = ""
    signature: str = ""
    html: str = ""
    html_reply: str = ""
    remote_images: int = 0
    tracking_pixels: int = 0
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """One recipient of a delivery report. `hard`: it will never arrive; False: not yet, or it may later."""

    recipient: str
    action: str
    status: str
    reason: str
    hard: bool


@dataclass(frozen=True, slots=True)
class Report:
    """A machine's word about a mail of ours. `kind`: failed, delayed, delivered, read, deleted."""

    kind: str
    about: str = ""
    references: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()

    @property
    def hard(self) -> bool:
        return any(failure.hard for failure in self.failures)


@dataclass(frozen=True, slots=True)
class Event:
    """A calendar part. `method`: REQUEST, REPLY, CANCEL, PUBLISH, … in capitals; `start` as it was sent."""

    method: str
    uid: str = ""
    summary: str = ""
    start: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A mail. `fingerprint` is the same for one mail that came to two mailboxes, and differs for a re-used id."""

    size: int
    digest: str
    fingerprint: str
    headers: tuple[tuple[str, str], ...] = ()
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    sender_line: Addresses = Addresses()
    senders: Addresses = Addresses()
    reply_to: Addresses = Addresses()
    to: Addresses = Addresses()
    cc: Addresses = Addresses()
    bcc: Addresses = Addresses()
    delivered_to: Addresses = Addresses()
    original_from: Addresses = Addresses()
    resent_from: Addresses = Addresses()
    subject: str = ""
    sent: datetime | None = None
    sent_doubt: str = ""
    body: Body = Body()
    attachments: tuple[Attachment, ...] = ()
    events: tuple[Event, ...] = ()
    protection: tuple[str, ...] = ()
    report: Report | None = None
    troubles: tuple[Trouble, ...] = ()

    @property
    def sender(self) -> Mailbox | None:
        """Whom the mail says it is from, when there is no doubt whom it says. This proves nothing."""
        return self.senders.sole

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(trouble.code for trouble in self.troubles)

    def all(self, name: str) -> Sequence[str]:
        """Every value of a header, top first."""
        wanted = name.lower()
        return [value for header, value in self.headers if header.lower() == wanted]

    def first(self, name: str) -> str:
        return next(iter(self.all(name)), "")
