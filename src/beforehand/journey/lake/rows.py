"""Touchpoints out of the record in the shape of the lake: columns by the hundred thousand, not objects."""

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
from django.db import connection

from beforehand.journey.lake.layout import FRESH

AT_ONCE = 50_000
IDS_AT_ONCE = 500
SELECT = """
    SELECT t.id, i.customer_id, t.time, t.name, t.channel, t.place, t.actor, t.source_id, t.properties
    FROM journey_touchpoint t JOIN customers_identifier i ON i.id = t.identifier_id
    WHERE substr(t.name, 1, 1) <> '$' AND """


def after(sequence: int, through: int) -> Iterator[pa.RecordBatch]:
    """The touchpoints that were recorded after one sequence number and through another."""
    return _batches(SELECT + "t.id > %s AND t.id <= %s", [sequence, through])


def of(customers: Sequence[int], through: int) -> Iterator[pa.RecordBatch]:
    """Everything of these customers through a sequence number."""
    for start in range(0, len(customers), IDS_AT_ONCE):
        part = customers[start : start + IDS_AT_ONCE]
        marks = ", ".join(["%s"] * len(part))
        yield from _batches(SELECT + f"i.customer_id IN ({marks}) AND t.id <= %s", [*part, through])


def last_before(customers: Sequence[int], through: int) -> pa.Table:
    """The last touchpoint of each of these customers among those through a sequence number: customer, time, name."""
    found: list[tuple[int, int, int, str]] = []
    for start in range(0, len(customers), IDS_AT_ONCE):
        part = customers[start : start + IDS_AT_ONCE]
        marks = ", ".join(["%s"] * len(part))
        with connection.cursor() as cursor:
            cursor.execute(LAST.format(marks=marks), [through, *part])
            found.extend(cursor.fetchall())
    latest: dict[int, tuple[int, int, str]] = {}
    for customer, time, sequence, name in found:
        if customer not in latest or latest[customer] < (time, sequence, name):
            latest[customer] = (time, sequence, name)
    return pa.table(
        {
            "customer": pa.array(latest, pa.int64()),
            "time": pa.array([time for time, _, _ in latest.values()], pa.timestamp("us")),
            "name": pa.array([name for _, _, name in latest.values()], pa.string()),
        }
    )


LAST = """
    SELECT i.customer_id, t.time, t.id, t.name
    FROM customers_identifier i JOIN journey_touchpoint t ON t.id = (
        SELECT p.id FROM journey_touchpoint p
        WHERE p.identifier_id = i.id AND p.id <= %s AND substr(p.name, 1, 1) <> '$'
        ORDER BY p.time DESC, p.id DESC LIMIT 1)
    WHERE i.customer_id IN ({marks})"""


def _batches(sql: str, parameters: Sequence[Any]) -> Iterator[pa.RecordBatch]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        while rows := cursor.fetchmany(AT_ONCE):
            columns = zip(*rows, strict=True)
            yield pa.record_batch(
                [pa.array(column, field.type) for column, field in zip(columns, FRESH, strict=True)], schema=FRESH
            )
