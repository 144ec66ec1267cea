"""What a message's context says: channel, place, traits, account, signed token."""

from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import msgspec

PHONES = ("ios", "ipados", "android")
APPS = ("ios", "android", "react-native", "flutter", "swift", "kotlin")
CACHED_BYTES = 4096
CHANNELS = {"server": "server", "web": "web", "browser": "web", "mobile": "mobile app"}


class Context(msgspec.Struct, frozen=True):
    """The parts of a context that mean something here. `text` is all of it as JSON, without the token."""

    text: bytes = b""
    channel: str = ""
    page: str = ""
    group: str = ""
    token: str = ""
    traits: dict[str, Any] = {}
    externals: tuple[tuple[str, str], ...] = ()


EMPTY = Context()


def text_of(value: Any) -> str:
    """An id, a name: text as it is, a number written out, anything else is nothing."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(int(value)) if value == int(value) else str(value)
    return ""


def object_of(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def path_of(address: str) -> str:
    """The path of an address; what is no address is its own path. The query stays out: it may hold anything."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    return (parts.path or "/") if parts.scheme and parts.netloc else address.split("?", 1)[0].split("#", 1)[0]


def context_of(raw: bytes, around: bytes = b"") -> Context:
    """The context of a message, over the context of its batch. Small ones are cached: a server's messages share one."""
    return _context_again(raw, around) if len(raw) + len(around) < CACHED_BYTES else _context(raw, around)


def _context(raw: bytes, around: bytes) -> Context:
    sent = object_of(msgspec.json.decode(around)) if around else {}
    if raw:
        sent = {**sent, **object_of(msgspec.json.decode(raw))}
    if not sent:
        return EMPTY
    token = text_of(sent.pop("identityToken", None))
    traits = object_of(sent.get("traits"))
    page = object_of(sent.get("page"))
    return Context(
        text=msgspec.json.encode(sent),
        channel=channel_of(sent),
        page=path_of(text_of(page.get("path")) or text_of(page.get("url"))),
        group=text_of(sent.get("groupId")),
        token=token,
        traits=traits,
        externals=tuple(_externals(sent.get("externalIds"))),
    )


_context_again = lru_cache(maxsize=2048)(_context)


def channel_of(sent: dict[str, Any]) -> str:
    if said := channel_named(sent.get("channel")):
        return said
    system = text_of(object_of(sent.get("os")).get("name")).lower()
    device = text_of(object_of(sent.get("device")).get("type")).lower()
    library = text_of(object_of(sent.get("library")).get("name")).lower()
    if sent.get("page") or sent.get("userAgentData"):
        return "web"
    if any(word in library for word in APPS) or device in PHONES or (system in PHONES and "js" not in library):
        return "mobile app"
    return "web" if sent.get("userAgent") else ""


def channel_named(said: Any) -> str:
    """A channel by the word that a tracker has for it."""
    word = text_of(said).lower()
    return CHANNELS.get(word, word)


def _externals(sent: Any) -> list[tuple[str, str]]:
    """(type, id) of the external ids that name a person."""
    if not isinstance(sent, list):
        return []
    items = [object_of(item) for item in sent]
    pairs = [(text_of(i.get("type")), text_of(i.get("id"))) for i in items if i.get("collection", "users") == "users"]
    return [(kind, value) for kind, value in pairs if kind and value]
