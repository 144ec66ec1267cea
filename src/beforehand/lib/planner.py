"""SQLite chooses its indexes by statistics of the tables, and has none unless it is asked to count.

Without them it takes the first index that fits: those who wait would be looked for among all conversations there are.
PostgreSQL counts by itself.
"""

from typing import Any

from django.db import connection

FEW = 100_000
"""Rows that are counted in no time, so they are every time."""
GROWN = 1.2


def inform(everything: bool = False) -> None:
    """Table by table, so that nobody waits to write for longer than one takes. Every row of an index is looked at: with
    `analysis_limit` a value that all rows have counts as rare, and just the wrong index is taken. Large tables are
    looked at when they have grown by a fifth, or with `everything`, as after a change of the indexes.
    """
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        counted = {} if everything else _counted(cursor)
        for table in _tables(cursor):
            if counted.get(table, 0) < FEW or _rows(cursor, table) > GROWN * counted[table]:
                cursor.execute(f"analyze {connection.ops.quote_name(table)}")


def _tables(cursor: Any) -> list[str]:
    """All but those that belong to a full-text index, which plans nothing by them."""
    cursor.execute("select name from sqlite_master where type = 'table' and sql like 'create virtual table%'")
    within = tuple(f"{name}_" for (name,) in cursor.fetchall())
    return [one for one in connection.introspection.table_names(cursor) if not one.startswith(within)]


def _counted(cursor: Any) -> dict[str, int]:
    """How many rows a table had when it was looked at last: a statistic begins with it."""
    cursor.execute("select 1 from sqlite_master where name = 'sqlite_stat1'")
    if not cursor.fetchone():
        return {}
    cursor.execute("select tbl, max(cast(stat as integer)) from sqlite_stat1 group by tbl")
    return dict(cursor.fetchall())


def _rows(cursor: Any, table: str) -> int:
    """At most so many, without counting: rows are numbered."""
    cursor.execute(f"select max(rowid) from {connection.ops.quote_name(table)}")
    return cursor.fetchone()[0] or 0
