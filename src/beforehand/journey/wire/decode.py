"""A stored request, message by message: each is understood or fails for itself."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from msgspec import Raw

from beforehand.journey.intake import Stored
from beforehand.journey.wire import posthog, segment
from beforehand.journey.wire.body import LEVELS, BadBody, depth, inflate, mend
from beforehand.journey.wire.message import Failure, Message, Refused

MOST = 2500
CALLS = {f"/v1/{kind}": kind for kind in segment.KINDS}
LETTERS = {f"/v1/{letter}": kind for letter, kind in segment.LETTERS.items()}
BATCHES = frozenset({"/v1/batch", "/v1/b", "/v1/import", *posthog.PATHS})
log = logging.getLogger(__name__)
Understand = Callable[[bytes, segment.Around, int, tuple[int, int], str], Message]


class _Batch(segment.Around, rename="camel"):
    batch: list[Raw] | None = None
    sent_at_: segment.Word = msgspec.field(default=None, name="sent_at")


_batch = msgspec.json.Decoder(_Batch | list[Raw])


def decode(request: Stored, body_limit: int, message_limit: int) -> Iterator[Message | Failure]:
    """Every message of a request, in order. An erased one (null) is passed over, its place is kept."""
    try:
        around, messages = pieces(request, body_limit)
    except (BadBody, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        yield Failure(0, "invalid_body", str(error)[:500], request.body.decode("utf-8", "replace"), {})
        return
    for position, raw in enumerate(messages):
        if raw == b"null":
            continue
        if position >= MOST:
            detail = f"A batch holds at most {MOST:,} messages; this one is number {position + 1:,}."
            yield failure(raw, around, position, "too_many_messages", detail)
        else:
            yield decode_one(raw, around, position, request, message_limit)


def decode_one(
    raw: bytes, around: segment.Around, position: int, request: Stored, message_limit: int
) -> Message | Failure:
    """One message of a request. Whatever is wrong with it is a Failure, never an exception."""
    try:
        if len(raw) > message_limit:
            raise Refused("too_large", f"The message has {len(raw):,} bytes; at most {message_limit:,} are taken.")
        raw = mend(raw)
        if depth(raw) > LEVELS:
            raise Refused("too_deep", f"The message is nested more than {LEVELS} levels deep.")
        understand, kind = _reader_of(request.path)
        return understand(raw, around, position, (request.id, request.received), kind)
    except Refused as error:
        return failure(raw, around, position, error.reason, error.detail)
    except UnicodeDecodeError as error:
        return failure(raw, around, position, "invalid_utf8", f"The text is not UTF-8: {error.reason}.")
    except RecursionError:
        return failure(raw, around, position, "too_deep", f"The message is nested more than {LEVELS} levels deep.")
    except msgspec.ValidationError as error:
        return failure(raw, around, position, "invalid_message", str(error))
    except msgspec.DecodeError as error:
        return failure(raw, around, position, "invalid_json", str(error))
    except Exception as error:
        log.exception("A message of request %s could not be understood.", request.id)
        return failure(raw, around, position, "unexpected", f"{type(error).__name__}: {error}")


def _reader_of(path: str) -> tuple[Understand, str]:
    if path in posthog.PATHS:
        return posthog.understand, ""
    return segment.understand, CALLS.get(path) or LETTERS.get(path, "")


def piece(request: Stored, position: int, body_limit: int) -> tuple[bytes, segment.Around]:
    """One message of a request as raw JSON, and what stands around it."""
    around, messages = pieces(request, body_limit)
    return messages[position], around


def pieces(request: Stored, body_limit: int) -> tuple[segment.Around, list[bytes]]:
    """What stands around the messages of a request, and each of them as raw JSON."""
    text = inflate(request.body, request.encoding, body_limit)
    try:
        batch = _batch.decode(text)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        text = mend(text.removeprefix(b"\xef\xbb\xbf"))
        batch = _batch.decode(text)
    if isinstance(batch, list):
        return segment.Around(), [bytes(raw) for raw in batch]
    if batch.batch is None:
        return segment.Around(), [text]
    sent = batch.sent_at if batch.sent_at is not None else batch.sent_at_
    around = segment.Around(sent_at=sent, timestamp=batch.timestamp, context=batch.context)
    return around, [bytes(raw) for raw in batch.batch]


def failure(raw: bytes, around: segment.Around, position: int, reason: str, detail: str) -> Failure:
    text = raw.decode("utf-8", "replace").replace("\0", "\ufffd")
    return Failure(position, reason, detail[:500], text, as_stored(around))


def as_stored(around: segment.Around) -> dict[str, Any]:
    """What stands around a message, to be kept beside it."""
    kept: dict[str, Any] = {"sentAt": around.sent_at, "timestamp": around.timestamp}
    if around.context:
        try:
            kept["context"] = msgspec.json.decode(mend(bytes(around.context)))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            kept["context"] = None
    return {key: value for key, value in kept.items() if value not in (None, "")}


def from_stored(kept: dict[str, Any]) -> segment.Around:
    return msgspec.json.decode(msgspec.json.encode(kept), type=segment.Around)
