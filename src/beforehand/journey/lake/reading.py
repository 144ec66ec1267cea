"""One consistent snapshot of the lake and of what is not in it yet, to query with DuckDB."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa

from beforehand.journey.catalogue import Entry
from beforehand.journey.lake import added, engine, layout, manifest, need_views
from beforehand.journey.lake.broken import blaming
from beforehand.journey.lake.facts import add_facts, entries
from beforehand.journey.lake.hot import Hot, hot_rows
from beforehand.journey.lake.sealing import last_sequence
from beforehand.journey.lake.stage import day_in
from beforehand.journey.models import LakeFile, LakeState

FURTHEST = 250_000


class File(NamedTuple):
    """A live file: every row in it is of a day between its first and its last, both included."""

    path: Path
    first_day: date
    last_day: date
    rows: int


class Seen(NamedTuple):
    """What the record said when a snapshot was taken."""

    state: LakeState
    through: int
    found: list[LakeFile]
    hot: Hot
    zone: str
    needs: need_views.Snapshot


class Reader:
    """A snapshot. `through` is the last sequence number it has seen; `facts` rises with what is known of needs: the
    newest of its files, the last change since."""

    def __init__(self, seen: Seen, held: ExitStack) -> None:
        self._seen = seen
        self._held = held
        self.version = seen.state.version
        self.through = seen.through
        self.files = [File(layout.file_at(one.path), one.first_day, one.last_day, one.rows) for one in seen.found]
        self.hot = seen.hot.rows
        self.dirty = seen.hot.dirty
        self.facts = (seen.needs.made, seen.needs.marks)
        self.kinds = seen.needs.kinds

    @cached_property
    def catalogue(self) -> list[Entry]:
        """What every name in the data means, and every other that is catalogued."""
        return entries({name for file in self._seen.found for name in file.names} | set(_names(self.hot)))

    @cached_property
    def db(self) -> duckdb.DuckDBPyConnection:
        """A connection with the views that docs/lake.md lists; made when it is first asked for, since most pages find
        their answers kept."""
        state, _through, _found, hot, zone, needs = self._seen
        db = self._held.enter_context(engine.cursor())
        self._held.enter_context(blaming([*(file.path for file in self.files), *_paths(needs)]))
        _add_views(db, self.files, hot, zone if zone != state.zone else None)
        add_facts(db, self.catalogue)
        need_views.add_views(db, needs, zone)
        added.add_views(db, datetime.now(UTC), zone)
        return db


@contextmanager
def reader() -> Iterator[Reader]:
    """Open a snapshot. An error that a damaged or missing file causes inside becomes `LakeBroken`."""
    seen = _snapshot()
    with ExitStack() as held:
        yield Reader(seen, held)


def _names(rows: pa.Table) -> list[str]:
    found: list[str] = rows["name"].unique().to_pylist()
    return found


def _snapshot() -> Seen:
    """All that a reader needs of the record, of one moment.

    It looks so many sequence numbers past the lake and no further: what a running import adds counts when it is sealed.

    In a transaction of the caller's, PostgreSQL shows what others commit meanwhile: then it is read again.
    """
    while True:
        with manifest.one_moment():
            state = LakeState.own()
            through = max(min(last_sequence(), state.sealed_through + FURTHEST), state.sealed_through)
            zone = manifest.company_zone()
            found = manifest.live_files()
            hot = hot_rows(state, through, manifest.dirty_marks(), zone)
            needs = need_views.snapshot(manifest.now())
            after = LakeState.own()
        if (after.version, after.switches) == (state.version, state.switches):
            return Seen(state, through, found, hot, zone, needs)


def _paths(needs: need_views.Snapshot) -> list[Path]:
    return [layout.file_at(file.path) for file in needs.files]


def _add_views(db: duckdb.DuckDBPyConnection, files: list[File], hot: Hot, zone: str | None) -> None:
    """`zone` is given when the days in the files are of another zone than the company's: they are worked out anew."""
    engine.load(db, "hot", hot.rows)
    engine.load(db, "dirty", pa.table({"customer": pa.array(sorted(hot.dirty), pa.int64())}))
    if files:
        columns = f"* REPLACE ({day_in(zone)} AS day)" if zone else layout.COLUMNS
        db.execute(f"CREATE TEMP VIEW sealed AS SELECT {columns} FROM {engine.parquet(file.path for file in files)}")
    else:
        engine.load(db, "sealed", layout.SEALED.empty_table())
    clean = "sealed ANTI JOIN dirty USING (customer)" if hot.dirty else "sealed"
    db.execute(f"CREATE TEMP VIEW touchpoints AS SELECT {layout.COLUMNS} FROM {clean} UNION ALL FROM hot")
