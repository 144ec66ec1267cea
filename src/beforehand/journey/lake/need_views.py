"""The views `needs`, `need_steps`, `contacts`, the small table `need_kinds` and the moment `known_until` of a reader.

What the fact files hold is read from them; customers who have changed since are read from the record, when a query
asks for them. Each customer is wholly of the one or of the other.
"""

import threading
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
from django.db import DEFAULT_DB_ALIAS, connections

from beforehand.journey.lake import engine, fact_files, layout
from beforehand.journey.lake.engine import quoted
from beforehand.journey.lake.fact_tables import SCHEMAS, tables_of
from beforehand.journey.models import Journey, LakeFile, NeedChanged, NeedKind, ProjectionCursor
from beforehand.lib.fields import from_micros

KINDS = pa.schema(
    [
        ("kind", pa.string()),
        ("version", pa.int32()),
        ("number", pa.int32()),
        ("title", pa.string()),
        ("horizon", pa.float64()),
        ("target", pa.float64()),
        ("owner", pa.string()),
        ("off", pa.bool_()),
        ("newest", pa.bool_()),
    ]
)
SQL = {
    pa.string(): "VARCHAR",
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
    pa.timestamp("us"): "TIMESTAMP",
}
COSTS = pa.schema([("channel", pa.string()), ("cost", pa.float64())])
NEEDS = """
    CREATE TEMP VIEW needs AS SELECT need, customer, n.kind, n.version, key, opened,
        {day} AS opened_day, opened_by, step, step_since, CASE WHEN met IS NULL THEN stuck_at END AS stuck_at,
        met, met_by, how, CASE WHEN abandoned <= {now} THEN abandoned END AS abandoned,
        coalesce(k.horizon, {horizon}) AS horizon, contacts, first_contact, first_trouble, noticed_by, lead,
        CASE WHEN opened + to_microseconds(CAST(1e6 * coalesce(k.horizon, {horizon}) AS BIGINT)) + {after} > {now}
            THEN NULL
            ELSE met IS NOT NULL
                AND met <= opened + to_microseconds(CAST(1e6 * coalesce(k.horizon, {horizon}) AS BIGINT))
                AND (first_contact IS NULL OR first_contact > met + {after}) END AS beforehand, excluded
    FROM need_rows n LEFT JOIN need_kinds k ON k.kind = n.kind AND k.version = n.version"""
STEPS = """
    CREATE TEMP VIEW need_steps AS
    SELECT need, customer, kind, version, step, position, entered, left_at, left_by, outcome, loops, stuck_at
    FROM need_step_rows"""
CONTACTS = """
    CREATE TEMP VIEW contacts AS SELECT id, customer, time, {day} AS day, name, channel, need,
        coalesce(k.kind, '') AS kind, origin_step AS step, linked_by, cause, probability, origin, origin_name,
        repeat_of, c.owner AS owner, overruled_by,
        coalesce(p.cost, (SELECT cost FROM contact_costs WHERE channel = '')) AS cost
    FROM contact_rows c LEFT JOIN need_kinds k ON k.number = (c.need & 1023) AND k.newest
    LEFT JOIN contact_costs p USING (channel)"""
ROWS = {"needs": "need_rows", "need_steps": "need_step_rows", "contacts": "contact_rows"}
AFTER = "INTERVAL 7 DAY"
USUAL_HORIZON = 14 * 86_400
AS_THEY_ARE = "WITH rows_of_python AS MATERIALIZED (FROM {table}) FROM rows_of_python"
"""Keeps the filters of a join away from rows that come from Python, whose scan does not know all of them."""


class Snapshot(NamedTuple):
    """What the views stand on: files, the customers whom they no longer describe, the kinds, the last moment known."""

    files: list[LakeFile]
    changed: list[int]
    kinds: list[tuple[Any, ...]]
    costs: list[tuple[Any, ...]]
    now: int
    marks: int

    @property
    def made(self) -> int:
        """The newest file."""
        return max((file.pk for file in self.files), default=0)


class Changed:
    """Rows of customers who changed, read from the record once, when a query first asks for any of the tables.

    DuckDB asks from a thread of its own while the one that opened the reader waits, so the connection is lent to it.
    """

    def __init__(self, customers: list[int]) -> None:
        self.customers = customers
        self.connection = connections[DEFAULT_DB_ALIAS]
        self.turn = threading.Lock()
        self.found: dict[str, pa.Table] = {}

    def table(self, name: str) -> pa.Table:
        with self.turn:
            if not self.found:
                self._read()
        return self.found[name]

    def _read(self) -> None:
        self.connection.inc_thread_sharing()
        try:
            facts = fact_files.of_customers(self.customers, self.connection)
        finally:
            self.connection.dec_thread_sharing()
        self.found |= tables_of(facts)


