"""Touchpoints out of the record in the shape of the lake: whole columns, not objects."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from django.db import connection

from beforehand.journey.lake.layout import FRESH

SEQUENCES_AT_ONCE = 5_000
ROWS_AT_ONCE = 50_000
CUSTOMERS_AT_ONCE = 500

# CROSS JOIN keeps SQLite to the order of the tables as written.
COLUMNS = (
    "t.id",
    "i.customer_id",
    "t.time",
    "t.name",
    "t.channel",
    "t.place",
    "t.actor",
    "t.source_id",
    "t.properties",
)
CUSTOMER = COLUMNS.index("i.customer_id")
_ALONE = {"i.customer_id": "t.identifier_id"}
BY_SEQUENCE = """
    SELECT {columns} FROM journey_touchpoint t CROSS JOIN customers_identifier i
    WHERE i.id = t.identifier_id AND substr(t.name, 1, 1) <> '$' AND t.id > %s AND t.id <= %s"""
ALONE = """
    SELECT {columns} FROM journey_touchpoint t
    WHERE substr(t.name, 1, 1) <> '$' AND t.id > %s AND t.id <= %s"""
MANY = 1_000_000
BY_CUSTOMER = """
    SELECT {columns} FROM customers_identifier i CROSS JOIN journey_touchpoint t
    WHERE t.identifier_id = i.id AND substr(t.name, 1, 1) <> '$' AND t.id + 0 <= %s AND i.customer_id IN ({marks})"""
LAST = """
    SELECT i.customer_id, t.time, t.id, t.name
    FROM customers_identifier i CROSS JOIN journey_touchpoint t
    WHERE t.id = (
        SELECT p.id FROM journey_touchpoint p
        WHERE p.identifier_id = i.id AND p.id + 0 <= %s AND substr(p.name, 1, 1) <> '$'
        ORDER BY p.time DESC, p.id DESC LIMIT 1)
    AND i.customer_id IN ({marks})"""


def after(sequence: int, through: int) -> Iterator[pa.RecordBatch]:
    """The touchpoints that were recorded after one sequence number and through another.

    The database packs each column of a few thousand rows into one JSON text: that takes a third of the time of rows as
    tuples, and half of it without holding Python's lock, so that the part before is unpacked meanwhile. Where there are
    many, whose an identifier is comes out of one array; looking it up a row at a time costs as much as reading the row.
    """
    pack = "json_group_array({})" if connection.vendor == "sqlite" else "CAST(json_agg({}) AS text)"
    owners = _owners() if through - sequence >= MANY else None
    columns = COLUMNS if owners is None else tuple(_ALONE.get(column, column) for column in COLUMNS)
    table = BY_SEQUENCE if owners is None else ALONE
    select = table.format(columns=", ".join(pack.format(column) for column in columns))
    unpacking: Future[pa.RecordBatch] | None = None
    with connection.cursor() as cursor, ThreadPoolExecutor(1) as aside:
        for start in range(sequence, through, SEQUENCES_AT_ONCE):
            cursor.execute(select, [start, min(start + SEQUENCES_AT_ONCE, through)])
            packed = cursor.fetchone()
            if unpacking:
                yield unpacking.result()
            unpacking = aside.submit(_unpacked, packed, owners)
        if unpacking:
            yield unpacking.result()


def of(customers: Sequence[int], through: int) -> Iterator[pa.RecordBatch]:
    """Everything of these customers through a sequence number."""
    for part, marks in _parts(customers):
        with connection.cursor() as cursor:
            cursor.execute(BY_CUSTOMER.format(columns=", ".join(COLUMNS), marks=marks), [through, *part])
            while found := cursor.fetchmany(ROWS_AT_ONCE):
                yield _batch(list(zip(*found, strict=True)))


def last_before(customers: Sequence[int], through: int) -> pa.Table:
    """The last touchpoint of each of these customers among those through a sequence number: customer, name, time."""
    latest: dict[int, tuple[int, int, str]] = {}
    for part, marks in _parts(customers if through else []):
        with connection.cursor() as cursor:
            cursor.execute(LAST.format(marks=marks), [through, *part])
            for customer, *found in cursor.fetchall():
                latest[customer] = max(latest.get(customer, (-(2**63), 0, "")), tuple(found))
    return pa.table(
        {
            "customer": pa.array(latest, pa.int64()),
            "name": pa.array([name for _, _, name in latest.values()], pa.string()),
            "time": pa.array([time for time, _, _ in latest.values()], pa.timestamp("us")),
        }
    )


def _parts(customers: Sequence[int]) -> Iterator[tuple[Sequence[int], str]]:
    for start in range(0, len(customers), CUSTOMERS_AT_ONCE):
        part = customers[start : start + CUSTOMERS_AT_ONCE]
        yield part, ", ".join(["%s"] * len(part))


def _owners() -> "np.ndarray[Any, np.dtype[np.int64]]":
    """The customer of each identifier, at the place of its id."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, customer_id FROM customers_identifier")
        found = np.array(cursor.fetchall(), np.int64).reshape(-1, 2)
    owners = np.zeros(found[:, 0].max(initial=0) + 1, np.int64)
    owners[found[:, 0]] = found[:, 1]
    return owners


def _unpacked(packed: Sequence[str | None], owners: Any = None) -> pa.RecordBatch:
    columns = [msgspec.json.decode(column or "[]") for column in packed]
    if owners is not None:
        columns[CUSTOMER] = owners[np.array(columns[CUSTOMER], np.int64)]
    return _batch(columns)


def _batch(columns: Sequence[Sequence[object]]) -> pa.RecordBatch:
    arrays = [pa.array(column, field.type) for column, field in zip(columns, FRESH, strict=True)]
    return pa.record_batch(arrays, schema=FRESH)
