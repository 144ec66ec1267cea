"""PostHog's events, as the calls that they amount to."""

from typing import Any

import msgspec

from beforehand.journey.wire import clock
from beforehand.journey.wire.context import object_of, path_of, text_of
from beforehand.journey.wire.identity import derived_id
from beforehand.journey.wire.message import Message, Refused
from beforehand.journey.wire.segment import SEEN, Around, Word

PATHS = frozenset({"/batch/", "/batch", "/capture/", "/capture", "/e/", "/i/v0/e/"})
KINDS = {"$identify": "identify", "$set": "identify", "$create_alias": "alias", "$groupidentify": "group"}
NAMES = {
    "$pageview": SEEN["page"],
    "$screen": SEEN["screen"],
    "$pageleave": "Page left",
    "$autocapture": "Element used",
    "$rageclick": "Clicked again and again",
    "$exception": "Error raised",
}


class Event(msgspec.Struct):
    """An event as it is sent; `distinct_id` may also stand among the properties."""

    event: Word = None
    distinct_id: Word = None
    uuid: Word = None
    timestamp: Word = None
    sent_at: Word = None
    offset: int | float | None = None
    properties: dict[str, Any] | None = None
    set_: dict[str, Any] | None = msgspec.field(default=None, name="$set")


_event = msgspec.json.Decoder(Event)


def understand(raw: bytes, around: Around, position: int, request: tuple[int, int], kind: str = "") -> Message:
    """One event. `request` is (number, received in microseconds)."""
    event = _event.decode(raw)
    sent_name = text_of(event.event)
    if not sent_name:
        raise Refused("no_event", "The event has no name.")
    properties = event.properties or {}
    distinct = text_of(event.distinct_id) or text_of(properties.get("distinct_id"))
    if not distinct:
        raise Refused("no_user_anon_id", "The event has no distinct_id.")
    number, received = request
    original, time = _times(event, around, received)
    own = {key: value for key, value in properties.items() if key[:1] != "$" and key not in ("distinct_id", "token")}
    extra = {key: value for key, value in properties.items() if key[:1] == "$"}
    kind = KINDS.get(sent_name, "track")
    user, anonymous, previous = _people(kind, distinct, properties)
    group, group_traits = _group(kind, extra)
    sent_as = {
        "type": sent_name,
        "distinct_id": distinct,
        "timestamp": event.timestamp,
        "sentAt": event.sent_at or around.sent_at,
        "context": extra,
    }
    return Message(
        position,
        kind,
        text_of(event.uuid) or derived_id(raw, original is not None, number, received, position),
        f"${kind}" if kind != "track" else name_of(sent_name),
        time,
        received,
        _channel(sent_name, extra),
        _place(sent_name, extra),
        msgspec.json.encode(own).decode(),
        msgspec.json.encode({key: value for key, value in sent_as.items() if value}).decode(),
        user,
        anonymous,
        previous,
        (),
        group,
        {**object_of(extra.get("$set_once")), **object_of(extra.get("$set")), **(event.set_ or {})},
        group_traits,
    )


def name_of(sent: str) -> str:
    """A readable name for what PostHog's own trackers record; what the site's maker named stays as it is."""
    if not sent.startswith("$"):
        return sent
    bare = sent.lstrip("$").replace("_", " ").strip()
    return NAMES.get(sent) or bare[:1].upper() + bare[1:] or "Event"


def _times(event: Event, around: Around, received: int) -> tuple[int | None, int]:
    said = event.timestamp or around.timestamp
    try:
        original = clock.moment(said)
    except (ValueError, OverflowError, OSError):
        raise Refused("bad_timestamp", f"“{str(said)[:60]}” is no time. Write one like 2026-03-01T10:00:00Z.") from None
    if original is None and event.offset is not None:
        return None, received - int(event.offset * 1000)
    try:
        sent = clock.moment(event.sent_at or around.sent_at)
    except (ValueError, OverflowError, OSError):
        sent = None
    return original, clock.corrected(original, sent, received)


def _people(kind: str, distinct: str, properties: dict[str, Any]) -> tuple[str, str, str]:
    """(user id, anonymous id, previous id): PostHog has one id for both, and says by the way which it is."""
    anonymous = text_of(properties.get("$anon_distinct_id"))
    if kind == "alias":
        return distinct, "", text_of(properties.get("alias"))
    if kind == "identify":
        return distinct, anonymous, ""
    nobody = properties.get("$is_identified") is False or properties.get("$process_person_profile") is False
    device = text_of(properties.get("$device_id"))
    if nobody or device == distinct:
        return "", distinct, ""
    return distinct, anonymous or device, ""


def _group(kind: str, extra: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if kind == "group":
        key = text_of(extra.get("$group_key"))
        if not key:
            raise Refused("no_group_id", "A group event needs a $group_key.")
        return key, object_of(extra.get("$group_set"))
    groups = object_of(extra.get("$groups"))
    return text_of(groups.get("company") or next(iter(groups.values()), "")), {}


def _channel(name: str, extra: dict[str, Any]) -> str:
    library = text_of(extra.get("$lib")).lower()
    if library in {"web", "js"} or name in {"$pageview", "$autocapture", "$pageleave"}:
        return "web"
    if name == "$screen" or any(word in library for word in ("ios", "android", "react-native", "flutter")):
        return "mobile app"
    return "server"


def _place(name: str, extra: dict[str, Any]) -> str:
    if name == "$screen":
        return text_of(extra.get("$screen_name"))
    return path_of(text_of(extra.get("$pathname")) or text_of(extra.get("$current_url")))
