"""Touchpoints out of the record as tracing takes them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from django.db import connection

from beforehand.journey.needs.book import Book
from beforehand.journey.needs.shapes import Moment
from beforehand.lib.rows import relation

ROWS_AT_ONCE = 20_000
NOTHING: Mapping[str, Any] = {}

# CROSS JOIN keeps SQLite to the order of the tables as written.
COLUMNS = "i.customer_id, t.id, t.time, t.name, t.channel, t.actor, t.properties"
NEW = f"""
    SELECT {COLUMNS} FROM journey_touchpoint t CROSS JOIN customers_identifier i
    WHERE i.id = t.identifier_id AND t.id > %s AND t.id <= %s AND t.name IN ({{names}})"""
NEW_OF_ONE = f"""
    SELECT {COLUMNS} FROM customers_identifier i CROSS JOIN journey_touchpoint t
    WHERE i.customer_id = %s AND t.identifier_id = i.id AND t.id + 0 > %s AND t.id + 0 <= %s
        AND t.name IN ({{names}})"""
FROM = f"""
    SELECT {COLUMNS} FROM {{given}} given
    CROSS JOIN customers_identifier i CROSS JOIN journey_touchpoint t
    WHERE i.customer_id = given.customer AND t.identifier_id = i.id AND t.time >= given.since AND t.id + 0 <= %s
        AND t.name IN ({{names}})"""
BEFORE = f"""
    SELECT {COLUMNS} FROM {{given}} given
    CROSS JOIN customers_identifier i CROSS JOIN journey_touchpoint t
    WHERE i.customer_id = given.customer AND t.identifier_id = i.id AND t.time < given.since AND t.id + 0 <= %s
        AND t.name IN ({{names}})"""
SINCE = {"customer": "bigint", "since": "bigint"}
decode = msgspec.json.Decoder().decode


def new_moments(since: int, through: int, book: Book) -> dict[int, list[Moment]]:
    """What matters to needs and contacts of what was recorded after one number and through another, by customer."""
    return _found(NEW, [since, through], book)


def new_of(customer: int, since: int, through: int, book: Book) -> dict[int, list[Moment]]:
    """The same of one customer."""
    return _found(NEW_OF_ONE, [customer, since, through], book)


def moments_of(
    since: Mapping[int, int], book: Book, through: int, names: Collection[str] | None = None
) -> dict[int, list[Moment]]:
    """What matters of each of these customers from a time on (microseconds), through a sequence number.

    Where `names` are given, only touchpoints of these.
    """
    given, parameter = relation(SINCE, since.items())
    return _found(FROM.replace("{given}", given), [parameter, through], book, names) if since else {}


def moments_before(
    until: Mapping[int, int], names: Collection[str], through: int, book: Book
) -> dict[int, list[Moment]]:
    """The touchpoints of these names of each customer before a time."""
    given, parameter = relation(SINCE, until.items())
    return _found(BEFORE.replace("{given}", given), [parameter, through], book, names) if until else {}


def _found(
    sql: str, params: Sequence[int | str], book: Book, names: Collection[str] | None = None
) -> dict[int, list[Moment]]:
    wanted = sorted(book.names if names is None else names)
    found: dict[int, list[Moment]] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql.format(names=_marks(wanted)), [*params, *wanted])
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            for customer, moment in moments_in(rows, book):
                theirs = found.get(customer)
                if theirs is None:
                    theirs = found[customer] = []
                theirs.append(moment)
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


def _marks(values: Collection[object]) -> str:
    return ", ".join(["%s"] * len(values))
