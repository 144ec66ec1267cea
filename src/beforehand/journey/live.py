"""What has just come: one watcher a process, any number of browsers that listen.

SQLite is asked for its `data_version`, which costs nothing while nobody writes; then, and always on PostgreSQL, the
highest number of the record is read.
"""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from django.db import connection

from beforehand.journey.models import Touchpoint

EVERY = 0.1
MOST_NAMED = 500
log = logging.getLogger(__name__)


class News(NamedTuple):
    """The record now goes through this number; whose touchpoints are new, None when they are too many to name."""

    through: int
    customers: list[int] | None


class Look:
    """Looks whether there is something new since the last look."""

    def __init__(self) -> None:
        self.data_version = -1
        self.through = last_number()

    def news(self) -> News | None:
        if self._nobody_wrote():
            return None
        through = last_number()
        if through <= self.through:
            return None
        before, self.through = self.through, through
        return News(through, customers_between(before, through))

    def _nobody_wrote(self) -> bool:
        """SQLite alone can tell, of everybody but this very connection."""
        if connection.vendor != "sqlite":
            return False
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA data_version")
            before, (self.data_version,) = self.data_version, cursor.fetchone()
        return before == self.data_version


def last_number() -> int:
    return Touchpoint.objects.order_by("-id").values_list("id", flat=True).first() or 0


def customers_between(after: int, through: int) -> list[int] | None:
    if through - after > 20 * MOST_NAMED:
        return None
    new = Touchpoint.objects.filter(id__gt=after, id__lte=through).order_by()
    found = list(new.values_list("identifier__customer", flat=True).distinct()[: MOST_NAMED + 1])
    return found if len(found) <= MOST_NAMED else None


class Watcher:
    """A thread that looks ten times a second, as long as somebody listens."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.listeners: dict[asyncio.Queue[News | None], asyncio.AbstractEventLoop] = {}
        self.thread: threading.Thread | None = None

    def end(self) -> None:
        """The server stops: everybody who listens is told None, so that nothing waits for them."""
        with self.lock:
            for queue, loop in self.listeners.items():
                loop.call_soon_threadsafe(_put, queue, None)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["asyncio.Queue[News | None]"]:
        queue: asyncio.Queue[News | None] = asyncio.Queue(maxsize=100)
        with self.lock:
            self.listeners[queue] = asyncio.get_running_loop()
            if self.thread is None:
                self.thread = threading.Thread(target=self._watch, name="live", daemon=True)
                self.thread.start()
        try:
            yield queue
        finally:
            with self.lock:
                self.listeners.pop(queue, None)

    def _watch(self) -> None:
        try:
            look: Look | None = None
            while self._somebody_listens():
                try:
                    look = look or Look()
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

    def _tell(self, news: News) -> None:
        with self.lock:
            for queue, loop in list(self.listeners.items()):
                try:
                    loop.call_soon_threadsafe(_put, queue, news)
                except RuntimeError:  # its loop has ended, and nobody said so
                    self.listeners.pop(queue)


def _put(queue: "asyncio.Queue[News | None]", news: News | None) -> None:
    if queue.full():  # a browser that sleeps: it will ask for everything when it wakes
        queue.get_nowait()
        news = news._replace(customers=None) if news else None
    queue.put_nowait(news)


watcher = Watcher()
