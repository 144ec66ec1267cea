"""Messages of customers that programs bring in: from a channel that we do not serve, or a form of the company's own."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from beforehand.channels.chat import doors
from beforehand.channels.models import Arrival
from beforehand.customers.identity import Claim, describe, who
from beforehand.lib.fields import to_micros
from beforehand.lib.trouble import Trouble
from beforehand.service.acts import acting
from beforehand.service.acts.messages import File
from beforehand.service.chats import subject_of
from beforehand.service.models import Conversation, Message
from beforehand.team.models import Team

NOBODY = "The sender's identifier names nobody. Send one that is the customer's own."


class Brought(NamedTuple):
    """Who wrote what. The program vouches for who it was."""

    kind: str
    value: str
    name: str
    text: str
    subject: str = ""
    time: datetime | None = None
    team: Team | None = None
    files: Sequence[File] = ()


def bring(place: str, brought: Brought, into: Conversation | None = None) -> tuple[Message, bool]:
    """The message, and whether it is new. `place` is the sender's own name for it, with the token's number."""
    new = doors.once(Arrival.Door.API, place, lambda arrival: _take(arrival, brought, into))
    if new is not None:
        return new, True
    return Message.objects.get(arrival__door=Arrival.Door.API, arrival__place=place), False


def _take(arrival: Arrival, brought: Brought, into: Conversation | None) -> Message:
    identifier = who(Claim(brought.kind, brought.value, True))
    if identifier is None:
        raise Trouble(NOBODY)
    if brought.name:
        moment = to_micros(brought.time) if brought.time else acting.now()
        describe([(identifier.pk, moment, {"name": brought.name})])
    conversation = into or Conversation.begin(
        identifier, "api", subject=brought.subject or subject_of(brought.text), team=brought.team, time=brought.time
    )
    headers = {"name": brought.name} | ({"from": [[brought.name, brought.value]]} if brought.kind == "email" else {})
    return conversation.receive(
        brought.text,
        identifier=identifier,
        time=brought.time,
        subject=brought.subject,
        headers={key: value for key, value in headers.items() if value},
        arrival=arrival,
        channel="api",
        files=brought.files,
    )
