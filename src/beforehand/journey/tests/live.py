"""A real Beforehand for tests: processes of its own, a data folder of its own, a free port on loopback."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from beforehand.lib.tests.ports import free_port


class Live:
    """A running `beforehand serve PART` and what can be asked of it from outside."""

    def __init__(self, data: Path) -> None:
        self.data, self.port = data, free_port()
        self.environment = {**os.environ, "BEFOREHAND_DATA": str(data), "DATABASE_URL": ""}
        self.process: subprocess.Popen | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, *arguments: str) -> str:
        """What a command of the command line prints."""
        command = [sys.executable, "-m", "beforehand", *arguments]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True, timeout=60)
        return done.stdout.strip()

    def key(self, kind: str = "server", source: str = "Live", *options: str) -> str:
        return self.run("keys", "create", source, "--kind", kind, "--quiet", *options)

    def start(self, part: str = "all") -> None:
        command = [sys.executable, "-m", "beforehand", "serve", part, "--bind", f"127.0.0.1:{self.port}"]
        self.process = subprocess.Popen(command, env=self.environment, start_new_session=True)
        self.wait_for_answer()

    def wait_for_answer(self, seconds: float = 30) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(f"{self.address}/v1/m", data=b"", timeout=2).read()
                return
            except OSError:
                time.sleep(0.05)
        raise TimeoutError("The server did not answer.")

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def rows(self, sql: str, file: str = "record.sqlite3") -> list[tuple]:
        with contextlib.closing(sqlite3.connect(self.data / file, timeout=30)) as database:
            return database.execute(sql).fetchall()

    def wait_for_rows(self, sql: str, count: int, seconds: float = 20) -> list[tuple]:
        """The rows of the query, once there are so many; what there is when that takes too long."""
        until = time.monotonic() + seconds
        while len(rows := self.rows(sql)) < count and time.monotonic() < until:
            time.sleep(0.05)
        return rows


@contextlib.contextmanager
def live(data: Path, part: str = "all") -> Iterator[Live]:
    server = Live(data)
    try:
        server.start(part)
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            server.stop()
