"""DuckDB, in memory. A process has one for all its readers, so that they share one memory limit and one file cache;
no file of DuckDB's own is ever shared, so any number of processes may read the lake at once.
"""

import os
import shutil
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import duckdb
import pyarrow as pa
from django.conf import settings

from beforehand.journey.lake import layout

_lock = threading.Lock()
_shared: tuple[int, duckdb.DuckDBPyConnection] | None = None


def cursor() -> duckdb.DuckDBPyConnection:
    """A connection of one's own to the process's DuckDB: what is temporary in it is nobody else's."""
    global _shared
    with _lock:
        if _shared is None or _shared[0] != os.getpid():
            _shared = (os.getpid(), _open(layout.scratch() / f"{os.getpid()}-{uuid4().hex}"))
        return _shared[1].cursor()


@contextmanager
def workshop() -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """A DuckDB and a scratch folder to make files with; both are gone afterwards."""
    folder = layout.scratch() / f"{os.getpid()}-{uuid4().hex}"
    folder.mkdir(parents=True)
    try:
        with _open(folder / "spilled") as db:
            yield db, folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _open(spill: Path) -> duckdb.DuckDBPyConnection:
    """An empty DuckDB in UTC. What does not fit into the memory limit goes to the folder."""
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": settings.LAKE_THREADS or os.cpu_count() or 1,
            "memory_limit": f"{settings.LAKE_MEMORY_MB}MB",
            "temp_directory": str(spill),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET parquet_metadata_cache = true")
    connection.execute("SET validate_external_file_cache = 'NO_VALIDATION'")  # a file of the lake never changes
    return connection


def load(db: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """Make a temporary table of rows. DuckDB 1.5 cannot join an Arrow table that is only registered in every case: it
    pushes a Bloom filter down, which PyArrow's scan does not know."""
    db.register("loading", rows).execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM loading")
    db.unregister("loading")


def quoted(text: str | Path) -> str:
    """A SQL string."""
    return "'" + str(text).replace("'", "''") + "'"


def parquet(files: Iterable[Path], **options: bool) -> str:
    """The table function that reads these files as one table. There must be at least one."""
    arguments = "".join(f", {name} = {str(value).lower()}" for name, value in options.items())
    return f"read_parquet([{', '.join(quoted(file) for file in files)}], hive_partitioning = false{arguments})"
