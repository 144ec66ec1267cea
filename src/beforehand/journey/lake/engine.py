"""DuckDB, in memory. A process has one for all its readers, so that they share one memory limit and one file cache;
no file of DuckDB's own is ever shared, so any number of processes may read the lake at once.
"""

import os
import threading
from pathlib import Path

import duckdb
from django.conf import settings

_lock = threading.Lock()
_shared: tuple[int, duckdb.DuckDBPyConnection] | None = None


def cursor() -> duckdb.DuckDBPyConnection:
    """A connection of one's own to the process's DuckDB: what is temporary in it is nobody else's."""
    global _shared
    with _lock:
        if _shared is None or _shared[0] != os.getpid():
            _shared = (os.getpid(), open_memory())
        return _shared[1].cursor()


def open_memory(scratch: Path | None = None) -> duckdb.DuckDBPyConnection:
    """An empty DuckDB in UTC. What does not fit into the memory limit goes to the scratch folder."""
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": settings.LAKE_THREADS or os.cpu_count() or 1,
            "memory_limit": f"{settings.LAKE_MEMORY_MB}MB",
            "temp_directory": str(scratch or settings.LAKE / "scratch"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def quoted(text: str | Path) -> str:
    """A SQL string."""
    return "'" + str(text).replace("'", "''") + "'"


def parquet(files: list[Path]) -> str:
    """The table function that reads these files as one table. There must be at least one."""
    return f"read_parquet([{', '.join(quoted(file) for file in files)}])"
