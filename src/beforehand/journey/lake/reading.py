"""One consistent snapshot of the lake and of what is not in it yet, to query with DuckDB."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa

from beforehand.journey.lake import engine, layout, manifest, need_views
from beforehand.journey.lake.broken import blaming
from beforehand.journey.lake.facts import add_facts
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


class Reader(NamedTuple):
    """A snapshot. `db` has the views that docs/lake.md lists; `through` is the last sequence number it has seen;
    `facts` rises with what is known of needs: the newest of its files, the last change since."""

    db: duckdb.DuckDBPyConnection
    version: int
    through: int
    files: list[File]
    dirty: set[int]
    facts: tuple[int, int]


@contextmanager
def reader() -> Iterator[Reader]:
    """Open a snapshot. An error that a damaged or missing file causes inside becomes `LakeBroken`."""
    state, through, found, hot, zone, needs = _snapshot()
    files = [File(layout.file_at(file.path), file.first_day, file.last_day, file.rows) for file in found]
    names = {name for file in found for name in file.names} | set(hot.rows["name"].unique().to_pylist())
    with engine.cursor() as db, blaming([*(file.path for file in files), *_paths(needs)]):
        _add_views(db, files, hot, zone if zone != state.zone else None)
        add_facts(db, names)
        need_views.add_views(db, needs, zone)
        yield Reader(db, state.version, through, files, hot.dirty, (needs.made, needs.marks))


def _snapshot() -> tuple[LakeState, int, list[LakeFile], Hot, str, need_views.Snapshot]:
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
            return state, through, found, hot, zone, needs


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
