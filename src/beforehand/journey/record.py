"""The record: every touchpoint once, numbered in the order in which it was committed."""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Q

from beforehand.customers.models import Identifier
from beforehand.journey.models import CatalogueEntry, Touchpoint
from beforehand.lib.statements import ask
from beforehand.lib.turns import take_turn

LIMITS = {"message_id": 200, "name": 200, "channel": 40, "place": 400, "actor": 10}
COLUMNS = "source_id, message_id, identifier_id, name, time, received, channel, place, actor, properties, sent_as"
POSTGRES_TYPES = ("bigint", "text", "bigint", "text", "bigint", "bigint", *["text"] * 5)
POSTGRES_ROWS = 20_000
HALF = re.compile("[\ud800-\udfff]")
ESCAPED_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


class Row(NamedTuple):
    """A touchpoint on its way into the record: times in microseconds since 1970 UTC, properties as JSON text."""

    source: int
    message_id: str
    identifier: int
    name: str
    time: int
    received: int
    channel: str = ""
    place: str = ""
    actor: str = "customer"
    properties: str = "{}"
    sent_as: str = "{}"


def record(rows: Iterable[Row]) -> int:
    """Add touchpoints and give how many were new: a (source, message id) that is there already is left as it is.

    Runs in the caller's transaction. What a database cannot hold is made holdable first: see `clean`.
    """
    return insert([_holdable(row) for row in rows])


def insert(rows: Sequence[tuple[Any, ...]]) -> int:
    """`record` for rows in the order of `Row` that are known to be holdable: the import's fast path."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("record() belongs in transaction.atomic().")
    if not rows:
        return 0
    return _insert_postgres(rows) if connection.vendor == "postgresql" else _insert_sqlite(rows)


def number(rows: Sequence[Row]) -> list[int]:
    """Add a few touchpoints whose message ids nobody else can have, and give their numbers in the order of the rows."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("number() belongs in transaction.atomic().")
    if not rows:
        return []
    take_turn()
    one = f"({', '.join(['%s'] * len(Row._fields))})"
    statement = (
        f"INSERT INTO {Touchpoint._meta.db_table} ({COLUMNS}) VALUES {', '.join([one] * len(rows))} RETURNING id"
    )
    return [id for (id,) in ask(statement, list(chain.from_iterable(_holdable(row) for row in rows)))]


def _insert_sqlite(rows: Sequence[tuple[Any, ...]]) -> int:
    """As many rows a statement as it may have parameters: a statement a row takes half as long again, and holds
    Python's lock for most of it."""
    row = f"({', '.join(['%s'] * len(Row._fields))})"
    together = (connection.features.max_query_params or len(Row._fields)) // len(Row._fields)
    whole = len(rows) // together * together
    full = [list(chain.from_iterable(rows[start : start + together])) for start in range(0, whole, together)]
    with connection.cursor() as cursor:
        added = 0
        for count, parameters in ((together, full), (1, rows[whole:])):
            cursor.executemany(
                f"INSERT INTO {Touchpoint._meta.db_table} ({COLUMNS}) VALUES {', '.join([row] * count)}"
                " ON CONFLICT (source_id, message_id) DO NOTHING",
                parameters,
            )
            added += max(cursor.rowcount, 0)
        return added


def _insert_postgres(rows: Sequence[tuple[Any, ...]]) -> int:
    """Sequence numbers are drawn under a lock that ends with the transaction, so they come in commit order."""
    arrays = ", ".join(f"%s::{kind}[]" for kind in POSTGRES_TYPES)
    statement = (
        f"INSERT INTO {Touchpoint._meta.db_table} ({COLUMNS}) SELECT * FROM unnest({arrays})"
        " ON CONFLICT (source_id, message_id) DO NOTHING"
    )
    added = 0
    take_turn()
    with connection.cursor() as cursor:
        for part in _parts(rows, POSTGRES_ROWS):
            cursor.execute(statement, [list(column) for column in zip(*part, strict=True)])
            added += cursor.rowcount
    return added


def _parts(rows: Sequence[tuple[Any, ...]], size: int) -> Iterator[Sequence[tuple[Any, ...]]]:
    rest = iter(rows)
    while part := list(islice(rest, size)):
        yield part


def clean(text: str, limit: int | None = None) -> str:
    """Text that every database can hold: NUL and half characters become �, what is over the limit is cut off."""
    if limit is not None and len(text) > limit:
        text = text[:limit]
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    return text if text.isascii() else HALF.sub("\ufffd", text)


def clean_json(text: str) -> str:
    """The same for JSON text, where a NUL may also stand as an escape."""
    text = clean(text)
    return ESCAPED_NUL.sub(r"\1\\ufffd", text) if "\\u0000" in text else text


def message_key(message_id: str) -> str:
    """The message id, or when it is too long its beginning and a hash of all of it, so that no two become one."""
    limit = LIMITS["message_id"]
    if len(message_id) > limit:
        digest = hashlib.sha256(message_id.encode("utf-8", "surrogatepass")).hexdigest()[:40]
        message_id = f"{message_id[: limit - 41]}~{digest}"
    return clean(message_id)


def _holdable(row: Row) -> Row:
    return row._replace(
        message_id=message_key(row.message_id),
        name=clean(row.name, LIMITS["name"]),
        channel=clean(row.channel, LIMITS["channel"]),
        place=clean(row.place, LIMITS["place"]),
        properties=clean_json(row.properties),
        sent_as=clean_json(row.sent_as),
    )


def touchpoints_of(
    customer_id: int,
    before: tuple[int, int] | None = None,
    limit: int = 50,
    kinds: Collection[str] | None = None,
    channels: Collection[str] | None = None,
) -> list[Touchpoint]:
    """A customer's touchpoints over all their identifiers, newest first, without bookkeeping.

    `before` is (time in microseconds, id) of the last one shown. `kinds` are the catalogue's kinds.
    """
    identifiers = list(Identifier.objects.filter(customer_id=customer_id).values_list("id", flat=True))
    found = Touchpoint.objects.filter(identifier_id__in=identifiers).exclude(name__startswith="$")
    if before is not None:
        time, last = before
        found = found.filter(Q(time__lt=time) | Q(time=time, id__lt=last))
    if kinds is not None:
        found = found.filter(name__in=_names_of(kinds))
    if channels is not None:
        found = found.filter(channel__in=channels)
    return list(found.select_related("source", "identifier").order_by("-time", "-id")[:limit])


def _names_of(kinds: Collection[str]) -> list[str]:
    """The names whose newest catalogue entry is of one of these kinds."""
    newest = dict(CatalogueEntry.objects.order_by("version").values_list("name", "kind"))
    return [name for name, kind in newest.items() if kind in kinds]
