"""Group commit: what arrives while a commit runs is the next one. Each request is answered after its own commit."""

import asyncio
import logging
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from beforehand.journey.intake import Intake, Request

MOST_BYTES = 8 << 20
WAITING_BYTES = 64 << 20
log = logging.getLogger(__name__)


class NotStored(Exception):
    """The disk did not take it. `code` says why: `storage_full` or `storage_failed`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Full(Exception):
    """So much waits for the disk already that no more is let in."""


class Commits:
    """Requests gather in the event loop while one thread commits those before them."""

    def __init__(self, intake: Intake) -> None:
        self.intake = intake
        self.writer = ThreadPoolExecutor(1, "intake")
        self.waiting: list[tuple[Request, asyncio.Future[None]]] = []
        self.waiting_bytes = 0
        self.running: asyncio.Future[None] | None = None

    async def put(self, request: Request) -> None:
        """Returns when the request is on disk."""
        if self.waiting_bytes > WAITING_BYTES:
            raise Full
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[None] = loop.create_future()
        self.waiting.append((request, answer))
        self.waiting_bytes += len(request.body)
        if self.running is None:
            self._commit(loop)
        await answer

    async def close(self) -> None:
        """Commit what waits, then let go of the file."""
        while self.running is not None:
            await asyncio.wait([self.running])
            await asyncio.sleep(0)
        self.writer.shutdown()
        self.intake.close()

    def _commit(self, loop: asyncio.AbstractEventLoop) -> None:
        size = count = 0
        for request, _ in self.waiting:
            size += len(request.body)
            count += 1
            if size >= MOST_BYTES:
                break
        group, self.waiting = self.waiting[:count], self.waiting[count:]
        self.waiting_bytes -= size
        self.running = loop.run_in_executor(self.writer, self.intake.append, [request for request, _ in group])
        self.running.add_done_callback(partial(self._answer, group))

    def _answer(self, group: list[tuple[Request, "asyncio.Future[None]"]], done: "asyncio.Future[None]") -> None:
        self.running = None
        error = done.exception()
        if error is not None:
            log.error("%d requests could not be stored: %s", len(group), error)
        for _, answer in group:
            if answer.done():
                continue
            if error is None:
                answer.set_result(None)
            else:
                answer.set_exception(NotStored(_code(error)))
        if self.waiting:
            self._commit(asyncio.get_running_loop())


def _code(error: BaseException) -> str:
    full = isinstance(error, sqlite3.OperationalError) and getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL
    return "storage_full" if full else "storage_failed"
