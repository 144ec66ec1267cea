"""SQLite chooses its indexes by statistics of the tables, and has none unless it is asked to count.

Without them it takes the first index that fits: those who wait would be looked for among all conversations there are.
PostgreSQL counts by itself.
"""

from django.db import connection

ROWS = 1000
"""Rows of an index that are looked at; more would not change the choice, and takes longer."""


def inform() -> None:
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"pragma analysis_limit = {ROWS}")
        cursor.execute("analyze")
