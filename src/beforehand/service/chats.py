"""What the chat on a company's pages asks of the desk: say something, see what was said, know what happens next.

A visitor whose page signed who they are sees what their customer wrote and was answered, on every device and in every
channel. Any other visitor sees what this very browser wrote, whatever it claims to be.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _

from beforehand.channels import delivering
from beforehand.channels.handles import Handed, link_part
from beforehand.channels.models import Arrival, ChatWidget, Delivery, Visitor
from beforehand.lib.fields import from_micros, to_micros
from beforehand.lib.prepared import Prepared
from beforehand.lib.working import Calendar, NeverOpen
from beforehand.service import presence
from beforehand.service.acts import acting, asking, moving
from beforehand.service.acts.answering import LEAVING
from beforehand.service.arrivals.receiving import new_part
from beforehand.service.clocks import calendars
from beforehand.service.clocks.ledger import Category, Name, Verdict
from beforehand.service.models import Attachment, Conversation, Message, Reading, Status

GOES_ON = timedelta(days=7)
JUST_LEFT = timedelta(seconds=10)
SHOWN = 50
LONGEST_SUBJECT = 80
M = TypeVar("M", bound=Model)


def of_visitor(visitor: Visitor) -> QuerySet[Conversation]:
    """The conversations that a visitor may see."""
    if visitor.is_signed:
        return _of_customer(visitor.identifier.customer_id)
    return _of_browser(visitor.identifier_id)


def _of_customer(customer: int) -> QuerySet[Conversation]:
    return _shown_at_all().filter(identifier__customer=customer)


def _of_browser(identifier: int) -> QuerySet[Conversation]:
    return _shown_at_all().filter(identifier=identifier)


def _shown_at_all() -> QuerySet[Conversation]:
    return Conversation.objects.filter(about=None).exclude(kept=Conversation.Kept.ARCHIVE)


class Theirs(Generic[M]):
    """A look-up in the conversations that a visitor may see, put together once. `build` gets them and the values."""

    def __init__(self, build: Callable[..., QuerySet[M]], *kinds: type) -> None:
        self.signed = Prepared(lambda customer, *more: build(_of_customer(customer), *more), int, *kinds)
        self.other = Prepared(lambda identifier, *more: build(_of_browser(identifier), *more), int, *kinds)

    def __call__(self, visitor: Visitor, *values: int) -> list[M]:
        if visitor.is_signed:
            return self.signed(visitor.identifier.customer_id, *values)
        return self.other(visitor.identifier_id, *values)


_last_chat = Theirs(
    lambda theirs: (
        theirs.filter(channel="chat").select_related("owner", "head__owner").order_by("-last_message", "-id")[:1]
    )
)


def current(visitor: Visitor) -> Conversation | None:
    """The chat that goes on: the last one, as long as it is open or was settled a few days ago."""
    last = next(iter(_last_chat(visitor)), None)
    if last is None:
        return None
    head = last.head or last
    over = head.category == Category.DONE and timezone.now() - _moment(head.last_message) > GOES_ON
    return None if over else last


def said(
    visitor: Visitor,
    arrival: Arrival | None,
    text: str,
    files: Sequence[Handed] = (),
    page: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Take in what a visitor wrote; gives it as they see it."""
    conversation = current(visitor) or _begin(visitor, text)
    headers = {"name": visitor.name, "page": page or {}, "visitor": visitor.pk}
    if visitor.is_signed:
        headers["proof"] = "signed"
    message = conversation.receive(
        text,
        identifier=visitor.identifier,
        headers={key: value for key, value in headers.items() if value},
        arrival=arrival,
        whole=arrival is not None,  # which comes with the transaction that keeps it
        files=[(one.file, one.name, one.type, "") for one in files],
        channel="chat",
    )
    presence.note(conversation.head_id or conversation.pk, f"v:{visitor.pk}", visitor.name, typing=False)
    message.has_files = bool(files)  # type: ignore[attr-defined]
    return shown(message)


def _begin(visitor: Visitor, text: str) -> Conversation:
    topic = str(visitor.asked.get("topic", ""))
    before = of_visitor(visitor).filter(channel="chat").order_by("-last_message").first()
    return Conversation.begin(
        visitor.identifier,
        "chat",
        subject=topic or subject_of(text),
        widget=visitor.widget,
        follows=before,
        language=visitor.language,
    )


def subject_of(text: str) -> str:
    """The first words."""
    words = " ".join(text.split())
    return (
        words
        if len(words) <= LONGEST_SUBJECT
        else (words[:LONGEST_SUBJECT].rpartition(" ")[0] or words[:LONGEST_SUBJECT]) + "…"
    )


