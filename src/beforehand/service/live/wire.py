"""Server-sent events over bare ASGI: the answer's head, events, heartbeats, and knowing when the browser is gone."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from beforehand.lib.text import number_in

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = Sequence[tuple[bytes, bytes]]

HEARTBEAT = 20.0
RETRY_MS = 2000
HEAD: Headers = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


def event(name: str, data: Any, id: int | None = None) -> bytes:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    number = "" if id is None else f"id: {id}\n"
    return f"{number}event: {name}\ndata: {text}\n\n".encode()


async def refuse(send: Send, status: int, code: str, message: str, headers: Headers = ()) -> None:
    body = json.dumps({"code": code, "message": message}, ensure_ascii=False).encode()
    head = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})


async def stream(receive: Receive, send: Send, events: AsyncIterator[bytes], headers: Headers = ()) -> None:
    """Send events until there are no more or the browser is gone. A slow browser holds up its own stream only."""
    await send({"type": "http.response.start", "status": 200, "headers": [*HEAD, *headers]})
    await send({"type": "http.response.body", "body": f"retry: {RETRY_MS}\n\n".encode(), "more_body": True})
    sending = asyncio.ensure_future(_send_all(send, events))
    gone = asyncio.ensure_future(_until_gone(receive))
    try:
        await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (sending, gone):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError, RuntimeError):
                await task
        await events.aclose()  # type: ignore[attr-defined]


async def _send_all(send: Send, events: AsyncIterator[bytes]) -> None:
    async for chunk in events:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def last_seen(header: bytes) -> int:
    """Last-Event-ID as a number; 0 for anything else."""
    return number_in(header.decode("latin-1"))
