"""What comes in: a conversation begins, a message is received."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.utils import timezone

from beforehand.channels.email.addresses import key_of
from beforehand.channels.models import Arrival, ChatWidget, Mailbox
from beforehand.customers.identity import Claim, who
from beforehand.customers.models import Identifier
from beforehand.journey.record import clean
from beforehand.lib import bus, rows
from beforehand.lib.fields import from_micros, to_micros
from beforehand.service import assigning, vocabulary
from beforehand.service.acts import acting, messages, moving
from beforehand.service.acts.messages import File
from beforehand.service.clocks import calendars, cases, thanks
from beforehand.service.clocks.ledger import Category, Kind, Verdict
from beforehand.service.models import Conversation, Message, Participant, Status
from beforehand.team.models import Member, Team

LONGEST_SNIPPET = 160
SAME_BREATH = 30 * 60 * 1_000_000


@contextmanager
def beginning(
    identifier: Identifier,
    channel: str,
    subject: str = "",
    mailbox: Mailbox | None = None,
    widget: ChatWidget | None = None,
    team: Team | None = None,
    kept: str = Conversation.Kept.DESK,
    time: datetime | None = None,
    by: Member | None = None,
    whole: bool = False,
    **more: Any,
) -> Iterator[acting.Act]:
    """The act in which a conversation with whom an identifier stands for is opened. `whole`: as in `acting.act`;
    `more`: about, split_from, follows, language, owner."""
    moment = time or timezone.now()
    category = Category.DONE if kept == Conversation.Kept.ARCHIVE else Category.NEW
    conversation = Conversation(
        subject=clean(subject, 300),
        channel=channel,
        mailbox=mailbox,
        widget=widget,
        identifier=identifier,
        status=Status.default(category),
        category=category,
        kept=kept,
        team=team or calendars.team((mailbox.team_id if mailbox else None) or (widget.team_id if widget else None)),
        opened=moment,
        changed=moment,
        last_message=moment,
        **more,
    )
    vocabulary.install()
    with acting.opening(conversation, by, whole) as doing:
        _policy, calendar = doing.aim()
        doing.add(vocabulary.OPENED, time=moment, channel=channel, calendar=calendar.version)
        join(conversation, identifier, Participant.Role.CUSTOMER, is_new=True)
        yield doing


def begin(identifier: Identifier, channel: str, subject: str = "", **more: Any) -> Conversation:
    """Open one that has no message yet. `more`: as `beginning` takes it."""
    with beginning(identifier, channel, subject, **more) as doing:
        return doing.conversation


def begin_with(identifier: Identifier, channel: str, text: str, begun: Mapping[str, Any], **more: Any) -> Message:
    """Open one by its first message, in one act. `begun`: as `beginning` takes it; `more`: as `take` does."""
    with beginning(identifier, channel, **begun) as doing:
        return take(doing, text, **more)


def join(
    conversation: Conversation, identifier: Identifier, role: str, address: str = "", is_new: bool = False
) -> None:
    """Somebody takes part from here on; whoever does already keeps their role. `is_new`: nobody does yet."""
    if not address and identifier.kind == Identifier.Kind.EMAIL:
        address = key_of(identifier.value)
    taking_part = "conversation_id = %s and identifier_id = %s"
    if is_new or not rows.found(Participant, taking_part, conversation.pk, identifier.pk):
        rows.put([Participant(conversation=conversation, identifier=identifier, role=role, address=address)])


def addressed(address: str) -> Identifier:
    """Who has a mail address, as far as we know; somebody new where nobody has."""
    value = address.lower()
    known = Identifier.objects.filter(kind=Identifier.Kind.EMAIL, value=value).order_by("-proved", "id").first()
    if known is None:
        known = who(Claim("email", value, True)) or who(Claim("external", f"mail {value}"[:200], False))
        assert known is not None
    return known


def receive(
    conversation: Conversation,
    text: str,
    arrival: Arrival | None = None,
    archived: bool | None = None,
    whole: bool = False,
    **more: Any,
) -> Message:
    """Take a message into a conversation. `whole`: as in `acting.act`; `more`: as `take` takes it."""
    archived = conversation.kept == Conversation.Kept.ARCHIVE if archived is None else archived
    with acting.act(conversation, whole=whole) as doing:
        return take(doing, text, arrival=arrival, archived=archived, **more)


def take(
    doing: acting.Act,
    text: str,
    identifier: Identifier | None = None,
    time: datetime | None = None,
    html: str = "",
    reply_ends: int | None = None,
    machine: str = "",
    headers: Mapping[str, Any] | None = None,
    arrival: Arrival | None = None,
    files: Sequence[File] = (),
    mail_ids: Iterable[str] = (),
    fingerprint: str = "",
    subject: str = "",
    channel: str = "",
    archived: bool = False,
    by_us: bool = False,
) -> Message:
    """Take a message in. One that a machine wrote moves no clock, opens nothing again and tells nobody; one of an
    archive (`by_us`: that we had written) is only kept.
    """
    message = messages.put(
        doing,
        Message.Kind.OUTBOUND if by_us else Message.Kind.INBOUND,
        text,
        files,
        mail_ids,
        fingerprint,
        channel=channel or doing.conversation.channel,
        time=min(time or timezone.now(), timezone.now()),
        identifier=identifier,
        machine=machine,
        subject=subject,
        html=html,
        reply_ends=reply_ends,
        headers=dict(headers or {}),
        arrival=arrival,
    )
    if archived:
        remember(doing, message)
    elif machine:
        doing.fill(message, touchpoint=doing.add(Kind.INBOUND_AUTO, **_line(message, "system")))
    else:
        _heard(doing, message)
    speak(doing, message, "system" if machine else "member" if by_us else "customer", bool(files))
    bus.emit("message.written", message=message)
    return message


def new_part(message: Message) -> str:
    """What is new in a message: without what it quotes, and without the signature."""
    return message.text if message.reply_ends is None else message.text[: message.reply_ends]


def _line(message: Message, actor: str) -> dict[str, Any]:
    assert message.identifier is not None
    return {
        "time": message.time,
        "message": message.pk,
        "channel": message.channel,
        "identifier": message.identifier_id,
        "actor": actor,
    }


def shown(message: Message) -> dict[str, Any]:
    """What the touchpoint says of a message: enough for the cause of a contact to be read from it."""
    found = {"subject": message.subject or message.conversation.subject, "text": new_part(message)[: acting.SNIPPET]}
    return {key: value for key, value in found.items() if value}


def _heard(doing: acting.Act, message: Message) -> None:
    """A person wrote: the clocks hear of it, and what was put aside comes back, from an archive too."""
    if doing.head.kept == Conversation.Kept.ARCHIVE:
        doing.head.kept = Conversation.Kept.DESK
    waited = cases.waiting_in(doing.events)
    judged = thanks.judge(
        new_part(message), answered=not waited and cases.has_answer(doing.events), subject=message.subject
    )
    name = vocabulary.RECEIVED
    if judged.verdict == Verdict.CLOSING:
        name = vocabulary.THANKS
    elif cases.has_answer(doing.events) and cases.unheard(doing.head, doing.events, message.pk):
        name = vocabulary.REPLIED
    elif waited and to_micros(message.time) - _last_asked(doing) < SAME_BREATH:
        name = vocabulary.CONTINUED
    line = _line(message, "customer") | {"why": judged.why, "verdict": judged.verdict}
    number = doing.add(Kind.INBOUND_HUMAN, name=name, shown=shown(message), **line)
    doing.fill(message, touchpoint=number)
    if judged.verdict != Verdict.CLOSING:
        moving.wake_up(doing, by_customer=True)
        moving.take_up(doing, number)
        assigning.hand_out(doing)


def _last_asked(doing: acting.Act) -> int:
    return max((event.time for event in doing.events if event.kind == Kind.INBOUND_HUMAN), default=0)


def remember(doing: acting.Act, message: Message) -> None:
    """A message of an archive is part of the journey, at its own time, and of nothing else: it moves no clock."""
    name = "Reply Sent" if message.kind == Message.Kind.OUTBOUND else vocabulary.RECEIVED
    if message.machine:
        name = vocabulary.NAMES[Kind.INBOUND_AUTO]
    actor = "company" if message.kind == Message.Kind.OUTBOUND else "customer"
    number = doing.note(name, message.time, message.identifier_id, actor, shown(message), message.channel)
    doing.fill(message, touchpoint=number)


def speak(doing: acting.Act, message: Message, who: str, has_files: bool | None = None) -> None:
    """What lists show of the last message, on the conversation and on its head. `has_files`: where that is known."""
    if message.touchpoint is None:
        doing.fill(message, touchpoint=doing.head.through or None)
    files = message.attachments.exists() if has_files is None else has_files
    for one in {doing.conversation.pk: doing.conversation, doing.head.pk: doing.head}.values():
        one.messages_count += 1
        one.has_files = one.has_files or files
        if message.time >= _moment(one.last_message):
            one.last_message, one.last_by = message.time, who
            one.snippet = " ".join(new_part(message).split())[:LONGEST_SNIPPET]


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else from_micros(value)
