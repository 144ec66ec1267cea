"""The stream of a chat: messages as they come, who has the ball, that somebody is writing.

`message` {as in the history, with its id as the event's}, `state` {...}, `typing` {"name"}: empty when nobody writes.
The token comes in the header `Authorization`, never in the address, where logs would keep it.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import NamedTuple

from django.utils import translation

from beforehand.channels.chat import visitors as known
from beforehand.channels.models import ChatWidget, Visitor
from beforehand.service import chats
from beforehand.service.live import wire
from beforehand.service.live.arrivals import arrivals, seen
from beforehand.service.live.looking import News
from beforehand.service.live.watching import in_thread, watcher

MOST_STREAMS = 5
CORS = [
    (b"access-control-allow-methods", b"GET, OPTIONS"),
    (b"access-control-allow-headers", b"Authorization, Last-Event-ID"),
    (b"access-control-max-age", b"7200"),
]


class Told(NamedTuple):
    """`news`: something was said or moved. `typing`: the first name of a member who writes, None: nothing about it."""

    news: bool
    typing: str | None


class Guests:
    """Who is concerned: a signed visitor by their customer, any other by this browser's own identifier."""

    def share(self, news: News, listeners: Iterable["Guest"]) -> list[tuple["Guest", Told]]:
        changed = {place for one in news.changed for place in _places(one.identifier, one.customer)}
        writing: dict[tuple[str, int], str] = {}
        for conversation, there in news.present.items():
            names = [chats.first_name(one.name) for one in there if one.typing and one.who.startswith("m:")]
            identifier, customer = news.owners.get(conversation, (0, 0))
            writing |= dict.fromkeys(_places(identifier, customer), next(iter(names), ""))
        return [
            (guest, Told(news.everything or guest.place in changed, writing.get(guest.place)))
            for guest in listeners
            if news.everything or guest.place in changed or guest.place in writing
        ]


def _places(identifier: int, customer: int) -> tuple[tuple[str, int], tuple[str, int]]:
    """Where those listen whom a conversation concerns."""
    return ("identifier", identifier), ("customer", customer)


guests = Guests()


class Guest:
    """A visitor's open stream."""

    audience = guests

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        other, signed = _places(visitor.identifier_id, visitor.identifier.customer_id)
        self.place = signed if visitor.is_signed else other
        self.wake = asyncio.Event()
        self.news, self.typing, self.said_typing = False, "", ""

    def hear(self, told: Told) -> None:
        self.news = self.news or told.news
        if told.typing is not None:
            self.typing = told.typing
        if self.news or self.typing != self.said_typing:
            self.wake.set()


open_streams: dict[int, int] = {}


def is_ours(path: str) -> bool:
    return path.startswith("/chat/") and path.endswith("/stream") and path.count("/") == 3


async def application(scope: wire.Scope, receive: wire.Receive, send: wire.Send) -> None:
    headers, key = dict(scope["headers"]), scope["path"].split("/")[2]
    origin = headers.get(b"origin", b"")
    shared = [(b"vary", b"Origin"), *([(b"access-control-allow-origin", origin), *CORS] if origin else [])]
    if not await in_thread(may_stand, key, origin.decode("latin-1"), _own(scope, headers)):
        await wire.refuse(send, 403, "wrong_origin", "There is no chat here, or it is not for this site.")
        return
    if scope["method"] == "OPTIONS":
        await send({"type": "http.response.start", "status": 204, "headers": shared})
        await send({"type": "http.response.body", "body": b""})
        return
    scheme, _space, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    visitor = await in_thread(known.known_by, key, token.strip()) if scheme.lower() == "bearer" else None
    if visitor is None:
        await wire.refuse(send, 401, "unknown_visitor", "This conversation is not known any more.", shared)
    elif open_streams.get(visitor.pk, 0) >= MOST_STREAMS:
        await wire.refuse(send, 429, "too_often", "Too many pages are open.", [*shared, (b"retry-after", b"30")])
    else:
        await _serve(visitor, wire.last_seen(headers.get(b"last-event-id", b"")), receive, send, shared)


async def _serve(visitor: Visitor, after: int, receive: wire.Receive, send: wire.Send, shared: wire.Headers) -> None:
    open_streams[visitor.pk] = open_streams.get(visitor.pk, 0) + 1
    try:
        await wire.stream(receive, send, events(visitor, after), shared)
    finally:
        open_streams[visitor.pk] -= 1
        if not open_streams[visitor.pk]:
            del open_streams[visitor.pk]


async def events(visitor: Visitor, after: int) -> AsyncIterator[bytes]:
    """Everything after a message, then what comes. Messages are told once, in their order."""
    guest = Guest(visitor)
    guest.news = True
    async with watcher.listening(guest):
        while not watcher.is_ending:
            if guest.news:
                guest.news = False
                guest.wake.clear()
                chunk, after = await in_thread(fresh, visitor, after)
                yield chunk
            if guest.typing != guest.said_typing:
                guest.said_typing = guest.typing
                yield wire.event("typing", {"name": guest.typing})
            try:
                await asyncio.wait_for(guest.wake.wait(), wire.HEARTBEAT)
                guest.wake.clear()
            except TimeoutError:
                seen.note([visitor.pk])
                yield b": still here\n\n"


def fresh(visitor: Visitor, after: int) -> tuple[bytes, int]:
    """What was said after a message, and how things stand."""
    with translation.override(visitor.language or "en"):
        messages = chats.messages(visitor, after)
        if not messages and not after:
            return b": nothing said yet\n\n", 0
        parts = [wire.event("message", chats.shown(one), one.pk) for one in messages]
        parts.append(wire.event("state", chats.state(visitor)))
    arrivals.note(chats.leaves(messages))
    return b"".join(parts), max([after, *(one.pk for one in messages)])


def may_stand(key: str, origin: str, own: str) -> bool:
    widget = ChatWidget.objects.filter(key=key, on=True).first()
    return widget is not None and (not origin or origin == own or widget.allows(origin))


def _own(scope: wire.Scope, headers: dict[bytes, bytes]) -> str:
    return f"{scope.get('scheme', 'http')}://{headers.get(b'host', b'').decode('latin-1')}"
