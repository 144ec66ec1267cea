"""A conversation as it is read: messages in order, what happened between them folded, who waits since when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, ClassVar

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from beforehand.channels.models import Delivery, Outgoing
from beforehand.journey.channels import channel_word
from beforehand.lib.fields import to_micros
from beforehand.lib.working import Calendar, calendar_in
from beforehand.service import thread_rows
from beforehand.service.clocks.ledger import Kind
from beforehand.service.models import Attachment, Conversation, LedgerEntry, Message, Priority
from beforehand.service.models.conversation import status_word
from beforehand.service.search.narrowing import SOON
from beforehand.service.thread_rows import MOST, SHOWN
from beforehand.service.vocabulary import OPENED
from beforehand.team.models import HoursVersion, Member

FRAMED = ("<img", "<table", "data-remote")
Inbound, Note = Message.Kind.INBOUND, Message.Kind.NOTE

STATES = {
    Outgoing.State.QUEUED: (gettext_lazy("waiting to leave"), "clock", ""),
    Outgoing.State.HELD: (gettext_lazy("held"), "lock", "near"),
    Outgoing.State.SENDING: (gettext_lazy("leaving"), "clock", ""),
    Outgoing.State.SENT: (gettext_lazy("sent"), "check", ""),
    Outgoing.State.PARTLY: (gettext_lazy("sent to some"), "late", "near"),
    Outgoing.State.FAILED: (gettext_lazy("not sent"), "late", "broken"),
    Outgoing.State.CANCELLED: (gettext_lazy("taken back"), "undo", ""),
}
WORST = (Delivery.State.BOUNCED, Delivery.State.FAILED)
PROOFS = {
    "pass": (gettext_lazy("Sender checked: our mail server vouches for this address"), "shield", "good"),
    "fail": (gettext_lazy("The sender is not who they say: nothing of a journey is shown"), "late", "broken"),
    "signed": (gettext_lazy("Signed in: their page vouches for them"), "shield", "good"),
}


@dataclass
class Item:
    """A message with everything that stands around it."""

    event: ClassVar[bool] = False
    message: Message
    files: list[Attachment] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    unread: bool = False
    first_unread: bool = False
    now: datetime = field(default_factory=timezone.now)

    @property
    def is_note(self) -> bool:
        return self.message.kind == Note

    @property
    def is_ours(self) -> bool:
        return self.message.kind != Inbound

    @property
    def who(self) -> str:
        if self.message.kind == Message.Kind.BOT:
            return _("Assistant")
        if self.message.member is not None:
            return str(self.message.member)
        if self.message.identifier is not None:
            customer = self.message.identifier.customer
            return customer.name or str(self.headers.get("name") or self.message.identifier)
        return _("Beforehand") if self.is_ours else _("Somebody")

    @property
    def initials(self) -> str:
        words = [word for word in self.who.replace("@", " ").split() if word[0].isalnum()]
        return "".join(word[0] for word in words[:2]).upper()

    @property
    def text(self) -> str:
        """What is new in it."""
        ends = self.message.reply_ends
        return (self.message.text if ends is None else self.message.text[:ends]).strip()

    @property
    def quoted(self) -> str:
        ends = self.message.reply_ends
        return "" if ends is None else self.message.text[ends:].strip()

    @property
    def quoted_lines(self) -> int:
        return self.quoted.count("\n") + 1

    @property
    def headers(self) -> dict[str, Any]:
        return self.message.headers or {}

    @property
    def recipients(self) -> list[str]:
        """Whom it went to besides the two who talk, as addresses."""
        return [address_of(one) for name in ("to", "cc", "bcc") for one in self.headers.get(name) or ()]

    @property
    def proof(self) -> tuple[Any, str, str] | None:
        said = self.headers.get("proof") or ""
        return (
            PROOFS.get(said.get("verdict", "") if isinstance(said, dict) else str(said)) if not self.is_ours else None
        )

    @property
    def framed(self) -> bool:
        """Whether it has pictures or tables, so that its words alone would not do."""
        return any(mark in self.message.html for mark in FRAMED)

    @property
    def remote(self) -> int:
        return self.message.html.count("data-remote")

    @property
    def state(self) -> tuple[Any, str, str] | None:
        """How far what we sent has come: in a word, an icon and a tone."""
        outgoing = self.message.outgoing
        if outgoing is None:
            return None
        if any(one.state in WORST for one in self.deliveries):
            return _("did not arrive"), "late", "broken"
        if self.deliveries and all(one.state == Delivery.State.READ for one in self.deliveries):
            return _("read"), "eye", "good"
        if self.deliveries and all(
            one.state in {Delivery.State.DELIVERED, Delivery.State.READ} for one in self.deliveries
        ):
            return _("delivered"), "check", "good"
        if outgoing.state == Outgoing.State.QUEUED and outgoing.not_before > self.now + timedelta(minutes=1):
            when = timezone.localtime(outgoing.not_before)
            return _("leaves %(time)s") % {"time": formats.date_format(when, "j M, H:i")}, "clock", "own"
        return STATES[Outgoing.State(outgoing.state)]

    @property
    def may_take_back(self) -> bool:
        outgoing = self.message.outgoing
        return outgoing is not None and outgoing.state == Outgoing.State.QUEUED


@dataclass
class Happened:
    """What happened between two messages, in lines."""

    event: ClassVar[bool] = True
    lines: list[tuple[datetime, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Waiting:
    """The clock bar: since when the customer waits, how much of that is our hours, what is due when. Micros."""

    since: datetime
    elapsed: timedelta
    worked: timedelta | None
    due: datetime | None
    span: timedelta | None
    tone: str

    @property
    def used(self) -> int:
        """Of 96: how much of the target is used up."""
        if not self.span or self.worked is None:
            return 0
        return round(96 * min(1.0, self.worked / self.span))


@dataclass(frozen=True)
class Thread:
    items: list[Item | Happened]
    waiting: Waiting | None
    earlier: bool
    messages: list[Message]
    through: int
    drafted: dict[str, list[Attachment]] = field(default_factory=dict)
    """The files of what the member is writing, by mode."""

    @property
    def last_inbound(self) -> Message | None:
        """The last thing that a person outside said."""
        return next((one for one in reversed(self.messages) if one.kind == Inbound and not one.machine), None)


def address_of(one: Any) -> str:
    """The address of a recipient, however it was kept: as a text, [name, address] or a mapping."""
    if isinstance(one, dict):
        return str(one.get("address", ""))
    return str(one[-1]) if isinstance(one, list | tuple) and one else str(one)


def read(head: Conversation, member: Member, everything: bool = False) -> Thread:
    """The whole case of a head, with the files of what the member is writing. Four queries at most."""
    rows = thread_rows.messages(head.pk, everything)
    earlier, messages = len(rows) > SHOWN and not everything, rows[: MOST if everything else SHOWN][::-1]
    now = timezone.now()
    through = getattr(head, "read_through", None)
    items = [_item(message, through, now) for message in messages]
    drafted = _with_files(items, head, member)
    _mark_first(items)
    ledger = thread_rows.happened(head.pk)
    since = messages[0].time if earlier else None
    shown = [one for one in ledger if one.kind != Kind.TARGET_SET and (since is None or one.time >= since)]
    return Thread(_interleaved(items, shown), _waiting(head, ledger, now), earlier, messages, head.through, drafted)


def _item(message: Message, through: int | None, now: datetime) -> Item:
    unread = message.kind == Inbound and (message.touchpoint or 0) > (through or 0)
    return Item(message, unread=unread, now=now)


def _with_files(items: Sequence[Item], head: Conversation, member: Member) -> dict[str, list[Attachment]]:
    """Give each message its files and deliveries; gives the files of the member's drafts by mode."""
    by_message = {item.message.pk: item for item in items}
    drafted: dict[str, list[Attachment]] = {}
    for file in thread_rows.files(by_message, head.pk, member.pk):
        if file.draft is not None:
            drafted.setdefault(file.draft.mode, []).append(file)
        else:
            by_message[file.message_id].files.append(file)  # type: ignore[index]
    by_outgoing = {item.message.outgoing_id: item for item in items if item.message.outgoing_id}
    for delivery in thread_rows.deliveries(by_outgoing) if by_outgoing else ():
        by_outgoing[delivery.outgoing_id].deliveries.append(delivery)
    return drafted


