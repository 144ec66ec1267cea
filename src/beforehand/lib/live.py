"""A thread that looks for news ten times a second, as long as somebody listens, and tells it to their streams."""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable, Hashable, Iterable
from contextlib import asynccontextmanager
from typing import Any, Generic, Protocol, TypeVar

from django.db import connection

EVERY = 0.1
log = logging.getLogger(__name__)
Ear = TypeVar("Ear", bound=Hashable)
N = TypeVar("N")
N_co = TypeVar("N_co", covariant=True)


class Looks(Protocol[N_co]):
    """Looks whether there is something new since the last look. It is made, and asked, in the watcher's thread."""

    def news(self) -> N_co | None: ...


class Stillness:
    """Whether nobody wrote since it was asked last. SQLite alone can tell, of everybody but this very connection."""

    def __init__(self) -> None:
        self.version = -1

    def holds(self) -> bool:
        if connection.vendor != "sqlite":
            return False
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA data_version")
            before, (self.version,) = self.version, cursor.fetchone()
        return before == self.version


class Watcher(Generic[Ear, N]):
    """One a process for each kind of news. An ear is what a stream listens with; it is told things in its own loop."""

    def __init__(self, name: str, look: Callable[[], Looks[N]]) -> None:
        self.name, self.look = name, look
        self.lock = threading.Lock()
        self.listeners: dict[Ear, asyncio.AbstractEventLoop] = {}
        self.thread: threading.Thread | None = None
        self.is_ending = False

    def share(self, news: N, ears: list[Ear]) -> Iterable[tuple[Ear, Any]]:
        """Who is told what of the news. It runs in the watcher's thread and may ask the record."""
        raise NotImplementedError

    def hand(self, ear: Ear, told: Any) -> None:
        """Tell an ear, in its loop. It must not wait."""
        raise NotImplementedError

    def dismiss(self, ear: Ear) -> None:
        """Tell an ear that it is over, in its loop."""
        raise NotImplementedError

    def end(self) -> None:
        """The server stops: every stream ends, so that nothing waits for them. Browsers come back by themselves."""
        self.is_ending = True
        with self.lock:
            for ear, loop in self.listeners.items():
                loop.call_soon_threadsafe(self.dismiss, ear)

    @asynccontextmanager
    async def listening(self, ear: Ear) -> AsyncIterator[Ear]:
        with self.lock:
            self.listeners[ear] = asyncio.get_running_loop()
            if self.thread is None:
                self.thread = threading.Thread(target=self._watch, name=self.name, daemon=True)
                self.thread.start()
        try:
            yield ear
        finally:
            with self.lock:
                self.listeners.pop(ear, None)

    def _watch(self) -> None:
        try:
            look: Looks[N] | None = None
            while self._somebody_listens():
                try:
                    look = look or self.look()
                    if news := look.news():
                        self._tell(news)
                except Exception:
                    log.exception("Looking for what is new failed; it is tried again.")
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

    def _tell(self, news: N) -> None:
        """One wake-up of a loop for all who listen in it."""
        with self.lock:
            loops = dict(self.listeners)
        wakes: dict[asyncio.AbstractEventLoop, list[tuple[Ear, Any]]] = {}
        for ear, told in self.share(news, list(loops)):
            wakes.setdefault(loops[ear], []).append((ear, told))
        for loop, all_told in wakes.items():
            try:
                loop.call_soon_threadsafe(self._hand_out, all_told)
            except RuntimeError:  # its loop has ended, and nobody said so
                self._forget(loop)

    def _hand_out(self, all_told: list[tuple[Ear, Any]]) -> None:
        for ear, told in all_told:
            self.hand(ear, told)

    def _forget(self, loop: asyncio.AbstractEventLoop) -> None:
        with self.lock:
            self.listeners = {ear: one for ear, one in self.listeners.items() if one is not loop}
