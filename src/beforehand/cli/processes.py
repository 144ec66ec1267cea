"""One process that starts the others, starts again what died, and takes all of them along when it ends."""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException

from beforehand.cli.parts import until_told

LONGEST_WAIT = 30.0
STEADY_SECONDS = 30.0
PATIENCE = 10.0
LONGEST_START = 10.0
APART = 1.0  # seconds between the starts of parts, so that the first person's pages come meanwhile
FIRST_PAGE = "/account/login/"
log = logging.getLogger(__name__)


@dataclass
class Part:
    """A part, its process, and when it may be started again if it died."""

    name: str
    host: str
    port: int
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    wait: float = 0.5
    due: float = field(default=0.0)

    def start(self, at_once: bool = True) -> None:
        """Start its process; if not at once, it gets itself ready and waits for `begin`."""
        command = [sys.executable, "-m", "beforehand.cli.parts", self.name, self.host, str(self.port)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, env=os.environ.copy(), start_new_session=True)
        self.started = time.monotonic()
        if at_once:
            self.begin()

    def begin(self) -> None:
        if self.process is not None and self.process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):  # it died; `look` sees that
                self.process.stdin.write(b"\n")
                self.process.stdin.flush()

    def look(self) -> None:
        """Start it, or start it again: soon the first time, later each time that it dies soon after."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            steady = now - self.started > STEADY_SECONDS
            self.wait = 0.5 if steady else min(self.wait * 2, LONGEST_WAIT)
            log.error("%s ended with %s; started again in %.1f s.", self.name, self.process.returncode, self.wait)
            self.process, self.due = None, now + self.wait
        if self.process is None and now >= self.due:
            self.start()

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def wait_or_kill(self, until: float) -> bool:
        """Whether it ended by itself."""
        if self.process is None:
            return True
        try:
            self.process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return False
        return True


class Supervisor:
    """The processes of the parts. They get themselves ready from now on, and work when `run` is called."""

    def __init__(self, parts: list[str], host: str, port: int) -> None:
        self.parts = [Part(name, host, port) for name in parts]
        for part in self.parts:
            part.start(at_once=False)

    def run(self) -> int:
        """Until it is told to end; the exit code says whether every part ended cleanly."""
        ending: threading.Event = until_told()
        first, *others = self.parts
        first.begin()
        until_answered(first, ending)
        for part in others:
            part.begin()
            ending.wait(APART)
        while not ending.is_set():
            for part in self.parts:
                part.look()
            ending.wait(0.2)
        for part in self.parts:
            part.end()
        until = time.monotonic() + PATIENCE
        clean = [part.wait_or_kill(until) for part in self.parts]
        return 0 if all(clean) else 1


def until_answered(part: Part, ending: threading.Event) -> None:
    """Ask for a page, so that the first person to come finds it warm, before other parts take the processor."""
    from django.conf import settings

    named = next((host for host in settings.ALLOWED_HOSTS if host.strip("*.")), "localhost").lstrip(".")
    until = time.monotonic() + LONGEST_START
    while time.monotonic() < until and not ending.is_set() and part.process and part.process.poll() is None:
        asked = HTTPConnection(part.host, part.port, timeout=LONGEST_START)
        try:
            asked.request("GET", FIRST_PAGE, headers={"Host": named})
            asked.getresponse().read()
            return
        except (OSError, HTTPException):
            ending.wait(0.03)
        finally:
            asked.close()
