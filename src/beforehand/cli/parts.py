"""The parts of a running Beforehand, each a loop that ends on SIGTERM or SIGINT.

`python -m beforehand.cli.parts PART HOST PORT` is how `serve` starts each of them in a process of its own; it begins
when a byte comes on its standard input.
"""

import asyncio
import gc
import logging
import os
import resource
import signal
import sys
import threading
import time
from types import FrameType
from typing import Any

IDLE_SECONDS = 0.05
TROUBLE_SECONDS = 1.0
MOST_AT_ONCE = 20_000
"""Requests under way, open streams among them: every page and every chat that is open holds one."""
RARELY = (200_000, 50, 100)
PATIENCE = 4.0
log = logging.getLogger(__name__)


def run(part: str, host: str, port: int) -> None:
    """Run one part until it is told to end. `pages` is web and collector on one port."""
    look_for_garbage_rarely()
    if part == "drain":
        run_drain()
    elif part == "worker":
        run_worker()
    elif part == "mail":
        run_mail()
    else:
        run_server({"web": "pages", "pages": "application"}.get(part, part), host, port)


def run_server(target: str, host: str, port: int) -> None:
    """One of the applications of asgi.py on granian, in this very process."""
    import uvloop
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server.embed import Server

    from beforehand import asgi

    _allow_files()
    server = Server(
        getattr(asgi, target),
        address=host,
        port=port,
        interface=Interfaces.ASGINL if target == "pages" else Interfaces.ASGI,
        websockets=False,
        backlog=1024,
        backpressure=MOST_AT_ONCE,
        log_level=LogLevels.error,
    )

    def stop() -> None:
        asgi.end_streams()
        server.stop()

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
        await server.serve()

    uvloop.run(serve())


def _allow_files() -> None:
    """As many open connections as the system lets this process have: each is a file to it."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def run_drain() -> None:
    """Drain what comes in as soon as it is there."""
    from beforehand.journey.drain import MESSAGES, MESSAGES_BEHIND, Drain

    limit = MESSAGES
    ending = until_told()
    drain: Drain | None = None
    while not ending.is_set():
        try:
            drain = drain or Drain()
            done = drain.step(limit)
            limit = MESSAGES_BEHIND if done.messages >= limit else MESSAGES
            if not done.requests:
                ending.wait(IDLE_SECONDS)
        except Exception:
            log.exception("The drain could not go on; it tries again. Nothing is lost meanwhile.")
            _let_go()
            ending.wait(TROUBLE_SECONDS)
    if drain is not None:
        drain.close()


def run_worker() -> None:
    """Background tasks, one after the other, and beside them what is due from time to time."""
    from django.utils.crypto import get_random_string
    from django_tasks_db.management.commands.db_worker import Worker

    from beforehand.cli.schedule import JOBS, LONG_JOBS, Schedule

    schedules = [Schedule(JOBS), *(Schedule({name: every}) for name, every in LONG_JOBS.items())]
    threads = [threading.Thread(target=schedule.run, daemon=True) for schedule in schedules]
    for thread in threads:
        thread.start()
    worker = Worker(
        queue_names=["*"],
        interval=1,
        batch=False,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=get_random_string(32),
        excluded_queue_names=[],
    )
    worker.configure_signals()
    logging.getLogger("django_tasks_db").setLevel(logging.ERROR)
    try:
        worker.run()
    finally:
        for schedule in schedules:
            schedule.ending.set()
        for thread in threads:
            thread.join(PATIENCE)


def run_mail() -> None:
    """Fetch mail as it comes, find its place, and send what is due."""
    from beforehand.channels.post import Post

    Post().run(until_told())


def look_for_garbage_rarely() -> None:
    """The many short-lived rows hold no cycles, and looking for some took a quarter of the drain's time."""
    gc.freeze()
    gc.set_threshold(*RARELY)


def until_told() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    ending = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        ending.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    return ending


def end_with_parent() -> None:
    """End when the process that started this one is gone: its end of our standard input closes with it."""

    def watch() -> None:
        while os.read(0, 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(10)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _let_go() -> None:
    """A database connection that broke is opened again by the next try."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        _close(connection)


def _close(connection: Any) -> None:
    try:
        connection.close()
    except Exception:
        connection.connection = None


def main(part: str, host: str, port: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beforehand.settings")
    gc.set_threshold(*RARELY)  # loading, too: what is loaded stays
    if part == "pages":
        prepare_pages()
    if not os.read(0, 1):  # the word to begin; the record may be taking its shape until then
        return
    import django

    django.setup()
    end_with_parent()
    run(part, host, int(port))


def prepare_pages() -> None:
    """Load what every page begins with, all but the record: the addresses, their views, the first templates."""
    import uvloop  # noqa: F401
    from django.template.loader import get_template
    from django.urls import reverse
    from granian.server import embed  # noqa: F401

    from beforehand import asgi  # noqa: F401

    reverse("account_login")
    for template in ("web/outside.html", "account/login.html", "web/base.html", "web/home.html"):
        get_template(template)


if __name__ == "__main__":
    main(*sys.argv[1:])