def visible(conversations: QuerySet[Conversation], now: int | None = None) -> QuerySet[Message]:
    """What customers see of conversations: their own words, and ours as far as they have left us."""
    now = to_micros(timezone.now()) if now is None else now
    ours = Q(kind=Message.Kind.OUTBOUND, machine="", outgoing__state__in=LEAVING, outgoing__not_before__lte=now)
    theirs = Q(kind=Message.Kind.INBOUND, machine="")
    return Message.objects.filter(ours | theirs | Q(kind=Message.Kind.BOT), conversation__in=conversations.values("pk"))


def _messages(theirs: QuerySet[Conversation], now: int) -> QuerySet[Message]:
    has_files = Exists(Attachment.objects.filter(message=OuterRef("pk")))
    return visible(theirs, now).select_related("member", "arrival").annotate(has_files=has_files)


_latest = Theirs(lambda theirs, now: _messages(theirs, now).order_by("-pk")[:SHOWN], int)
_since = Theirs(
    lambda theirs, now, after, left: (
        _messages(theirs, now).filter(Q(pk__gt=after) | Q(outgoing__sent__gt=left)).order_by("pk")[:SHOWN]
    ),
    int,
    int,
    int,
)


def messages(visitor: Visitor, after: int = 0) -> list[Message]:
    """The messages after one, oldest first; the last ones where none is named.

    What was written for later keeps its number, so what has just left is among them again.
    """
    now = acting.now()
    just_left = now - JUST_LEFT // timedelta(microseconds=1)
    found = _since(visitor, now, after, just_left) if after else _latest(visitor, now)[::-1]
    prefetch_related_objects([row for row in found if row.has_files], "attachments__file")  # type: ignore[attr-defined]
    return found


def history(visitor: Visitor, after: int = 0) -> list[dict[str, Any]]:
    """Messages as the visitor's browser gets them. Fetching is what delivers them."""
    found = messages(visitor, after)
    deliver(leaves(found))
    return [shown(row) for row in found]


def leaves(found: Sequence[Message]) -> list[int]:
    """What of it is ours and went by chat: it has arrived with whoever gets it now."""
    return [row.outgoing_id for row in found if row.outgoing_id and row.channel == "chat"]


def deliver(outgoing: Sequence[int]) -> None:
    if not outgoing:
        return
    fresh = [Delivery.State.QUEUED, Delivery.State.LEAVING, Delivery.State.SENT]
    for delivery in Delivery.objects.filter(outgoing__in=outgoing, state__in=fresh):
        delivering.progress(delivery, Delivery.State.DELIVERED)


def shown(message: Message) -> dict[str, Any]:
    """A message as the visitor's browser gets it. `from`: you, us or bot; `key`: the browser's own name for it."""
    whose = {Message.Kind.INBOUND: "you", Message.Kind.BOT: "bot"}.get(Message.Kind(message.kind), "us")
    arrival = message.arrival
    return {
        "id": message.pk,
        "from": whose,
        "name": first_name(str(message.member)) if message.member else "",
        "text": new_part(message).strip(),
        "time": _moment(message.time).isoformat(),
        "channel": message.channel,
        "key": arrival.place.partition(":")[2] if arrival and arrival.door == Arrival.Door.CHAT else "",
        "files": [
            {"name": one.name, "size": one.file.size, "part": link_part(one.file_id, one.name, one.type)}
            for one in (message.attachments.all() if getattr(message, "has_files", True) else ())
            if not one.cid
        ],
    }


def first_name(name: str) -> str:
    """Customers know members by their first name."""
    return name.split()[0] if name.split() and "@" not in name else _("us")


def state(visitor: Visitor) -> dict[str, Any]:
    """Who has the ball, by when, and whether we are there."""
    conversation = current(visitor)
    if conversation is None:
        return {"conversation": None, "ball": "", "late": False, "agent": None, "bot": False, "read": 0} | outlook(
            visitor.widget
        )
    head = conversation.head or conversation
    read = _furthest.first(head.pk)
    own = _last_before.first(conversation.pk, read.through) if read else None
    return standing(head) | {"read": own.pk if own else 0} | hours_of(visitor.widget)


_furthest = Prepared(lambda head: Reading.objects.filter(conversation=head).order_by("-through")[:1], int)
_last_before = Prepared(
    lambda conversation, through: Message.objects.filter(
        conversation=conversation, kind=Message.Kind.INBOUND, touchpoint__lte=through
    ).order_by("-pk")[:1],
    int,
    int,
)


