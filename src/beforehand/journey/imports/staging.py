"""A file's rows with their times and message ids, in a DuckDB of this process that spills to the data folder.

Tables: `staged(customer, name, time, channel, place, actor, properties, message, reason)`, whose row ids are the
ordinals of the rows in the file; `bad(ordinal, reason)`: left out; `people(customer, identifier)`: known;
`renamed(name, shown)`.

A message id is a hash of the customer, for locality: rows that are written in its order append to both indexes of the
record instead of splashing over them; then 128 bits of the whole row; then, from the second, the number of the
occurrence.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice, repeat
from pathlib import Path
from typing import Any

import duckdb
import pyarrow
from duckdb import DuckDBPyConnection

from beforehand.journey.imports.columns import ACTORS, Columns
from beforehand.journey.imports.table import Table, quoted
from beforehand.journey.imports.times import Extremes, Reading
from beforehand.journey.record import LIMITS

DAY = 86_400_000_000
YEAR_1900 = -2_208_988_800_000_000
YEAR_10000 = 253_402_300_800_000_000
LONGEST_CUSTOMER = 200
HASH = 22  # letters of base64 that 128 bits take, without what fills them up
MEMORY = "512MB"
BAD = "CREATE TABLE bad (ordinal BIGINT, reason VARCHAR)"
REPEATS = """
    CREATE TABLE repeats AS SELECT ordinal, occurrence FROM (
        SELECT rowid AS ordinal, row_number() OVER (PARTITION BY message ORDER BY rowid) AS occurrence
        FROM staged WHERE reason IS NULL)
    WHERE occurrence > 1"""

TOO_LONG = f"the customer's identifier is longer than {LONGEST_CUSTOMER} characters"
NO_ACTOR = f"the actor is none of {', '.join(ACTORS)}"
NOBODY = "the customer is a value that names nobody"


def opened(folder: Path, zone: str) -> DuckDBPyConnection:
    """An in-memory DuckDB with two threads that spills into `folder`; times without a zone are read in `zone`."""
    db = duckdb.connect(config={"threads": 2, "memory_limit": MEMORY, "temp_directory": str(folder / "spill")})
    db.execute("SET TimeZone = ?", [zone])
    db.execute("SET arrow_large_buffer_size = true")  # many rows of much text are over 2 GB
    return db


def extremes(db: DuckDBPyConnection, table: Table, column: str) -> Extremes:
    """The largest first and second number of dates like 1/2/2024, over the whole file."""

    def ask() -> tuple[int, int]:
        number = "max(try_cast(regexp_extract({}, '^\\s*(\\d{{1,2}})[/.-](\\d{{1,2}})[/.-]', {}) AS INTEGER))"
        asked = ", ".join(number.format(table.text(column), place) for place in (1, 2))
        first, second = db.execute(f"SELECT {asked} FROM {table.scan}").fetchone() or (0, 0)
        return first or 0, second or 0

    return ask


def stage(db: DuckDBPyConnection, table: Table, columns: Columns, reading: Reading, latest: int | None) -> None:
    """Fill `staged`. `latest` is the last time (µs) that is believed; None believes any."""
    customer, name, moment = (
        f"trim({table.text(column)})" for column in (columns.customer, columns.name, columns.time)
    )
    hash_ = f"left(md5({customer}), 5) || left(to_base64(unhex(md5({table.whole_row()}))), {HASH})"
    db.execute(
        f"""
        CREATE TABLE staged AS
        SELECT customer, left(name, {LIMITS["name"]}) AS name, time, channel, place, actor, properties, message,
            coalesce(unreadable, {_reason(latest)}) AS reason
        FROM (
            SELECT {customer} AS customer, {name} AS name, {moment} AS written, {reading.of(moment)} AS time,
                {_optional(table, columns.channel, LIMITS["channel"])} AS channel,
                {_optional(table, columns.place, LIMITS["place"])} AS place,
                {_actor(table, columns.actor)} AS actor,
                {table.properties(columns.properties, columns.mapped)} AS properties,
                {hash_} AS message, {table.unreadable()} AS unreadable
            FROM {table.scan}
        )
        """
    )
    db.execute(BAD)
    db.execute("INSERT INTO bad SELECT rowid, reason FROM staged WHERE reason IS NOT NULL")
    db.execute("CREATE TABLE people (customer VARCHAR, identifier BIGINT)")
    db.execute("CREATE TABLE renamed (name VARCHAR, shown VARCHAR)")


def _optional(table: Table, column: str | None, limit: int) -> str:
    return f"coalesce(left(trim({table.text(column)}), {limit}), '')" if column else "''"


def _actor(table: Table, column: str | None) -> str:
    """Who did it: the customer, where that is not said."""
    return f"coalesce(nullif(lower(trim({table.text(column)})), ''), 'customer')" if column else "'customer'"


def _reason(latest: int | None) -> str:
    believed = (
        f"WHEN time < {YEAR_1900} THEN 'dated before 1900'"
        f" WHEN time BETWEEN {-DAY} AND {DAY} THEN 'dated 1970-01-01, which is what a missing time looks like'"
        f" WHEN time > {latest} THEN 'dated in the future'"
        if latest is not None
        else ""
    )
    return f"""CASE
        WHEN coalesce(customer, '') = '' THEN 'no customer'
        WHEN length(customer) > {LONGEST_CUSTOMER} THEN {quoted(TOO_LONG)}
        WHEN coalesce(name, '') = '' THEN 'no name'
        WHEN coalesce(written, '') = '' THEN 'no time'
        WHEN time IS NULL OR abs(time) >= {YEAR_10000} THEN 'the time cannot be read: ' || left(written, 60)
        WHEN actor NOT IN ({", ".join(map(quoted, ACTORS))}) THEN {quoted(NO_ACTOR)} || ': ' || left(actor, 60)
        {believed} END"""


def rename(db: DuckDBPyConnection, name_of: Callable[[str], str]) -> None:
    """Give names that begin with `$` others, so that only bookkeeping has such."""
    for (name,) in db.execute("SELECT DISTINCT name FROM staged WHERE name LIKE '$%'").fetchall():
        db.execute("INSERT INTO renamed VALUES (?, ?)", [name, name_of(name)])


def people(db: DuckDBPyConnection, at_once: int) -> Iterator[list[str]]:
    """Everybody in the file, in the order in which their rows are written."""
    found = db.cursor().execute(
        "SELECT customer FROM staged WHERE reason IS NULL GROUP BY customer ORDER BY left(md5(customer), 5), customer"
    )
    while rows := found.fetchmany(at_once):
        yield [customer for (customer,) in rows]


def know(db: DuckDBPyConnection, pairs: Iterable[tuple[str, int]]) -> None:
    """Keep the identifiers of people."""
    columns: Sequence[Any] = list(zip(*pairs, strict=True)) or [(), ()]
    types = {"customer": pyarrow.string(), "identifier": pyarrow.int64()}
    db.register(
        "pairs", pyarrow.table([pyarrow.array(c, t) for c, t in zip(columns, types.values(), strict=True)], list(types))
    )
    db.execute("INSERT INTO people SELECT customer, identifier FROM pairs")
    db.unregister("pairs")


@contextmanager
def repeats(db: DuckDBPyConnection) -> Iterator[None]:
    """Number true repeats, aside: meanwhile the caller makes people known, at the end it is done."""
    with ThreadPoolExecutor(1) as aside:
        numbered = aside.submit(db.cursor().execute, REPEATS)
        yield
        numbered.result()


def settle(db: DuckDBPyConnection) -> int:
    """Leave out who is nobody, and give how many rows are ready."""
    db.execute(
        f"INSERT INTO bad SELECT staged.rowid, '{NOBODY}: ' || left(customer, 60) FROM staged"
        " ANTI JOIN people USING (customer) WHERE reason IS NULL"
    )
    db.execute(
        "UPDATE staged SET reason = bad.reason FROM bad WHERE bad.ordinal = staged.rowid AND staged.reason IS NULL"
    )
    (ready,) = db.execute("SELECT count(*) FROM staged WHERE reason IS NULL").fetchone() or (0,)
    return int(ready)


def rows(db: DuckDBPyConnection, source: int, received: int, at_once: int) -> Iterator[list[tuple[Any, ...]]]:
    """What goes into the record, in the order of `record.Row`: by customer, and a customer's rows by time and place.

    The next part is made ready while the one before it is written.
    """
    found = db.cursor().execute(
        """
        SELECT message || coalesce('-' || occurrence, ''), identifier, coalesce(shown, name), time, channel, place,
            actor, properties
        FROM staged JOIN people USING (customer) LEFT JOIN repeats ON repeats.ordinal = staged.rowid
            LEFT JOIN renamed USING (name)
        WHERE reason IS NULL
        ORDER BY left(message, 5), staged.customer, time, staged.rowid
        """
    )
    parts = _parts(found.to_arrow_reader(at_once), source, received, at_once)
    with ThreadPoolExecutor(1) as aside:
        following = aside.submit(next, parts, None)
        while part := following.result():
            following = aside.submit(next, parts, None)
            yield part


def _parts(
    batches: Iterable[pyarrow.RecordBatch], source: int, received: int, at_once: int
) -> Iterator[list[tuple[Any, ...]]]:
    """Rows out of whole columns: a third of the time that DuckDB takes to make tuples."""
    for batch in batches:
        message, identifier, name, time, *more = (column.to_pylist() for column in batch.columns)
        whole = zip(
            repeat(source), message, identifier, name, time, repeat(received), *more, repeat("{}"), strict=False
        )
        while part := list(islice(whole, at_once)):
            yield part


def overview(db: DuckDBPyConnection) -> tuple[int, int, int | None, int | None]:
    """Of the rows that are ready: customers, names, first and last time (µs)."""
    return db.execute(
        "SELECT (SELECT count(*) FROM people), count(DISTINCT name), min(time), max(time) FROM staged"
        " WHERE reason IS NULL"
    ).fetchone() or (0, 0, None, None)
