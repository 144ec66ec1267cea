"""Forgetting a person in what came in raw: their messages go out of the stored requests and the failed lane."""

import re
from collections.abc import Collection, Iterator
from typing import Any

import msgspec
from django.conf import settings

from beforehand.customers.claims import normalised
from beforehand.customers.models import Identifier
from beforehand.journey.intake import Intake, Stored
from beforehand.journey.models import FailedMessage
from beforehand.journey.ties import ties_of
from beforehand.journey.wire import Failure, Message, decode
from beforehand.journey.wire.body import BadBody, inflate
from beforehand.journey.wire.decode import pieces

ERASED = b"null"
EMPTY = b'{"batch":[]}'
Names = frozenset[tuple[str, str]]


def forget(identifiers: Collection[int]) -> dict[str, Any]:
    """Remove every message of these identifiers; what was removed, in numbers.

    A message leaves its place empty, so that those behind it keep theirs. One that could not be understood goes when
    it holds one of the names at all.
    """
    names = frozenset(Identifier.objects.filter(pk__in=identifiers).values_list("kind", "value"))
    counted = {"messages": 0}
    if not names:
        return {"part": "intake", "messages": 0, "failed": 0}

    def without(request: Stored) -> bytes | None:
        body, gone = _without(request, names)
        counted["messages"] += gone
        return body

    with Intake(settings.INTAKE) as intake:
        intake.forget(without)
    return {"part": "intake", **counted, "failed": _forget_failed(names)}


def _without(request: Stored, names: Names) -> tuple[bytes | None, int]:
    """The body without messages about these names, None when it holds none, and how many were taken out."""
    try:
        text = inflate(request.body, request.encoding, settings.MAX_BODY_BYTES)
    except BadBody:
        return (EMPTY, 1) if _mentions(request.body.decode("utf-8", "replace"), names) else (None, 0)
    if not _holds(text, names):
        return None, 0
    gone = {outcome.position for outcome in _about(request, names)}
    if not gone:
        return None, 0
    around, messages = pieces(request, settings.MAX_BODY_BYTES)
    kept = [ERASED if position in gone else raw for position, raw in enumerate(messages)]
    if len(gone) == len([raw for raw in messages if raw != ERASED]):
        return EMPTY, len(gone)
    body: dict[str, Any] = {
        "batch": [msgspec.Raw(raw) for raw in kept],
        "sentAt": around.sent_at,
        "timestamp": around.timestamp,
    }
    if around.context:
        body["context"] = around.context
    return msgspec.json.encode(body), len(gone)


def _about(request: Stored, names: Names) -> Iterator[Message | Failure]:
    for outcome in decode(request, settings.MAX_BODY_BYTES, settings.MAX_MESSAGE_BYTES):
        if isinstance(outcome, Failure):
            if _mentions(outcome.body, names):
                yield outcome
        elif not names.isdisjoint(_names_of(outcome)):
            yield outcome


def _names_of(message: Message) -> Iterator[tuple[str, str]]:
    for claim in ties_of(message, verified=True).claims:
        stored = normalised(claim)
        if stored is not None:
            yield stored.kind, stored.value


def _holds(text: bytes, names: Names) -> bool:
    """Whether one of the names may stand in the text: a quick look that is never wrong when it says no."""
    lower = text.lower()
    if b"\\u" in lower or b"\\/" in lower:
        return True
    return any(not value.isascii() or _bare(kind, value) in lower for kind, value in names)


def _bare(kind: str, value: str) -> bytes:
    """The part of a stored name that stands in JSON as it is, however it was written there."""
    if kind == "phone":
        return value[-1:].encode()
    bare = value.partition(":")[2] if kind == "external" else value
    return msgspec.json.encode(bare)[1:-1].lower()


def _mentions(text: str, names: Names) -> bool:
    """Whether a text that is perhaps no JSON holds one of the names as a whole value."""
    lower = text.lower()
    for kind, value in names:
        bare = (value.partition(":")[2] if kind == "external" else value.removeprefix("+")).lower()
        if re.search(rf"""(?:["'+]|id["']?\s*:\s*){re.escape(bare)}(?!\w)""", lower):
            return True
    return False


def _forget_failed(names: Names) -> int:
    gone = [pk for pk, body in FailedMessage.objects.values_list("pk", "body").iterator() if _mentions(body, names)]
    for start in range(0, len(gone), 500):
        FailedMessage.objects.filter(pk__in=gone[start : start + 500]).delete()
    return len(gone)