def standing(head: Conversation) -> dict[str, Any]:
    """What a customer is told of a conversation: the ball is with "us", with "you", or it is "done"; by when."""
    due = _moment(head.due) if head.due is not None else None
    waits = head.waiting_since is not None
    owed = waits and head.category != Category.DONE
    late = owed and due is not None and due < timezone.now()
    if head.category == Category.DONE:
        ball = "done"
    elif head.category == Category.WAITING_CUSTOMER and not waits:
        ball = "you"
    else:
        ball = "us"
    return {
        "conversation": head.pk,
        "ball": ball,
        "asks": ball == "done" and asking.open_for(head) is not None,
        "waits": waits,
        "by": due.isoformat() if due and owed and not late else None,
        "late": late,
        "agent": {"name": first_name(str(head.owner))} if head.owner else None,
        "bot": head.bot,
    }


def outlook(widget: ChatWidget) -> dict[str, Any]:
    """By when we answer whoever writes now, by the policy and the hours that the clocks will count with."""
    row = calendars.fitting(Conversation(channel="chat", team=widget.team))
    now = acting.now()
    try:
        target = calendars.policy_of(row).target(Name.FIRST_RESPONSE, now, calendars.calendar_for(row, widget.team))
    except NeverOpen:
        target = None
    return {"by": _iso(target.due) if target else None} | hours_of(widget)


def hours_of(widget: ChatWidget) -> dict[str, Any]:
    """Whether we are there, and when the next time; nothing where no hours are set."""
    calendar = _hours(widget)
    if calendar is None:
        return {"open": None, "opens": None}
    now = acting.now()
    if calendar.is_open(now):
        return {"open": True, "opens": None}
    try:
        return {"open": False, "opens": _iso(calendar.opening(now))}
    except NeverOpen:
        return {"open": False, "opens": None}


def _hours(widget: ChatWidget) -> Calendar | None:
    team = widget.team
    hours = widget.hours or (team.hours if team else None)
    return calendars.calendar_of(hours) if hours else None


def signs(visitor: Visitor, typing: bool) -> None:
    """The visitor looks at the chat, or writes in it."""
    conversation = current(visitor)
    if conversation is not None:
        presence.note(conversation.head_id or conversation.pk, f"v:{visitor.pk}", visitor.name, typing)


def read(visitor: Visitor, through: int) -> None:
    """The visitor has our messages before their eyes, up to this one."""
    messages = visible(of_visitor(visitor)).filter(pk__lte=through, channel="chat", kind=Message.Kind.OUTBOUND)
    over = [Delivery.State.READ, Delivery.State.BOUNCED, Delivery.State.FAILED]
    unread = Delivery.objects.filter(outgoing__in=messages.values("outgoing")).exclude(state__in=over)
    for delivery in unread[:SHOWN]:
        delivering.progress(delivery, Delivery.State.READ)


def solve(visitor: Visitor, solved: bool) -> None:
    conversation = current(visitor)
    if conversation is not None:
        (close if solved else not_solved)(conversation)


def close(conversation: Conversation) -> None:
    """The customer says that it is done. That is their word: no field of ours stands before it, and nobody waits."""
    _done(conversation)
    asking.say(conversation, solved=True)


def _done(conversation: Conversation) -> None:
    with acting.act(conversation) as doing:
        head = doing.head
        if head.category == Category.DONE:
            return
        waiting = head.waiting_since
        moving.put(doing, Status.default(Category.DONE), why=_("the customer said so"))
    if waiting is not None:
        asked = conversation.thread().filter(kind=Message.Kind.INBOUND, machine="", time__gte=waiting)
        for message in asked.exclude(touchpoint=None):
            conversation.judge(message, Verdict.CLOSING, why=_("the customer said that it is done"))


def not_solved(conversation: Conversation) -> None:
    """The customer says that it is not done. They wait from now on, as if they had written it."""
    if asking.say(conversation, solved=False):
        return
    head = conversation.head or conversation
    if head.waiting_since is None or head.category == Category.DONE:
        conversation.receive(_("Not solved"))


def want_person(visitor: Visitor) -> None:
    """A person, please: the bot is out of it."""
    conversation = current(visitor)
    if conversation is not None and (conversation.head or conversation).bot:
        conversation.hand_over()


def _iso(micros: int) -> str:
    return from_micros(micros).isoformat()


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else from_micros(value)
