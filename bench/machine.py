"""Servers in processes of their own, and what they cost."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from beforehand.lib.tests.ports import free_port

TICK = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    children = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):
            if int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1]) == pid:
                children += family(int(entry.name))
    return [pid, *children]


def cpu_of(pid: int) -> float:
    """Seconds of CPU that a process and its living descendants have used."""
    total = 0.0
    for member in family(pid):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{member}/stat").read_text().rsplit(")", 1)[1].split()
            total += (int(fields[11]) + int(fields[12])) / TICK
    return total


@contextlib.contextmanager
def serving(data: Path, *arguments: str, port: int | None = None, ready: str = "/") -> Iterator[tuple[int, int]]:
    """`beforehand serve …` on a free port. Yields (port, pid); ends the whole process group afterwards."""
    port = port or free_port()
    command = [
        sys.executable,
        "-m",
        "beforehand",
        "--data",
        str(data),
        "serve",
        "--bind",
        f"127.0.0.1:{port}",
        *arguments,
    ]
    with started(command) as pid:
        wait_for(port, ready)
        yield port, pid


@contextlib.contextmanager
def started(command: list[str]) -> Iterator[int]:
    process = subprocess.Popen(command, start_new_session=True)
    try:
        yield process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(port: int, path: str = "/", seconds: float = 30) -> None:
    """Until something answers HTTP there, whatever it says."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2)
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"Nothing answered on port {port} within {seconds:.0f} s.")