def _mark_first(items: Sequence[Item]) -> None:
    first = next((item for item in items if item.unread), None)
    if first is not None and first is not items[0]:
        first.first_unread = True


def _interleaved(items: Sequence[Item], ledger: Iterable[LedgerEntry]) -> list[Item | Happened]:
    told = [(entry.time, line) for entry in ledger if (line := _line(entry))]
    mixed: list[tuple[datetime, int, Any]] = [(item.message.time, 1, item) for item in items]
    mixed += [(time, 0, line) for time, line in told]
    shown: list[Item | Happened] = []
    for time, order, one in sorted(mixed, key=lambda row: row[:2]):
        if order:
            shown.append(one)
            continue
        if not shown or not isinstance(shown[-1], Happened):
            shown.append(Happened())
        last = shown[-1]
        assert isinstance(last, Happened)
        last.lines.append((time, one))
    return shown


SAID: dict[str, Any] = {
    "opened": gettext_lazy("opened, by %(channel)s"),
    Kind.STATUS: gettext_lazy("%(by)s set it to %(status)s"),
    Kind.OWNER: gettext_lazy("%(by)s gave it to %(owner)s"),
    "team": gettext_lazy("%(by)s moved it to %(team)s"),
    "priority": gettext_lazy("%(by)s set the priority to %(priority)s"),
    "tagged": gettext_lazy("%(by)s put the tag %(tag)s"),
    "untagged": gettext_lazy("%(by)s took the tag %(tag)s off"),
    "filled": gettext_lazy("%(by)s filled in %(field)s: %(value)s"),
    "snoozed": gettext_lazy("%(by)s snoozed it until %(until)s"),
    "woke": gettext_lazy("it woke up"),
    "spam": gettext_lazy("%(by)s called it spam"),
    "not_spam": gettext_lazy("%(by)s called it no spam"),
    "linked": gettext_lazy("%(by)s linked it to a need"),
    "caused": gettext_lazy("%(by)s said the cause: %(cause)s"),
    "split": gettext_lazy("%(by)s split it off"),
    "side": gettext_lazy("%(by)s asked somebody else beside it"),
    Kind.JUDGED: gettext_lazy("%(by)s judged a message: %(verdict)s"),
    Kind.MERGED: gettext_lazy("%(by)s merged it with another"),
    Kind.UNMERGED: gettext_lazy("%(by)s undid the merge"),
    Kind.UNDELIVERED: gettext_lazy("our answer did not arrive; the customer waits again"),
    Kind.HANDED_OVER: gettext_lazy("people took over from the assistant"),
    "asked": gettext_lazy("we asked whether it is solved"),
    "said_solved": gettext_lazy("the customer said that it is solved"),
    Kind.BOT_ACCEPTED: gettext_lazy("the customer said that the assistant helped"),
    Kind.PAUSED: gettext_lazy("the target was paused"),
    Kind.RESUMED: gettext_lazy("the target runs on"),
}


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "–"


