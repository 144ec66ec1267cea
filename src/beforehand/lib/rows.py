"""Many rows in one statement: a relation made of values that a query can join, whatever the database.

The rows travel as one JSON parameter, so there is no limit on their number and no statement per row.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

import msgspec
from django.db import connection

T = TypeVar("T")
BATCH = 20_000


def relation(columns: dict[str, str], rows: Iterable[Sequence[Any]]) -> tuple[str, str]:
    """SQL of a subquery with these columns (name: bigint, text or boolean), and the one parameter that fills it."""
    if connection.vendor == "postgresql":
        cells = ", ".join(f"(value->>{n})::{kind} as {name}" for n, (name, kind) in enumerate(columns.items()))
        sql = f"(select {cells} from jsonb_array_elements(%s::jsonb))"
    else:
        cells = ", ".join(f"json_extract(value, '$[{n}]') as {name}" for n, name in enumerate(columns))
        sql = f"(select {cells} from json_each(%s))"
    return sql, msgspec.json.encode(list(rows)).decode()


def batches(rows: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, size)):
        yield batch
