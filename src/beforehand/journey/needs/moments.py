"""Touchpoints out of the record as tracing takes them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from django.db import connection

from beforehand.journey.needs.book import Book
from beforehand.journey.needs.shapes import Moment

CUSTOMERS_AT_ONCE = 500
ROWS_AT_ONCE = 20_000
NOTHING: Mapping[str, Any] = {}

# CROSS JOIN keeps SQLite to the order of the tables as written.
BY_CUSTOMER = """
    SELECT i.customer_id, t.id, t.time, t.name, t.channel, t.actor, t.properties
    FROM customers_identifier i CROSS JOIN journey_touchpoint t
    WHERE t.identifier_id = i.id AND i.customer_id IN ({customers}) AND t.id + 0 <= %s AND t.name IN ({names})"""
decode = msgspec.json.Decoder().decode


def moments_of(customers: Sequence[int], book: Book, through: int) -> dict[int, list[Moment]]:
    """What matters to needs and contacts of each of these customers, through a sequence number."""
    names = sorted(book.names)
    found: dict[int, list[Moment]] = {}
    for start in range(0, len(customers) if names else 0, CUSTOMERS_AT_ONCE):
        part = customers[start : start + CUSTOMERS_AT_ONCE]
        sql = BY_CUSTOMER.format(customers=_marks(part), names=_marks(names))
        with connection.cursor() as cursor:
            cursor.execute(sql, [*part, through, *names])
            while rows := cursor.fetchmany(ROWS_AT_ONCE):
                for customer, moment in moments_in(rows, book):
                    found.setdefault(customer, []).append(moment)
    return found


def moments_in(rows: Iterable[Sequence[Any]], book: Book) -> Iterator[tuple[int, Moment]]:
    """Rows (customer, id, time, name, channel, actor, properties) as moments, properties read where they matter."""
    kinds, bare = book.kinds, book.bare
    for customer, id, time, name, channel, actor, properties in rows:
        said = NOTHING if name in bare else properties_in(properties)
        yield customer, Moment(id, time, name, channel, actor, said, kinds.get(name, "value"))


def properties_in(text: str | None) -> Mapping[str, Any]:
    """Properties out of their JSON text; what is no object says nothing."""
    if not text or text == "{}":
        return NOTHING
    try:
        found = decode(text)
    except msgspec.DecodeError:
        return NOTHING
    return found if isinstance(found, dict) else NOTHING


def _marks(values: Sequence[object]) -> str:
    return ", ".join(["%s"] * len(values))
