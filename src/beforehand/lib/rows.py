"""Rows in few and cheap statements, whatever the database.

`relation`: many values as something that a query can join. They travel as one JSON parameter, so there is no limit on
their number and no statement per row. `put`, `replace`, `found`: a model's rows, by statements that are put together
once. Use `found` for rows of one model by a condition in SQL, or locked; with joins or columns of its own: `prepared`.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

import msgspec
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.db.models import Field, Model

from beforehand.lib.statements import ask, tell

T = TypeVar("T")
M = TypeVar("M", bound=Model)
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


def put(rows: Sequence[Model]) -> None:
    """Insert rows of one model in one statement; those without an id get theirs. No signals.

    Django puts an INSERT together anew each time, which costs ten times what running it does.
    """
    if not rows:
        return
    model, has_id = type(rows[0]), rows[0].pk is not None
    statement, fields = _insert(model, has_id, len(rows))
    if has_id:
        tell(statement, _values(rows, fields))
    else:
        for row, (number,) in zip(rows, ask(statement, _values(rows, fields)), strict=True):
            row.pk = number
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def put_over(rows: Sequence[Model], *names: str) -> None:
    """Insert rows without ids in one statement, or write them over those that have the same values in the columns
    named, which are unique together. No signals; the rows get no ids."""
    if rows:
        statement, fields = _upsert(type(rows[0]), names, len(rows), over=True)
        tell(statement, _values(rows, fields))


def put_new(row: Model, *names: str) -> bool:
    """Insert a row without an id unless one has the same values in the columns named, which are unique together;
    whether it did. No signals."""
    statement, fields = _upsert(type(row), names, 1, over=False)
    for (number,) in ask(statement, _values([row], fields)):
        row.pk = number
        row._state.adding, row._state.db = False, connection.alias
    return row.pk is not None


def replace(row: Model, *names: str) -> None:
    """Write a row over itself: the columns named, or all of them. No signals. Raises ObjectDoesNotExist when
    it is gone."""
    statement, fields = _update(type(row), names)
    values = [field.get_db_prep_save(field.pre_save(row, False), connection) for field in fields]
    if tell(statement, [*values, row.pk]) != 1:
        raise ObjectDoesNotExist(f"{row._meta.label} {row.pk}")


def _values(rows: Iterable[Model], fields: Sequence[Field[Any, Any]]) -> list[Any]:
    return [field.get_db_prep_save(field.pre_save(row, True), connection) for row in rows for field in fields]


@lru_cache(256)
def _insert(model: type[Model], has_id: bool, count: int) -> tuple[str, list[Field[Any, Any]]]:
    fields = [field for field in model._meta.concrete_fields if has_id or not field.primary_key]
    names = ", ".join(f'"{field.column}"' for field in fields)
    one = f"({', '.join(['%s'] * len(fields))})"
    asked = "" if has_id else f' returning "{_key(model)}"'
    return f'insert into "{model._meta.db_table}" ({names}) values {", ".join([one] * count)}{asked}', fields


@lru_cache(64)
def _upsert(model: type[Model], names: tuple[str, ...], count: int, over: bool) -> tuple[str, list[Field[Any, Any]]]:
    statement, fields = _insert(model, False, count)
    insert, _returning, key = statement.partition(" returning ")
    unique = ", ".join(f'"{field.column}"' for field in fields if field.name in names)
    others = (f'"{field.column}" = excluded."{field.column}"' for field in fields if field.name not in names)
    then = f"update set {', '.join(others)}" if over else f"nothing returning {key}"
    return f"{insert} on conflict ({unique}) do {then}", fields


@lru_cache(256)
def _update(model: type[Model], names: tuple[str, ...]) -> tuple[str, list[Field[Any, Any]]]:
    every = [field for field in model._meta.concrete_fields if not field.primary_key]
    fields = [field for field in every if not names or field.name in names]
    sets = ", ".join(f'"{field.column}" = %s' for field in fields)
    return f'update "{model._meta.db_table}" set {sets} where "{_key(model)}" = %s', fields


def found(model: type[M], where: str, *values: Any) -> list[M]:
    """The rows for a condition in plain SQL, which may also say their order."""
    columns, names, converters = _select(model)
    rows = []
    for one in ask(f'select {columns} from "{model._meta.db_table}" where {where}', values):
        read = list(one)
        for place, column, convert in converters:
            read[place] = convert(read[place], column, connection)
        rows.append(model.from_db(connection.alias, names, read))
    return rows


@lru_cache(64)
def _select(model: type[Model]) -> tuple[str, list[str], list[tuple[int, Any, Any]]]:
    fields, converters = model._meta.concrete_fields, []
    for place, field in enumerate(fields):
        column = field.get_col(model._meta.db_table)
        for convert in (*connection.ops.get_db_converters(column), *column.get_db_converters(connection)):
            converters.append((place, column, convert))
    table = model._meta.db_table
    columns = ", ".join(f'"{table}"."{field.column}"' for field in fields)
    return columns, [field.attname for field in fields], converters


def _key(model: type[Model]) -> str:
    assert model._meta.pk is not None
    return str(model._meta.pk.column)
