"""Staged touchpoints into files: with the name of the previous touchpoint of the customer and the seconds since."""

from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow as pa
from django.utils import timezone

from beforehand.journey.lake import layout, manifest
from beforehand.journey.lake.engine import load, parquet, quoted
from beforehand.journey.lake.stage import Progress, Stage
from beforehand.journey.models import LakeFile
from beforehand.lib import disk

DERIVED = """
    SELECT id, fresh.customer AS customer, fresh.time AS time, day, fresh.name AS name, channel, place, actor, source,
        properties, coalesce(lag(fresh.name) OVER journey, last.name) AS previous,
        (epoch_us(fresh.time) - epoch_us(coalesce(lag(fresh.time) OVER journey, last.time))) / 1e6 AS gap
    FROM {fresh} fresh LEFT JOIN last ON last.customer = fresh.customer
    WINDOW journey AS (PARTITION BY fresh.customer ORDER BY fresh.time, id)"""
IN_ORDER = " ORDER BY customer, time, id"
NEWER_LAST = """
    CREATE OR REPLACE TABLE last AS
    SELECT customer, max_by(name, file_row_number) AS name, max(time) AS time FROM {written} GROUP BY customer
    UNION ALL SELECT * FROM last ANTI JOIN {written} USING (customer)"""


def derived(fresh: str) -> str:
    """SQL that gives rows the lake's columns. The table `last` has the touchpoint before the first one, if any."""
    return DERIVED.format(fresh=fresh)


def write_stage(
    db: duckdb.DuckDBPyConnection, stage: Stage, last: pa.Table | None = None, progress: Progress | None = None
) -> list[LakeFile]:
    """Write what was staged, in order of time, so that each file finds the previous touchpoints in those before it.

    `last` is an Arrow table with the touchpoint of each customer that comes before the staged ones. The files are on
    disk and not yet in the manifest.
    """
    db.execute("CREATE OR REPLACE TABLE last (customer BIGINT, name VARCHAR, time TIMESTAMP)")
    if last is not None:
        load(db, "given", last)
        db.execute("INSERT INTO last SELECT customer, name, time FROM given")
    files: list[LakeFile] = []
    try:
        for span in layout.spans(stage.days, timezone.now().date()):
            files.append(write_file(db, derived(stage.within(span)) + IN_ORDER, span))
            db.execute(NEWER_LAST.format(written=parquet([layout.file_at(files[-1].path)], file_row_number=True)))
            if progress:
                progress("writing", sum(file.rows for file in files), stage.rows)
    except BaseException:
        discard(files)
        raise
    return files


def write_file(db: duckdb.DuckDBPyConnection, select: str, span: layout.Span) -> LakeFile:
    """One new file of what a query gives, on disk and not yet in the manifest."""
    path = layout.new_path(span)
    target = layout.file_at(path)
    rows = copy(db, select, target)
    names = db.execute(f"SELECT DISTINCT name FROM {parquet([target])} ORDER BY name").fetchall()
    return LakeFile(
        path=path,
        first_day=span.first,
        last_day=span.last,
        rows=rows,
        bytes=target.stat().st_size,
        names=[name for (name,) in names],
        created=manifest.now(),
    )


def copy(db: duckdb.DuckDBPyConnection, select: str, target: Path) -> int:
    """Write what a query gives into a Parquet file that is whole and on disk when it has its name. Gives its rows."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".tmp")
    try:
        (rows,) = db.execute(
            f"COPY ({select}) TO {quoted(unfinished)}"
            f" (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {layout.ROW_GROUP})"
        ).fetchone()  # type: ignore[misc]
        disk.settle(unfinished)
        unfinished.rename(target)
        disk.settle(target.parent)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    return int(rows)


def discard(files: Iterable[LakeFile]) -> None:
    """Take files off the disk that no manifest lists."""
    for file in files:
        layout.file_at(file.path).unlink(missing_ok=True)
