"""The collector: a bare ASGI application that puts requests on disk and then says so.

It checks key, size and JSON syntax, nothing else; what the messages mean is the drain's work. Every refusal is
{"success": false, "code", "message", "detail"}; what was taken is answered with exactly 200 {"success": true}.
"""

import asyncio
import base64
import binascii
import gzip
import logging
import time
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import msgspec
from django.conf import settings
from django.db import connections

from beforehand.journey.commits import Commits, Full, NotStored
from beforehand.journey.cursor import drained_through
from beforehand.journey.intake import Intake, Request
from beforehand.journey.keys import Key, Ring
from beforehand.journey.wire.body import BadBody, Envelope, check, inflate, too_large
from beforehand.journey.wire.decode import BATCHES, CALLS, LETTERS
from beforehand.journey.wire.posthog import PATHS as POSTHOG

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

METRICS = "/v1/m"
PROJECTS = "/v1/projects/"
SNIPPET = "/beforehand.js"
POSTS = BATCHES | CALLS.keys() | LETTERS.keys() | {METRICS}
REFRESH_SECONDS = 2
REREAD_SECONDS = 0.2
SCRIPT = Path(__file__).parent / "static" / "journey" / "beforehand.js"
JSON = (b"content-type", b"application/json")
SUCCESS = b'{"success":true}'
log = logging.getLogger(__name__)


def is_ours(path: str) -> bool:
    """Whether a path is the collector's; all others are the pages'."""
    return path in POSTS or path == SNIPPET or path.startswith(PROJECTS)


class Collector:
    """`await collector.start()` before the first request, `await collector.stop()` after the last one."""

    def __init__(self) -> None:
        self.ring = Ring()
        self.commits: Commits | None = None
        self.refreshing: asyncio.Task[None] | None = None
        self.rereading: asyncio.Task[None] | None = None
        self.limit = settings.MAX_BODY_BYTES

    async def start(self) -> None:
        """Get ready. While the record does not answer, requests hear that they should come again."""
        try:
            await self._get_ready()
        except Exception:
            log.exception("The write keys cannot be read yet; the collector tries again.")
        self.refreshing = asyncio.get_running_loop().create_task(self._keep_fresh())

    async def stop(self) -> None:
        if self.refreshing:
            self.refreshing.cancel()
        if self.commits:
            await self.commits.close()

    async def _get_ready(self) -> None:
        cursor = await asyncio.get_running_loop().run_in_executor(None, self._read_record)
        if self.commits is None:
            intake = Intake(settings.INTAKE)
            intake.continue_after(cursor)
            self.commits = Commits(intake)

    def _read_record(self) -> int:
        """In a thread: take the keys in force, and give how far the drain is."""
        try:
            self.ring.refresh()
            return drained_through()
        finally:
            connections.close_all()

    async def _keep_fresh(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            try:
                await self._get_ready()
            except Exception:
                log.exception("The write keys could not be read; those of before stay in force.")

    async def _look_again(self) -> None:
        """Read the keys anew, once for all who ask meanwhile: trackers throw away what a young key is refused."""
        if self.rereading is None:
            self.rereading = asyncio.get_running_loop().create_task(self._reread())
        await asyncio.shield(self.rereading)

    async def _reread(self) -> None:
        await asyncio.sleep(REREAD_SECONDS)
        self.rereading = None  # whoever comes from now on may know of a key that this reading does not see
        try:
            await self._get_ready()
        except Exception:
            log.exception("The write keys could not be read; those of before stay in force.")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        headers = dict(scope["headers"])
        origin = headers.get(b"origin", b"")
        try:
            status, body, extra = await self._answer(scope, headers, receive)
        except BadBody as error:
            status, body, extra = error.status, _refusal(error), _refusal_headers(error)
        except Exception:
            log.exception("A request to %s went wrong.", scope["path"])
            fault = BadBody(500, "unexpected", "Something went wrong here. Send it again later.")
            status, body, extra = fault.status, _refusal(fault), _refusal_headers(fault)
        answer: Headers = [(b"content-length", str(len(body)).encode()), *_cors(origin), *extra]
        await send({"type": "http.response.start", "status": status, "headers": answer})
        await send({"type": "http.response.body", "body": body})

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            event = (await receive())["type"]
            if event == "lifespan.startup":
                await self.start()
            else:
                await self.stop()
            await send({"type": f"{event}.complete"})
            if event == "lifespan.shutdown":
                return

    async def _answer(self, scope: Scope, headers: dict[bytes, bytes], receive: Receive) -> tuple[int, bytes, Headers]:
        method, path = scope["method"], scope["path"]
        if method == "OPTIONS":
            return 200, b"", PREFLIGHT
        if method == "GET" and path == SNIPPET:
            packed = b"gzip" in headers.get(b"accept-encoding", b"")
            return 200, script(packed), SCRIPT_HEADERS_PACKED if packed else SCRIPT_HEADERS
        if method == "GET" and path.startswith(PROJECTS):
            return 200, self._project(path, headers, scope), [JSON, (b"cache-control", b"public, max-age=60")]
        if path not in POSTS:
            raise BadBody(404, "not_found", "There is nothing at this address.")
        if method != "POST":
            raise BadBody(405, "method_not_allowed", "Send messages with POST.")
        body = await _body_of(headers, receive, self.limit)
        if path != METRICS:
            await self._take(scope, headers, body)
        return 200, SUCCESS, [JSON]

    async def _take(self, scope: Scope, headers: dict[bytes, bytes], body: bytes) -> None:
        path: str = scope["path"]
        if self.commits is None:
            raise BadBody(503, "starting", "The collector is not ready yet. Send it again in a moment.")
        encoding = headers.get(b"content-encoding", b"").decode("latin-1").strip().lower()
        text = inflate(body, encoding, self.limit)
        envelope, count = check(text, path in BATCHES and path not in POSTHOG)
        try:
            key = self._key(headers, scope["query_string"], envelope)
        except BadBody as error:
            if error.code != "invalid_write_key":
                raise
            await self._look_again()
            key = self._key(headers, scope["query_string"], envelope)
        origin = headers.get(b"origin")
        if key.origins and origin is not None and origin.decode("latin-1") not in key.origins:
            raise BadBody(403, "origin_not_allowed", "This write key may not be used from this site.")
        if seconds := self.ring.wait(key, count):
            raise _Wait("too_many_requests", "This write key sends more than it may.", seconds)
        request = Request(time.time_ns() // 1000, key.source, key.id, path, encoding, body)
        try:
            await self.commits.put(request)
        except Full:
            raise _Wait("busy", "More is coming in than the disk can take.", 1) from None
        except NotStored as error:
            raise BadBody(503, error.code, "The request could not be stored. Send it again later.") from None

    def _key(self, headers: dict[bytes, bytes], query: bytes, envelope: Envelope) -> Key:
        """The first of the keys that the request shows which is one of ours."""
        shown = [*_authorized(headers.get(b"authorization", b"")), *envelope.keys]
        if not shown and query:
            shown = parse_qs(query.decode("latin-1")).get("writeKey", [])
        for text in shown:
            key = self.ring.find(text)
            if key is not None:
                return key
        if shown:
            raise BadBody(401, "invalid_write_key", "This write key is unknown or was revoked.")
        raise BadBody(
            401,
            "missing_write_key",
            "There is no write key in the request.",
            "Send it as the user name of Basic authorization, or as “writeKey” in the body.",
        )

    def _project(self, path: str, headers: dict[bytes, bytes], scope: Scope) -> bytes:
        """What analytics.js asks for when it starts: where to send to."""
        text, _, rest = path.removeprefix(PROJECTS).partition("/")
        key = self.ring.find(text)
        if rest != "settings" or key is None or not key.browser:
            raise BadBody(404, "not_found", "There is no browser write key of this name.")
        host = headers.get(b"host", b"localhost").decode("latin-1")
        secure = scope["scheme"] == "https" or settings.HTTPS
        segment = {"apiKey": text, "apiHost": f"{host}/v1", "protocol": "https" if secure else "http"}
        return msgspec.json.encode({"integrations": {"Segment.io": segment}, "plan": {}})


@cache
def script(packed: bool) -> bytes:
    """The snippet for browsers."""
    text = SCRIPT.read_bytes()
    return gzip.compress(text) if packed else text


class _Wait(BadBody):
    """Too much at once: the answer says when to come again, never at once."""

    def __init__(self, code: str, message: str, seconds: int) -> None:
        super().__init__(429, code, message, f"Come again in {seconds} s.")
        self.seconds = seconds


async def _body_of(headers: dict[bytes, bytes], receive: Receive, limit: int) -> bytes:
    """The whole body. One that is too large is read to its end, up to a point, so that its sender hears why."""
    parts: list[bytes] = []
    size = 0
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise BadBody(400, "cut_off", "The request ended before its body did.")
        part = event.get("body", b"")
        size += len(part)
        if size <= limit:
            parts.append(part)
        elif size > limit * 8:
            raise too_large(limit)
        if not event.get("more_body"):
            break
    if size > limit:
        raise too_large(limit)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _authorized(header: bytes) -> list[str]:
    """The key of an Authorization header: the user name of Basic, with or without the colon, or a Bearer token."""
    scheme, _, value = header.decode("latin-1").partition(" ")
    if scheme.lower() == "bearer" and value.strip():
        return [value.strip()]
    if scheme.lower() != "basic":
        return []
    try:
        name = base64.b64decode(value.strip(), validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return []
    return [name] if name else []


def _refusal(error: BadBody) -> bytes:
    return msgspec.json.encode({"success": False, "code": error.code, "message": error.message, "detail": error.detail})


def _refusal_headers(error: BadBody) -> Headers:
    if isinstance(error, _Wait):
        return [JSON, (b"retry-after", str(error.seconds).encode())]
    return [JSON, (b"retry-after", b"5")] if error.status == 503 else [JSON]


def _cors(origin: bytes) -> Headers:
    """Any site may read the answer, which says nothing but whether it worked; a beacon always sends credentials."""
    if not origin:
        return []
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Origin"),
    ]


PREFLIGHT: Headers = [
    (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
    (b"access-control-allow-headers", b"Authorization, Content-Type, Content-Encoding, X-Retry-Count"),
    (b"access-control-max-age", b"86400"),
]
SCRIPT_HEADERS: Headers = [
    (b"content-type", b"text/javascript; charset=utf-8"),
    (b"cache-control", b"public, max-age=3600"),
    (b"vary", b"Accept-Encoding"),
    (b"x-content-type-options", b"nosniff"),
]
SCRIPT_HEADERS_PACKED: Headers = [*SCRIPT_HEADERS, (b"content-encoding", b"gzip")]
