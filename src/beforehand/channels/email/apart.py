"""Parsing in a process of its own: a second core shares the work, and a mail that ends the parser ends nothing else.

`Apart` starts `python -m beforehand.channels.email.apart`, which reads a file's path a line and writes what is in it.
It ends when whoever started it does, because its input ends then.
"""

import contextlib
import json
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from beforehand.channels.email.parsed import Parsed
from beforehand.channels.email.parsing import parse

PIPE = 1 << 20  # So far it goes ahead of whoever asks.


class Job(NamedTuple):
    """The file of a raw mail, and when our own server took it, where that is known."""

    path: Path
    arrived: datetime | None = None


class Ended(RuntimeError):
    """The parser's process ended over this mail."""


def here(jobs: Iterable[Job]) -> Iterator[Parsed]:
    """The mails in their order, parsed one by one as they are asked for, in this very process."""
    for job in jobs:
        yield parse(job.path.read_bytes(), job.arrived)


class Apart:
    """Parses elsewhere. One thread may use it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __call__(self, jobs: Iterable[Job]) -> Iterator[Parsed]:
        """The mails in their order. Raises Ended at the one over which the process ended; call again for the rest."""
        given = list(jobs)
        process = self._process = self._process or _started()
        assert process.stdin is not None and process.stdout is not None
        try:
            for job in given:
                line = json.dumps([str(job.path), job.arrived.isoformat() if job.arrived else None])
                process.stdin.write(line.encode() + b"\n")
            process.stdin.flush()
            for _job in given:
                yield pickle.load(process.stdout)  # noqa: S301 - from our own process alone
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            self.close()
            raise Ended(f"The parser ended over this mail ({process.poll()}).") from error
        except GeneratorExit:
            self.close()  # Answers that nobody fetched would be taken for those of the next jobs.
            raise

    def close(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def _started() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "beforehand.channels.email.apart"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pipesize=PIPE)


def serve() -> None:
    """Answer until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started us.
    for line in sys.stdin.buffer:
        path, arrived = json.loads(line)
        (mail,) = here([Job(Path(path), datetime.fromisoformat(arrived) if arrived else None)])
        pickle.dump(mail, sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    serve()
