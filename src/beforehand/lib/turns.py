"""One writer at a time. SQLite's IMMEDIATE transactions see to it; PostgreSQL is asked for the same.

There is one turn for everything that numbers or joins rows (identifiers, edges, touchpoints), so that two writers
cannot wait for each other.
"""

from django.db import connection

TURN = 0x42_4546_4F52_45


def take_turn() -> None:
    """Wait for the turn and hold it to the end of the transaction. Call it inside `transaction.atomic()`."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [TURN])
