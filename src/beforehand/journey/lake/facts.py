"""The small tables that stand beside the touchpoints in a reader: names, stages, journeys, companies."""

from typing import Any

import duckdb
import pyarrow as pa
from django.db import DEFAULT_DB_ALIAS, connections

from beforehand.journey import catalogue
from beforehand.journey.catalogue import Entry
from beforehand.journey.lake import engine
from beforehand.journey.models import Kind, Stage

CATALOGUE = pa.schema(
    [
        ("name", pa.string()),
        ("label", pa.string()),
        ("stage", pa.string()),
        ("position", pa.int32()),
        ("kind", pa.string()),
        ("guessed", pa.bool_()),
    ]
)
STAGES = pa.schema([("stage", pa.string()), ("label", pa.string()), ("position", pa.int32())])
MEMBERSHIPS = pa.schema([("customer", pa.int64()), ("company", pa.int64()), ("company_name", pa.string())])
JOURNEYS = """CREATE TEMP VIEW journeys AS
    SELECT customer, min(time) AS first_time, max(time) AS last_time, count(*) AS touchpoints
    FROM touchpoints GROUP BY customer"""

BELONGS = """
    SELECT DISTINCT i.customer_id, c.id, CASE WHEN c.name = '' THEN c.key ELSE c.name END
    FROM customers_membership m JOIN customers_identifier i ON i.id = m.identifier_id
    JOIN customers_company c ON c.id = m.company_id"""


class Later:
    """A table that is read from the record only when a query asks for it, and then once.

    DuckDB asks from a thread of its own while the one that opened the reader waits, so the connection is lent to it.
    """

    def __init__(self, schema: pa.Schema, sql: str) -> None:
        self.schema = schema
        self.sql = sql
        self.connection = connections[DEFAULT_DB_ALIAS]
        self.table: pa.Table | None = None

    def __arrow_c_schema__(self) -> object:
        return self.schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        if self.table is None:
            self.table = self._read()
        return self.table.__arrow_c_stream__(requested_schema)

    def _read(self) -> pa.Table:
        self.connection.inc_thread_sharing()
        try:
            with self.connection.cursor() as cursor:
                cursor.execute(self.sql)
                return _table(self.schema, cursor.fetchall())
        finally:
            self.connection.dec_thread_sharing()


def add_facts(db: duckdb.DuckDBPyConnection, known: list[Entry]) -> None:
    """Give a reader's connection catalogue, stages, journeys and memberships."""
    engine.load(db, "catalogue", _table(CATALOGUE, [tuple(entry[:6]) for entry in known]))
    engine.load(db, "stages", _table(STAGES, list(Stage.objects.values_list("key", "label", "position"))))
    db.register("memberships", Later(MEMBERSHIPS, BELONGS))
    db.execute(JOURNEYS)


def entries(names: set[str]) -> list[Entry]:
    """Every catalogued name and every one of these: what nobody has said anything about is its own label."""
    known = catalogue.in_force()
    missing = names - {entry.name for entry in known}
    return known + [Entry(name, name, None, None, Kind.VALUE.value, True, "") for name in sorted(missing)]


def _table(schema: pa.Schema, rows: list[tuple[Any, ...]]) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else [()] * len(schema)
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )
