"""One consistent snapshot of the lake and of what is not in it yet, to query with DuckDB."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa

from beforehand.journey.lake import engine, layout, manifest, write
from beforehand.journey.lake.facts import add_facts
from beforehand.journey.lake.hot import hot_rows
from beforehand.journey.lake.seal import last_sequence
from beforehand.journey.models import DirtyCustomer, LakeState


class File(NamedTuple):
    """A live file: every row in it is of a day between its first and its last, both included."""

    path: Path
    first_day: date
    last_day: date
    rows: int


class Reader(NamedTuple):
    """A snapshot. `db` has the views that docs/lake.md lists; `through` is the last sequence number it has seen."""

    db: duckdb.DuckDBPyConnection
    version: int
    through: int
    files: list[File]
    dirty: set[int]


@contextmanager
def reader() -> Iterator[Reader]:
    with manifest.one_moment():
        state = LakeState.own()
        through = max(last_sequence(), state.sealed_through)
        found = manifest.live_files()
        marked = set(DirtyCustomer.objects.values_list("customer", flat=True))
        zone = manifest.company_zone()
        hot, dirty = hot_rows(state.sealed_through, through, marked, zone)
    files = [File(layout.file_at(file.path), file.first_day, file.last_day, file.rows) for file in found]
    names = {name for file in found for name in file.names} | set(hot["name"].unique().to_pylist())
    with engine.cursor() as db:
        _views(db, files, hot, dirty, zone if zone != state.zone else None)
        add_facts(db, names)
        yield Reader(db, state.version, through, files, dirty)


def _views(db: duckdb.DuckDBPyConnection, files: list[File], hot: pa.Table, dirty: set[int], zone: str | None) -> None:
    """`zone` is given when the files' days are of another zone than the company's: then days are worked out anew."""
    day = f"* REPLACE ({write.day_in(zone)} AS day)" if zone else layout.COLUMNS
    clean = " WHERE customer NOT IN (SELECT customer FROM dirty)" if dirty else ""
    db.register("hot", hot).register("dirty", pa.table({"customer": pa.array(sorted(dirty), pa.int64())}))
    if files:
        db.execute(f"CREATE TEMP VIEW sealed AS SELECT {day} FROM {engine.parquet([file.path for file in files])}")
    else:
        db.register("sealed", layout.SEALED.empty_table())
    db.execute(f"CREATE TEMP VIEW touchpoints AS SELECT * FROM sealed{clean} UNION ALL SELECT * FROM hot")
