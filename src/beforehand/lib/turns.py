"""One writer at a time. SQLite's IMMEDIATE transactions see to it; PostgreSQL is asked for the same.

There is one turn for everything that numbers or joins rows (identifiers, edges, touchpoints), so that two writers
cannot wait for each other.
"""

from operator import is_

from django.db import connection

TURN = 0x42_4546_4F52_45


def take_turn() -> None:
    """Wait for the turn and hold it to the end of the transaction. Call it inside `transaction.atomic()`.

    Rolling back to a savepoint gives back what was taken after it, so only whoever is still inside the very blocks in
    which it was taken need not ask again.
    """
    if connection.vendor != "postgresql":
        return
    blocks, taken_in = connection.atomic_blocks, connection.__dict__.get("turn_taken_in")
    if taken_in and len(taken_in) <= len(blocks) and all(map(is_, taken_in, blocks)):
        return
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [TURN])
    connection.__dict__["turn_taken_in"] = list(blocks)
