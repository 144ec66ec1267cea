"""The desk's watcher: it works out whom the news is for, and wakes their streams."""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

from django.db import connection

from beforehand.lib import live
from beforehand.service.live.looking import Look, News

THREADS = 4
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


class Audience(Protocol):
    """A kind of listener. `share` runs in the watcher's thread and may ask the record: who is told what."""

    def share(self, news: News, listeners: Iterable[Any]) -> list[tuple[Any, Any]]: ...


class Listener(Protocol):
    """A stream that is open. `hear` runs in its own loop and must not wait."""

    wake: asyncio.Event
    audience: Audience

    def hear(self, told: Any) -> None: ...


class Watcher(live.Watcher[Any, News]):
    def share(self, news: News, ears: list[Listener]) -> Iterable[tuple[Listener, Any]]:
        audiences: dict[Audience, list[Listener]] = {}
        for listener in ears:
            audiences.setdefault(listener.audience, []).append(listener)
        return [pair for audience, listeners in audiences.items() for pair in audience.share(news, listeners)]

    def hand(self, ear: Listener, told: Any) -> None:
        ear.hear(told)

    def dismiss(self, ear: Listener) -> None:
        ear.wake.set()


watcher = Watcher("desk live", Look)
