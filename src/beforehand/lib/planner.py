"""SQLite chooses its indexes by statistics of the tables, and has none unless it is asked to count.

Without them it takes the first index that fits: those who wait would be looked for among all conversations there are.
PostgreSQL counts by itself.
"""

from django.db import connection


def inform() -> None:
    """Table by table, so that nobody waits to write for longer than one takes. Every row of an index is looked at: with
    `analysis_limit` a value that all rows have counts as rare, and just the wrong index is taken."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"analyze {connection.ops.quote_name(table)}")
