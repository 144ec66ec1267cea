"""One watcher a process: it looks, works out whom the news is for, and wakes their streams."""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, Protocol, TypeVar

from django.db import connection

from beforehand.service.live.looking import Look, News

EVERY = 0.1
THREADS = 4
log = logging.getLogger(__name__)
pool = ThreadPoolExecutor(THREADS, thread_name_prefix="live")
Found = TypeVar("Found")


async def in_thread(work: Callable[..., Found], *arguments: Any) -> Found:
    """Ask the record from a stream: some threads with a connection each serve all of them."""
    return await asyncio.get_running_loop().run_in_executor(pool, _guarded, work, *arguments)


def _guarded(work: Callable[..., Found], *arguments: Any) -> Found:
    try:
        return work(*arguments)
    except Exception:
        connection.close()  # it may be the connection itself; the next one opens it anew
        raise


class Listener(Protocol):
    """A stream that is open. `hear` runs in its own loop and must not wait."""

    wake: asyncio.Event

    def hear(self, told: Any) -> None: ...


class Audience(Protocol):
    """A kind of listener. `share` runs in the watcher's thread and may ask the record: who is told what."""

    def share(self, news: News, listeners: Iterable[Any]) -> list[tuple[Any, Any]]: ...


class Seat(NamedTuple):
    """Where a listener sits: the loop that its stream runs in, and with whom it is told."""

    loop: asyncio.AbstractEventLoop
    audience: Audience


class Watcher:
    """A thread that looks ten times a second, as long as somebody listens."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.listeners: dict[Listener, Seat] = {}
        self.thread: threading.Thread | None = None
        self.is_ending = False

    def end(self) -> None:
        """The server stops: every stream ends, so that nothing waits for them. Browsers come back by themselves."""
        self.is_ending = True
        with self.lock:
            for listener, seat in self.listeners.items():
                seat.loop.call_soon_threadsafe(listener.wake.set)

    @asynccontextmanager
    async def listening(self, listener: Listener, audience: Audience) -> AsyncIterator[None]:
        with self.lock:
            self.listeners[listener] = Seat(asyncio.get_running_loop(), audience)
            if self.thread is None:
                self.thread = threading.Thread(target=self._watch, name="desk live", daemon=True)
                self.thread.start()
        try:
            yield
        finally:
            with self.lock:
                self.listeners.pop(listener, None)

    def _watch(self) -> None:
        try:
            look: Look | None = None
            while self._somebody_listens():
                try:
                    look = look or Look()
                    if news := look.news():
                        self._tell(news)
                except Exception:
                    log.exception("Looking for what is new at the desk failed; it is tried again.")
                    connection.close()
                    look = None
                    time.sleep(5 * EVERY)
                time.sleep(EVERY)
        finally:
            connection.close()

    def _somebody_listens(self) -> bool:
        with self.lock:
            if not self.listeners:
                self.thread = None
            return bool(self.listeners)

    def _tell(self, news: News) -> None:
        with self.lock:
            seats = dict(self.listeners)
        audiences: dict[Audience, list[Listener]] = {}
        for listener, seat in seats.items():
            audiences.setdefault(seat.audience, []).append(listener)
        loops: dict[asyncio.AbstractEventLoop, list[tuple[Listener, Any]]] = {}
        for audience, listeners in audiences.items():
            for listener, told in audience.share(news, listeners):
                loops.setdefault(seats[listener].loop, []).append((listener, told))
        for loop, all_told in loops.items():
            try:
                loop.call_soon_threadsafe(_hand_out, all_told)
            except RuntimeError:  # its loop has ended, and nobody said so
                self._forget(loop)

    def _forget(self, loop: asyncio.AbstractEventLoop) -> None:
        with self.lock:
            self.listeners = {one: seat for one, seat in self.listeners.items() if seat.loop is not loop}


def _hand_out(all_told: list[tuple[Listener, Any]]) -> None:
    """One wake-up of the loop for all who listen in it."""
    for listener, told in all_told:
        listener.hear(told)


watcher = Watcher()
