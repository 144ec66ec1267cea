"""What was said elsewhere comes to the desk: contacts and answers that the journey knows already become a conversation.

Their touchpoints stay the only ones on the journey; what the ledger needs beside them is bookkeeping.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from beforehand.channels.models import ChatWidget, Mailbox
from beforehand.customers.models import Identifier
from beforehand.lib import bus
from beforehand.service import vocabulary
from beforehand.service.acts import acting, messages, moving
from beforehand.service.arrivals import receiving
from beforehand.service.clocks.ledger import Category, Kind
from beforehand.service.models import Conversation, Message, Participant, Status
from beforehand.team.models import Member, Team


class Spoken(NamedTuple):
    """One message: `by` is the member who wrote it, None for the customer. `touchpoint`: where the journey has it."""

    time: datetime
    text: str
    touchpoint: int
    by: Member | None = None


class Source(NamedTuple):
    """Through which door it came."""

    channel: str
    mailbox: Mailbox | None = None
    widget: ChatWidget | None = None
    address: str = ""


def adopt(
    identifier: Identifier,
    subject: str,
    spoken: Sequence[Spoken],
    source: Source,
    team: Team | None = None,
    owner: Member | None = None,
    done: datetime | None = None,
) -> Conversation:
    """A conversation out of what was said, oldest first, done at a moment or open. Nothing is sent and nobody told."""
    first = spoken[0].time
    conversation = Conversation(
        subject=subject[:300],
        channel=source.channel,
        mailbox=source.mailbox,
        widget=source.widget,
        identifier=identifier,
        status=Status.default(Category.NEW),
        team=team,
        owner=owner,
        opened=first,
        changed=first,
        last_message=first,
    )
    vocabulary.install()
    said = []
    with acting.opening(conversation) as doing:
        _policy, calendar = doing.aim()
        doing.add(vocabulary.OPENED, time=first, channel=source.channel, calendar=calendar.version, actor="system")
        receiving.join(conversation, identifier, Participant.Role.CUSTOMER, source.address)
        said = [_say(doing, one) for one in spoken]
        if done is not None:
            _close(doing, done)
        for message in said:
            bus.emit("message.written", message=message)
    return conversation


def _say(doing: acting.Act, one: Spoken) -> Message:
    conversation = doing.conversation
    ours = one.by is not None
    kind = Message.Kind.OUTBOUND if ours else Message.Kind.INBOUND
    message = messages.put(doing, kind, one.text, time=one.time, member=one.by)
    message.touchpoint = one.touchpoint
    doing.add(
        Kind.OUTBOUND_PUBLIC_HUMAN if ours else Kind.INBOUND_HUMAN,
        name=vocabulary.ADOPTED,
        time=one.time,
        message=message.pk,
        channel=conversation.channel,
        actor="company" if ours else "customer",
        contact=one.touchpoint,
        by=str(one.by or ""),
    )
    receiving.speak(doing, message, "member" if ours else "customer")
    if ours and doing.head.category == Category.NEW:
        moving.put(doing, Status.default(Category.OPEN), time=one.time)
    return message


def _close(doing: acting.Act, done: datetime) -> None:
    moving.put(doing, Status.default(Category.DONE), time=done)
