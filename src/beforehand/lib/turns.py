"""One writer at a time. SQLite's IMMEDIATE transactions see to it; PostgreSQL is asked for the same.

There is one turn for everything that numbers or joins rows (identifiers, edges, touchpoints), so that two writers
cannot wait for each other.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from operator import is_
from pathlib import Path

from django.conf import settings
from django.db import Error, connection

from beforehand.lib.statements import ask, tell

TURN = 0x42_4546_4F52_45
LINE = "writing.lock"


@contextmanager
def in_line() -> Iterator[None]:
    """Wait in a line to write, as PostgreSQL has one by itself; enter it before the transaction begins.

    Whoever waits for SQLite's one writer looks again now and then, up to a tenth of a second apart, and whoever writes
    one transaction after another is always there first. Who waits for a file is woken.
    """
    if connection.vendor == "postgresql" or connection.in_atomic_block:
        yield
        return
    with (Path(settings.DATA) / LINE).open("a") as line:
        fcntl.flock(line, fcntl.LOCK_EX)
        yield


@contextmanager
def redoable() -> Iterator[None]:
    """What is done here would be done again if the machine failed, so PostgreSQL does not wait for the disk after each
    transaction. They are on disk before any later one that somebody waits for. SQLite waits."""
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        yield
        return
    tell("set synchronous_commit to off")
    try:
        yield
    finally:
        with suppress(Error):  # A connection that is lost has lost this with it.
            tell("reset synchronous_commit")


def take_turn() -> None:
    """Wait for the turn and hold it to the end of the transaction. Call it inside `transaction.atomic()`.

    Rolling back to a savepoint gives back what was taken after it, so only whoever is still inside the very blocks in
    which it was taken need not ask again.
    """
    if connection.vendor != "postgresql":
        return
    blocks = [one for place, one in enumerate(connection.atomic_blocks) if one.savepoint or not place]
    taken_in = connection.__dict__.get("turn_taken_in")
    if taken_in and len(taken_in) <= len(blocks) and all(map(is_, taken_in, blocks)):
        return
    ask("select pg_advisory_xact_lock(%s)", [TURN])
    connection.__dict__["turn_taken_in"] = blocks
