"""Run a command with DATABASE_URL set to a PostgreSQL in a temporary folder, which lives as long as the command.

    python tests/with_postgres.py pytest -m database

The server listens on a Unix socket alone. It refuses to run as root, so root starts it as `postgres` or `nobody`.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn


def binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    initdb = found[-1] if found else shutil.which("initdb")
    if not initdb:
        sys.exit("PostgreSQL's server is not installed. On Debian or Ubuntu, as root: apt-get install postgresql")
    return Path(initdb).parent


def unprivileged() -> str | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    sys.exit("Root cannot start PostgreSQL, and there is neither a user postgres nor nobody to start it as.")


@contextlib.contextmanager
def server(lasting: bool = False) -> Iterator[str]:
    """The address of a fresh server. `lasting`: it waits for the disk as one in earnest does."""
    where, user = binaries(), unprivileged()
    with tempfile.TemporaryDirectory(prefix="beforehand-pg-") as folder:
        if user:
            os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        data = f"{folder}/data"

        def run(*command: str) -> None:
            subprocess.run(command, user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL)

        run(f"{where}/initdb", "-D", data, "-U", "beforehand", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c max_connections=60"
        options += "" if lasting else " -c fsync=off"
        try:
            run(f"{where}/pg_ctl", "-D", data, "-w", "-l", f"{folder}/log", "-o", options, "start")
            yield f"postgresql://beforehand@/postgres?host={folder}"
        finally:
            run(f"{where}/pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")


def call_off(number: int, frame: FrameType | None) -> NoReturn:
    """Leave by the way that stops the server too."""
    sys.exit(128 + number)


def run_beside(address: str, command: list[str]) -> int:
    child = subprocess.Popen(command, env={**os.environ, "DATABASE_URL": address})
    try:
        return child.wait()
    except BaseException:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(20)
        child.kill()
        raise


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, call_off)
    with server() as address:
        code = run_beside(address, sys.argv[1:])
    sys.exit(code)
