"""Run a command with DATABASE_URL set to a PostgreSQL in a temporary folder, which lives as long as the command.

    python tests/with_postgres.py pytest -m database

The server listens on a Unix socket alone. It refuses to run as root, so root starts it as `postgres` or `nobody`.
"""

import contextlib
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path


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
def server() -> Iterator[str]:
    """The address of a fresh server."""
    where, user = binaries(), unprivileged()
    with tempfile.TemporaryDirectory(prefix="beforehand-pg-") as folder:
        if user:
            os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        data = f"{folder}/data"

        def run(*command: str) -> None:
            subprocess.run(command, user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL)

        run(f"{where}/initdb", "-D", data, "-U", "beforehand", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off -c max_connections=60"
        run(f"{where}/pg_ctl", "-D", data, "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield f"postgresql://beforehand@/postgres?host={folder}"
        finally:
            run(f"{where}/pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")


if __name__ == "__main__":
    with server() as address:
        finished = subprocess.run(sys.argv[1:], env={**os.environ, "DATABASE_URL": address}, check=False)
    sys.exit(finished.returncode)
