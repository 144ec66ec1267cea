"""The intake: raw requests as they came, in a SQLite file of their own, whatever database holds the record.

What the collector has acknowledged is in here and on disk. The drain reads it in order; it stays for some days after
that, so that it can be looked into, and then goes.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Self

FULL = 2
SCHEMA = """
    CREATE TABLE IF NOT EXISTS request (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        received INTEGER NOT NULL,
        source INTEGER NOT NULL,
        key INTEGER NOT NULL,
        path TEXT NOT NULL,
        encoding TEXT NOT NULL,
        body BLOB NOT NULL
    )
"""
READ = "SELECT id, received, source, key, path, encoding, body FROM request"
STEP = 200


class Request(NamedTuple):
    """A request as it came: microseconds since 1970, ids of source and write key, path, content encoding, body."""

    received: int
    source: int
    key: int
    path: str
    encoding: str
    body: bytes


class Stored(NamedTuple):
    """A request with the number under which the intake keeps it. Numbers only ever grow."""

    id: int
    received: int
    source: int
    key: int
    path: str
    encoding: str
    body: bytes


class Intake:
    """One connection to the intake file. It may move between threads, but only one may use it at a time."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.database = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        for pragma in (
            "page_size=16384",
            "auto_vacuum=INCREMENTAL",
            "journal_mode=WAL",
            "synchronous=FULL",
            "secure_delete=ON",
            "wal_autocheckpoint=2000",
            "journal_size_limit=67108864",
        ):
            self.database.execute(f"PRAGMA {pragma}")
        self.database.execute(SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.database.close()

    @property
    def durable(self) -> bool:
        """Whether a commit on this very connection waits for the disk."""
        return bool(self.database.execute("PRAGMA synchronous").fetchone()[0] >= FULL)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self.database.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.database.execute("COMMIT")
        except BaseException:
            if self.database.in_transaction:
                self.database.execute("ROLLBACK")
            raise

    def append(self, requests: Iterable[Request]) -> None:
        """Put requests on disk, all or none. When this returns they are there, power cut or not."""
        with self._writing():
            self.database.executemany(
                "INSERT INTO request (received, source, key, path, encoding, body) VALUES (?, ?, ?, ?, ?, ?)", requests
            )

    def read(self, after: int, limit: int) -> Iterator[Stored]:
        """At most `limit` requests that came after this number, in order; reads on only as far as it is asked."""
        yield from map(Stored._make, self.database.execute(f"{READ} WHERE id > ? ORDER BY id LIMIT ?", (after, limit)))

    def waiting(self, after: int) -> int:
        """How many requests came after this number."""
        return int(self.database.execute("SELECT count(*) FROM request WHERE id > ?", (after,)).fetchone()[0])

    def continue_after(self, number: int) -> None:
        """Never give a new request this number or a smaller one.

        A cursor of the record may be ahead of an intake that was deleted or brought back from an older back-up; what
        comes in under a number that is already passed would never be read.
        """
        with self._writing():
            row = self.database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'request'").fetchone()
            if row is None:
                self.database.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('request', ?)", (number,))
            elif row[0] < number:
                self.database.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'request'", (number,))

    def purge(self, received_before: int, through: int) -> int:
        """Delete what is older than this moment and already drained; how many requests went."""
        gone = 0
        while True:
            with self._writing():
                step = self.database.execute(
                    "DELETE FROM request WHERE id IN"
                    " (SELECT id FROM request WHERE id <= ? AND received < ? ORDER BY id LIMIT ?)",
                    (through, received_before, STEP),
                ).rowcount
            if not step:
                break
            gone += step
        if gone:
            self._give_back()
        return gone

    def forget(self, without: Callable[[Stored], bytes | None]) -> int:
        """Rewrite every body for which `without` gives a new one, and leave no trace of the old; how many changed."""
        changed = last = 0
        while requests := list(self.read(last, STEP)):
            last = requests[-1].id
            rewritten = [(body, r.id) for r in requests if (body := without(r)) is not None]
            if rewritten:
                with self._writing():
                    self.database.executemany("UPDATE request SET body = ?, encoding = '' WHERE id = ?", rewritten)
                changed += len(rewritten)
        if changed:
            self._give_back()
        return changed

    def _give_back(self) -> None:
        """Free pages go back to the disk, and the log, which still holds the old bytes, is emptied."""
        self.database.execute("PRAGMA incremental_vacuum").fetchall()
        self.database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