class Later:
    """One of the tables of `Changed`, for DuckDB to ask for when it needs it."""

    def __init__(self, name: str, changed: Changed) -> None:
        self.name = name
        self.changed = changed

    def __arrow_c_schema__(self) -> object:
        return SCHEMAS[self.name].__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.changed.table(self.name).__arrow_c_stream__(requested_schema)


def snapshot(now: int) -> Snapshot:
    """Belongs inside `manifest.one_moment()`. `now` in microseconds; nothing is known after the last touchpoint."""
    from beforehand.journey.contacts.costs import costs as contact_costs

    last = Journey.objects.order_by("-last_time").values_list("last_time", flat=True).first()
    known = now if last is None else min(now, _micros(last))
    changed = sorted(NeedChanged.objects.values_list("customer", flat=True))
    costs = [(channel, float(cost)) for channel, cost in contact_costs().items()]
    marks = ProjectionCursor.objects.filter(name=fact_files.MARKS).values_list("sequence", flat=True).first()
    return Snapshot(fact_files.live(), changed, _kinds(), costs, known, marks or 0)


def add_views(db: duckdb.DuckDBPyConnection, seen: Snapshot, zone: str) -> None:
    """Give a reader's connection the views, in one statement: a reader is opened for every page. Days are those of the
    zone."""
    moment = f"TIMESTAMP {quoted(from_micros(seen.now).replace(tzinfo=None).isoformat(sep=' '))}"
    facts = {"now": moment, "after": AFTER, "horizon": USUAL_HORIZON}
    statements = [
        f"CREATE TEMP VIEW known_until AS SELECT {moment} AS moment",
        f"CREATE TEMP VIEW need_kinds AS {_values(KINDS, seen.kinds)}",
        f"CREATE TEMP VIEW contact_costs AS {_values(COSTS, seen.costs)}",
        *(f"CREATE TEMP VIEW {ROWS[name]} AS {_rows(db, name, seen)}" for name in SCHEMAS),
        NEEDS.format(day=_day("opened", zone), **facts),
        STEPS,
        CONTACTS.format(day=_day("time", zone)),
    ]
    if seen.changed:
        engine.load(db, "needs_changed", pa.table({"customer": pa.array(seen.changed, pa.int64())}))
        changed = Changed(seen.changed)
        for name in SCHEMAS:
            db.register(f"changed_{name}", Later(name, changed))
    db.execute(";".join(statements))


def _rows(db: duckdb.DuckDBPyConnection, name: str, seen: Snapshot) -> str:
    columns = ", ".join(SCHEMAS[name].names)
    parts = []
    if files := [layout.file_at(file.path) for file in seen.files if file.table == name]:
        kept = " ANTI JOIN needs_changed USING (customer)" if seen.changed else ""
        parts.append(f"SELECT {columns} FROM {engine.parquet(files)}{kept}")
    if seen.changed:
        parts.append(f"SELECT {columns} FROM ({AS_THEY_ARE.format(table=f'changed_{name}')})")
    return " UNION ALL ".join(parts) or _values(SCHEMAS[name], [])


def _values(schema: pa.Schema, rows: list[tuple[Any, ...]]) -> str:
    """A few rows as SQL, with their types also when there are none."""
    typed = ", ".join(f"CAST({field.name} AS {SQL[field.type]}) AS {field.name}" for field in schema)
    listed = ", ".join(f"({', '.join(_literal(value) for value in row)})" for row in rows)
    nothing = ", ".join(["NULL"] * len(schema))
    values = listed or f"({nothing})"
    return f"SELECT {typed} FROM (VALUES {values}) given({', '.join(schema.names)}){'' if rows else ' WHERE false'}"


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    return quoted(value) if isinstance(value, str) else str(value)


def _day(column: str, zone: str) -> str:
    if zone == "UTC":
        return f"CAST({column} AS DATE)"
    return f"CAST(timezone({quoted(zone)}, timezone('UTC', {column})) AS DATE)"


def _kinds() -> list[tuple[Any, ...]]:
    """Every version of every kind."""
    from beforehand.journey.needs.durations import seconds_in

    stored = list(
        NeedKind.objects.order_by("slug", "version").values_list(
            "slug", "version", "number", "title", "definition", "off"
        )
    )
    newest = {slug: version for slug, version, *_rest in stored}
    return [
        (
            slug,
            version,
            number,
            title,
            seconds_in(data.get("horizon")) or USUAL_HORIZON,
            seconds_in(data.get("target")),
            data.get("owner", ""),
            off,
            newest[slug] == version,
        )
        for slug, version, number, title, data, off in stored
    ]


def _micros(moment: Any) -> int:
    from beforehand.lib.fields import to_micros

    return moment if isinstance(moment, int) else to_micros(moment)
