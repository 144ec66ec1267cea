"""Django's pages behind a few threads that stay, each with a connection to the record that is kept.

Django's own handler begins a thread for every request and opens a connection in it, which cost more than many a page.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, TypeVar

from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.core.signals import request_started
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import set_script_prefix

THREADS = 12
T = TypeVar("T")


class Pages(ASGIHandler):
    """The same answers as Django's handler gives. Who asks while all threads are busy waits for one."""

    def __init__(self, threads: int = THREADS) -> None:
        BaseHandler.__init__(self)
        self.load_middleware()
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="page")

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        with body:
            response = await self._in_thread(self._answer, scope, body)
            try:
                if response.streaming:
                    await self._stream(response, receive, send)
                else:
                    await self.send_response(response, send)
            finally:
                await self._in_thread(response.close)

    async def _in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        """Every request has variables of its own: language, zone."""
        return await asyncio.get_running_loop().run_in_executor(self.pool, copy_context().run, work, *arguments)

    def _answer(self, scope: dict[str, Any], body: Any) -> HttpResponseBase:
        set_script_prefix(get_script_prefix(scope))
        request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, body)
        response = refusal if request is None else self.get_response(request)
        assert response is not None
        response._handler_class = self.__class__  # type: ignore[attr-defined]
        if isinstance(response, FileResponse):
            response.block_size = self.chunk_size
        return response

    async def _stream(self, response: HttpResponseBase, receive: Any, send: Any) -> None:
        """Until it is over, or nobody listens any more."""
        assert isinstance(response, StreamingHttpResponse)
        if not response.is_async:
            response.streaming_content = self._read(iter(response))
        sending = asyncio.ensure_future(self.send_response(response, send))
        gone = asyncio.ensure_future(self.listen_for_disconnect(receive))
        await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
        for task in (sending, gone):
            task.cancel()
        for fault in await asyncio.gather(sending, gone, return_exceptions=True):
            if isinstance(fault, Exception) and not isinstance(fault, RequestAborted):
                raise fault

    async def _read(self, parts: Any) -> AsyncIterator[bytes]:
        """A file, piece by piece, so that none is in memory whole."""
        while (part := await self._in_thread(next, parts, None)) is not None:
            yield part
