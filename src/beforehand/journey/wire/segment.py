"""Segment's tracking calls: identify, track, page, screen, group, alias."""

from typing import Any

import msgspec
from msgspec import Raw

from beforehand.journey.wire import clock
from beforehand.journey.wire.context import EMPTY, Context, channel_named, context_of, object_of, path_of, text_of
from beforehand.journey.wire.identity import derived_id
from beforehand.journey.wire.message import Message, Refused

KINDS = ("track", "page", "screen", "identify", "group", "alias")
LETTERS = {kind[0]: kind for kind in KINDS}
BOOKKEEPING = ("identify", "group", "alias")
SEEN = {"page": "Page viewed", "screen": "Screen viewed"}
Word = str | int | float | None


class Call(msgspec.Struct, rename="camel"):
    """A message as it is sent. Whatever is not named here stays in the raw body only."""

    type: str = ""
    message_id: Word = None
    timestamp: Word = None
    original_timestamp: Word = None
    sent_at: Word = None
    user_id: Word = None
    anonymous_id: Word = None
    previous_id: Word = None
    group_id: Word = None
    event: Word = None
    name: Word = None
    category: Word = None
    channel: Word = None
    properties: Raw = Raw()
    traits: Raw = Raw()
    context: Raw = Raw()


class Around(msgspec.Struct, rename="camel"):
    """What stands around the messages of a batch and holds for each that does not say otherwise."""

    sent_at: Word = None
    timestamp: Word = None
    context: Raw = Raw()


_call = msgspec.json.Decoder(Call)


def understand(raw: bytes, around: Around, position: int, request: tuple[int, int], kind: str = "") -> Message:
    """One message. `request` is (number, received in microseconds); `kind` is what the path says when it says so."""
    call = _call.decode(raw)
    kind = kind or call.type
    if kind not in KINDS:
        raise Refused("unknown_type", f"The type “{kind[:40]}” is none of {', '.join(KINDS)}.")
    number, received = request
    original, time = _times(call, around, received)
    context = context_of(bytes(call.context), bytes(around.context))
    user, anonymous = text_of(call.user_id), text_of(call.anonymous_id)
    if not (user or anonymous):
        raise Refused("no_user_anon_id", "The message has neither a userId nor an anonymousId.")
    traits = object_of(msgspec.json.decode(call.traits)) if call.traits else {}
    name, place, properties = _happening(call, kind, context)
    group = text_of(call.group_id) or context.group
    if kind == "group" and not group:
        raise Refused("no_group_id", "A group call needs a groupId.")
    if kind == "alias" and not text_of(call.previous_id):
        raise Refused("no_previous_id", "An alias call needs a previousId.")
    return Message(
        position,
        kind if kind in BOOKKEEPING else "track",
        text_of(call.message_id) or derived_id(raw, original is not None, number, received, position),
        name,
        time,
        received,
        _channel(call, kind, context),
        place,
        properties,
        _sent_as(call, around, kind, context),
        user,
        anonymous,
        text_of(call.previous_id),
        context.externals,
        group,
        {**context.traits, **traits} if kind == "identify" else context.traits,
        traits if kind == "group" else {},
        context.token,
    )


def _times(call: Call, around: Around, received: int) -> tuple[int | None, int]:
    """When the sender says that it happened, and when it did."""
    said = call.timestamp or call.original_timestamp or around.timestamp
    try:
        original = clock.moment(said)
    except (ValueError, OverflowError, OSError):
        raise Refused("bad_timestamp", f"“{str(said)[:60]}” is no time. Write one like 2026-03-01T10:00:00Z.") from None
    try:
        sent = clock.moment(call.sent_at or around.sent_at)
    except (ValueError, OverflowError, OSError):
        sent = None
    return original, clock.corrected(original, sent, received)


def _happening(call: Call, kind: str, context: Context) -> tuple[str, str, str]:
    """Name, place and properties of the touchpoint."""
    if kind == "track":
        name = text_of(call.event).lstrip("$").strip()
        if not name:
            raise Refused("no_event", "A track call needs the name of its event.")
        return name, context.page, _object_text(call.properties)
    if kind in SEEN:
        return _seen(call, kind, context)
    return f"${kind}", context.page, _object_text(call.properties or call.traits)


def _seen(call: Call, kind: str, context: Context) -> tuple[str, str, str]:
    properties = object_of(msgspec.json.decode(call.properties)) if call.properties else {}
    own = {"name": text_of(call.name), "category": text_of(call.category)}
    own = {key: value for key, value in own.items() if value}
    place = path_of(text_of(properties.get("path")) or text_of(properties.get("url"))) or context.page
    if kind == "screen":
        place = own.get("name") or place
    return SEEN[kind], place, msgspec.json.encode({**own, **properties}).decode()


def _object_text(raw: Raw) -> str:
    text = bytes(raw).decode()
    if not text or text == "null":
        return "{}"
    if not text.startswith("{"):
        raise Refused("bad_properties", "The properties are no object: write {“name”: value, …}.")
    return text


def _channel(call: Call, kind: str, context: Context) -> str:
    if context.channel:
        return context.channel
    return channel_named(call.channel) or {"page": "web", "screen": "mobile app"}.get(kind, "server")


def _sent_as(call: Call, around: Around, kind: str, context: Context) -> str:
    """The ids and times exactly as they were sent, and the context."""
    sent: dict[str, Any] = {
        "type": kind,
        "userId": call.user_id,
        "anonymousId": call.anonymous_id,
        "previousId": call.previous_id,
        "groupId": call.group_id,
        "timestamp": call.timestamp or call.original_timestamp,
        "sentAt": call.sent_at or around.sent_at,
    }
    sent = {name: value for name, value in sent.items() if value}
    if context is not EMPTY:
        sent["context"] = Raw(context.text)
    return msgspec.json.encode(sent).decode()
