"""Fresh touchpoints into files: with the day, the previous touchpoint's name and the seconds since."""

import os
from pathlib import Path

import duckdb

from beforehand.journey.lake import layout, manifest
from beforehand.journey.lake.engine import quoted
from beforehand.journey.models import LakeFile

DERIVED = """
    SELECT id, customer, time, {day} AS day, name, channel, place, actor, source, properties,
        coalesce(lag(name) OVER journey, last_name) AS previous,
        (epoch_us(time) - epoch_us(coalesce(lag(time) OVER journey, last_time))) / 1e6 AS gap
    FROM {fresh} WINDOW journey AS (PARTITION BY customer ORDER BY time, id)"""
NO_LAST = "(SELECT *, NULL::VARCHAR AS last_name, NULL::TIMESTAMP AS last_time FROM {fresh})"
WITH_LAST = """(SELECT fresh.*, last.name AS last_name, last.time AS last_time
    FROM {fresh} fresh LEFT JOIN {last} last ON last.customer = fresh.customer)"""


def day_in(zone: str) -> str:
    """SQL for the day of `time` in a zone."""
    if zone == "UTC":
        return "CAST(time AS DATE)"
    return f"CAST(timezone({quoted(zone)}, timezone('UTC', time)) AS DATE)"


def derived(zone: str, fresh: str = "fresh", last: str | None = None) -> str:
    """SQL that gives the fresh touchpoints the lake's columns. `last` names each customer's last one before these."""
    source = (WITH_LAST if last else NO_LAST).format(fresh=fresh, last=last)
    return DERIVED.format(day=day_in(zone), fresh=source)


def write_files(db: duckdb.DuckDBPyConnection, rows: str) -> list[LakeFile]:
    """Write a table of rows in the lake's columns into as many files as its days ask for. Not yet in the manifest."""
    counted = db.execute(f"SELECT day, count(*) FROM {rows} GROUP BY day").fetchall()
    return [write_file(db, rows, span) for span in layout.spans(dict(counted))]


def write_file(db: duckdb.DuckDBPyConnection, rows: str, span: layout.Span) -> LakeFile:
    within = f"FROM {rows} WHERE day BETWEEN '{span.first}' AND '{span.last}'"
    names = [name for (name,) in db.execute(f"SELECT DISTINCT name {within} ORDER BY name").fetchall()]
    path = layout.new_path(span)
    target = layout.file_at(path)
    count = copy(db, f"SELECT {layout.COLUMNS} {within} ORDER BY customer, time, id", target)
    return LakeFile(
        path=path, first_day=span.first, last_day=span.last, rows=count, bytes=target.stat().st_size, names=names,
        created=manifest.now(),
    )  # fmt: skip


def copy(db: duckdb.DuckDBPyConnection, select: str, target: Path) -> int:
    """Write what a query gives into a Parquet file that is whole and on disk when it has its name. Gives its rows."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".tmp")
    try:
        (rows,) = db.execute(
            f"COPY ({select}) TO {quoted(unfinished)}"
            f" (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {layout.ROW_GROUP})"
        ).fetchone()  # type: ignore[misc]
        _to_disk(unfinished)
        unfinished.rename(target)
        _to_disk(target.parent)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    return int(rows)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
