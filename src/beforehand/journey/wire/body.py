"""Whole bodies: inflate within a limit, check the syntax, say which key and how many messages."""

import re
import zlib

import msgspec

LEVELS = 64
MOST_PARTS = 32  # each costs a copy of what is left
_ESCAPE = re.compile(
    rb"\\(?:(?P<pair>u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|(?P<half>u(?:[dD][89a-fA-F][0-9a-fA-F]{2}|0000))|.)",
    re.DOTALL,
)
_BRACKET = re.compile(rb'"(?:[^"\\]|\\.)*"|([\[{])|[\]}]', re.DOTALL)


class BadBody(Exception):
    """A body that cannot be taken: an HTTP status, a code for programs, a sentence, and what exactly is wrong."""

    def __init__(self, status: int, code: str, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.detail = status, code, message, detail


class Envelope(msgspec.Struct):
    """What the collector reads of a body; the messages stay raw bytes whose syntax alone is checked."""

    batch: list[msgspec.Raw] | None = None
    write_key: str | None = msgspec.field(default=None, name="writeKey")
    api_key: str | None = None
    token: str | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(key for key in (self.write_key, self.api_key, self.token) if key)


class _Properties(msgspec.Struct):
    token: str | None = None


class _Item(msgspec.Struct):
    """The first of a bare list of events: some trackers put their key only there."""

    write_key: str | None = msgspec.field(default=None, name="writeKey")
    api_key: str | None = None
    token: str | None = None
    properties: _Properties | None = None

    @property
    def key(self) -> str | None:
        return self.write_key or self.api_key or self.token or (self.properties.token if self.properties else None)


_envelope = msgspec.json.Decoder(Envelope | list[msgspec.Raw])
_item = msgspec.json.Decoder(_Item)


def inflate(body: bytes, encoding: str, limit: int) -> bytes:
    """The body as text bytes, at most `limit` of them: what would be more is refused while it is being inflated.

    What the bytes are counts, not what a header says of them: proxies unpack and trackers forget the header.
    """
    if body[:2] == b"\x1f\x8b":
        return _inflated(body, 31, limit)
    if encoding == "deflate" and body[:1] not in (b"{", b"["):
        try:
            return _inflated(body, 15, limit)
        except BadBody as error:
            if error.status == 413:
                raise
            return _inflated(body, -15, limit)
    if encoding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
        raise BadBody(
            415, "unsupported_encoding", "Send the body plain, or packed with gzip or deflate.", f"It says {encoding}."
        )
    if len(body) > limit:
        raise too_large(limit)
    return body


def _inflated(body: bytes, window: int, limit: int) -> bytes:
    text, rest = b"", body
    for _part in range(MOST_PARTS):  # gzip may come in several parts, one behind the other
        inflater = zlib.decompressobj(window)
        try:
            text += inflater.decompress(rest, limit + 1 - len(text))
        except zlib.error as error:
            raise BadBody(400, "invalid_encoding", "The packed body cannot be unpacked.", str(error)) from None
        if len(text) > limit:
            raise too_large(limit)
        if not inflater.eof:
            raise BadBody(400, "invalid_encoding", "The packed body is cut off.")
        rest = inflater.unused_data
        if not rest:
            return text
    raise BadBody(400, "invalid_encoding", "The packed body has too many parts.")


def too_large(limit: int) -> BadBody:
    return BadBody(
        413, "payload_too_large", f"The body is larger than {limit:,} bytes once unpacked. Send smaller batches."
    )


def mend(text: bytes) -> bytes:
    """JSON in which an escaped NUL and half a surrogate pair, which no database can hold, are the character U+FFFD."""
    return _ESCAPE.sub(_mended, text) if b"\\u" in text else text


def _mended(match: "re.Match[bytes]") -> bytes:
    return b"\\ufffd" if match["half"] else match[0]


def depth(text: bytes) -> int:
    """How many levels of lists and objects the JSON has."""
    if text.count(b"[") + text.count(b"{") <= LEVELS:
        return 0
    level = deepest = 0
    for match in _BRACKET.finditer(text):
        if match[1]:
            level += 1
            deepest = max(deepest, level)
        elif match[0] in (b"]", b"}"):
            level -= 1
    return deepest


def check(text: bytes, batched: bool) -> tuple[Envelope, int]:
    """What stands around the messages, and how many there are. Raises BadBody when the syntax does not hold."""
    try:
        envelope = _decoded(text)
    except RecursionError:
        raise BadBody(400, "too_deep", "The JSON is nested too deeply.", f"At most {LEVELS} levels are read.") from None
    except msgspec.ValidationError as error:
        raise BadBody(400, "invalid_request", "The JSON does not have the expected shape.", str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadBody(400, "invalid_json", "The body is not valid JSON.", str(error)) from None
    if isinstance(envelope, list):
        return _of_list(envelope)
    if batched and envelope.batch is None:
        raise BadBody(400, "invalid_request", "The body has no “batch”.", "Send {“batch”: [ … ]}.")
    return envelope, 1 if envelope.batch is None else len(envelope.batch)


def _decoded(text: bytes) -> Envelope | list[msgspec.Raw]:
    try:
        return _envelope.decode(text)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        mended = mend(text.removeprefix(b"\xef\xbb\xbf"))
        if mended == text:
            raise
        return _envelope.decode(mended)


def _of_list(items: list[msgspec.Raw]) -> tuple[Envelope, int]:
    key = None
    if items:
        try:
            key = _item.decode(items[0]).key
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            key = None
    return Envelope(batch=items, write_key=key), len(items)
