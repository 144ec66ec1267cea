"""Rows of needs and contacts in the record: what changed is written, the rest left alone."""

from collections.abc import Iterable, Sequence

from django.db import connection

from beforehand.journey.needs.rows import CONTACT, NEED, Row, Rows
from beforehand.lib.rows import batches

AT_ONCE = 500
NO_CUSTOMER = 2**62
TABLES = (("journey_need", NEED), ("journey_contact", CONTACT))


def stored(needs: Sequence[int], contacts: Sequence[int]) -> Rows:
    """The rows with these ids as they are."""
    return Rows(needs_with(NEED, needs), _with_ids("journey_contact", CONTACT, contacts))


def needs_with(columns: Sequence[str], ids: Sequence[int]) -> list[Row]:
    """These columns of the needs with these ids."""
    return _with_ids("journey_need", columns, ids)


def of_range(first: int, end: int | None) -> Rows:
    """The rows of the customers from one number to before another (None: to the end)."""
    until = NO_CUSTOMER if end is None else end
    condition = "customer_id >= %s AND customer_id < %s"
    return Rows(*(_where(table, columns, condition, [first, until]) for table, columns in TABLES))


def replace(before: Rows, after: Rows) -> set[int]:
    """Put rows in the place of those that were there before, in the caller's transaction.

    Only what differs is written. Gives the customers whose rows changed.
    """
    changed: set[int] = set()
    for (table, columns), old, new in zip(TABLES, before, after, strict=True):
        known = {row[0]: row for row in old}
        fresh = [row for row in new if known.get(row[0]) != row]
        gone = known.keys() - {row[0] for row in new}
        changed |= {row[1] for row in fresh} | {known[id][1] for id in gone}
        changed |= {known[row[0]][1] for row in fresh if row[0] in known}
        for part in batches(sorted(gone), AT_ONCE):
            with connection.cursor() as cursor:
                cursor.execute(f"DELETE FROM {table} WHERE id IN ({_marks(part)})", part)
        write(table, columns, sorted(fresh))  # in the order of the index
    return changed


def write(table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Add rows, over those with the same id."""
    values, names = ", ".join(["%s"] * len(columns)), ", ".join(f'"{name}"' for name in columns)
    again = ", ".join(f"{name} = excluded.{name}" for name in columns[1:])
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} ({names}) VALUES ({values}) ON CONFLICT (id) DO UPDATE SET {again}",
            list(rows),
        )


def _with_ids(table: str, columns: Sequence[str], ids: Sequence[int]) -> list[Row]:
    rows: list[Row] = []
    for part in batches(ids, AT_ONCE):
        rows += _where(table, columns, f"id IN ({_marks(part)})", part)
    return rows


def _where(table: str, columns: Sequence[str], condition: str, params: Sequence[int]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {names_of(columns, table)} FROM {table} WHERE {condition}", params)
        found: list[Row] = cursor.fetchall()
        return found


def names_of(columns: Sequence[str], table: str) -> str:
    """Columns as SQL names them."""
    return ", ".join(f'{table}."{name}"' for name in columns)


def _marks(values: Sequence[int]) -> str:
    return ", ".join(["%s"] * len(values))
