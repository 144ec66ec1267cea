"""Tables of rooms above that a reader offers beside its own: they are read from the record when a query asks for them.

They are the record's rows as they are, not files: for what is small beside the touchpoints.
"""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
from django.db import DEFAULT_DB_ALIAS, connections

from beforehand.journey.lake.need_views import AS_THEY_ARE


class Added(NamedTuple):
    """`read(connection, now, zone)` gives the rows; it may be called from another thread, over this connection."""

    schema: pa.Schema
    read: Callable[[Any, datetime, str], pa.Table]


TABLES: dict[str, Added] = {}


def add(name: str, schema: pa.Schema, read: Callable[[Any, datetime, str], pa.Table]) -> None:
    TABLES[name] = Added(schema, read)


class Later:
    """One table, for DuckDB to ask for when it needs it; read once."""

    def __init__(self, added: Added, now: datetime, zone: str) -> None:
        self.added, self.now, self.zone = added, now, zone
        self.connection = connections[DEFAULT_DB_ALIAS]
        self.turn = threading.Lock()
        self.found: pa.Table | None = None

    def table(self) -> pa.Table:
        with self.turn:
            if self.found is None:
                self.connection.inc_thread_sharing()
                try:
                    self.found = self.added.read(self.connection, self.now, self.zone)
                finally:
                    self.connection.dec_thread_sharing()
        return self.found

    def __arrow_c_schema__(self) -> object:
        return self.added.schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table().__arrow_c_stream__(requested_schema)


def add_views(db: duckdb.DuckDBPyConnection, now: datetime, zone: str) -> None:
    for name, added in TABLES.items():
        db.register(f"added_{name}", Later(added, now, zone))
        db.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM ({AS_THEY_ARE.format(table=f'added_{name}')})")
