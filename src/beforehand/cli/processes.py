"""One process that starts the others, starts again what died, and takes all of them along when it ends."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field

from beforehand.cli.parts import until_told

LONGEST_WAIT = 30.0
STEADY_SECONDS = 30.0
PATIENCE = 10.0
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

    def start(self) -> None:
        command = [sys.executable, "-m", "beforehand.cli.parts", self.name, self.host, str(self.port)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, env=os.environ.copy(), start_new_session=True)
        self.started = time.monotonic()

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
    def __init__(self, parts: list[str], host: str, port: int) -> None:
        self.parts = [Part(name, host, port) for name in parts]

    def run(self) -> int:
        """Until it is told to end; the exit code says whether every part ended cleanly."""
        ending: threading.Event = until_told()
        while not ending.is_set():
            for part in self.parts:
                part.look()
            ending.wait(0.2)
        for part in self.parts:
            part.end()
        until = time.monotonic() + PATIENCE
        clean = [part.wait_or_kill(until) for part in self.parts]
        return 0 if all(clean) else 1