def _line(entry: LedgerEntry) -> str:
    data = dict(entry.data or {})
    facts = _Facts(data, by=data.get("by") or _("the rules"), channel=channel_word(entry.channel))
    if entry.kind == Kind.STATUS:
        facts["status"] = status_word(data.get("status") or data.get("category", "–"))
    if entry.kind == Kind.OWNER and data.get("owner") in {None, "", "–"}:
        facts["owner"] = _("nobody")
    if entry.kind == "priority" and data.get("priority") in Priority.values:
        facts["priority"] = Priority(data["priority"]).label
    if entry.kind == "snoozed":
        facts["until"] = _shown(data.get("until", ""))
    said = SAID.get(entry.kind)
    return str(said) % facts if said else entry.kind.replace("_", " ")


def _shown(moment: str) -> str:
    try:
        return formats.date_format(timezone.localtime(datetime.fromisoformat(moment)), "D j M, H:i")
    except ValueError:
        return moment


def _waiting(head: Conversation, ledger: Sequence[LedgerEntry], now: datetime) -> Waiting | None:
    """The calendar and the span are those of the target that is due, else the calendar it was opened with."""
    if head.waiting_since is None:
        return None
    targets = [entry.data["target"] for entry in ledger if entry.kind == Kind.TARGET_SET]
    target = next((one for one in reversed(targets) if one["clock"] == head.due_clock), None)
    opened = next((entry.data.get("calendar", "") for entry in ledger if entry.kind == OPENED), "")
    calendar = calendar_of((target or {}).get("calendar") or opened)
    worked = calendar.worked(to_micros(head.waiting_since), to_micros(now)) if calendar else None
    left = head.due - now if head.due else None
    tone = "" if left is None else "broken" if left <= timedelta(0) else "near" if left < SOON else ""
    return Waiting(
        head.waiting_since, now - head.waiting_since,
        timedelta(microseconds=worked) if worked is not None else None,
        head.due, timedelta(microseconds=target["span"]) if target else None, tone,
    )  # fmt: skip


@lru_cache(64)
def calendar_of(version: str) -> Calendar | None:
    """A version never changes, so it is read once."""
    plain = HoursVersion.objects.filter(version=version).values_list("plain", flat=True).first()
    return calendar_in(plain) if plain else None


def domains(messages: Iterable[Message]) -> list[str]:
    """The domains of everybody who took part so far: an answer to any other is asked about."""
    names = ("from", "reply_to", "to", "cc")
    found = {
        address_of(one) for message in messages for name in names for one in (message.headers or {}).get(name) or ()
    }
    return sorted({one.rpartition("@")[2].lower() for one in found if "@" in one})
