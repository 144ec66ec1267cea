"""Rows of needs and contacts in the record: what changed is written, the rest left alone."""

from collections.abc import Iterable, Sequence

from django.db import connection

from beforehand.journey.lake import fact_files
from beforehand.journey.needs.rows import CONTACT, NEED, Row, Rows
from beforehand.lib.rows import batches

AT_ONCE = 500
TABLES = (("journey_need", NEED), ("journey_contact", CONTACT))


def stored(needs: Sequence[int], contacts: Sequence[int]) -> Rows:
    """The rows with these ids as they are."""
    return Rows(needs_with(NEED, needs), _with_ids("journey_contact", CONTACT, contacts))


def needs_with(columns: Sequence[str], ids: Sequence[int]) -> list[Row]:
    """These columns of the needs with these ids."""
    return _with_ids("journey_need", columns, ids)


def replace(before: Rows, after: Rows) -> int:
    """Put rows in the place of those that were there before, in the caller's transaction; how many were written."""
    changed: set[int] = set()
    written = 0
    for (table, columns), old, new in zip(TABLES, before, after, strict=True):
        known = {row[0]: row for row in old}
        fresh = [row for row in new if known.get(row[0]) != row]
        gone = known.keys() - {row[0] for row in new}
        changed |= {row[1] for row in fresh} | {known[id][1] for id in gone}
        changed |= {known[row[0]][1] for row in fresh if row[0] in known}
        for part in batches(sorted(gone), AT_ONCE):
            with connection.cursor() as cursor:
                cursor.execute(f"DELETE FROM {table} WHERE id IN ({_marks(part)})", part)
        write(table, columns, fresh)
        written += len(fresh) + len(gone)
    fact_files.mark_changed(changed)
    return written


def write(table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Add rows, over those with the same id."""
    values = ", ".join(["%s"] * len(columns))
    again = ", ".join(f"{name} = excluded.{name}" for name in columns[1:])
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} ({_names(columns)}) VALUES ({values}) ON CONFLICT (id) DO UPDATE SET {again}",
            list(rows),
        )


def _with_ids(table: str, columns: Sequence[str], ids: Sequence[int]) -> list[Row]:
    rows: list[Row] = []
    for part in batches(ids, AT_ONCE):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {_names(columns)} FROM {table} WHERE id IN ({_marks(part)})", part)
            rows += cursor.fetchall()
    return rows


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _marks(values: Sequence[int]) -> str:
    return ", ".join(["%s"] * len(values))
