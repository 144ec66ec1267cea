"""All needs again, from the lake: customers in parts, a process a core, each part written as it is ready.

While it runs, and when it was stopped, a marker stands that holds `follow` back; whoever finds an old one begins anew.
Rows of a part and the marker's time move in one transaction, so a rebuild that was overtaken writes nothing more.
"""

import os
import pickle
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa
from django.db import connection, transaction

from beforehand.journey import lake
from beforehand.journey.lake import fact_files, layout, manifest
from beforehand.journey.lake.engine import load, quoted, workshop
from beforehand.journey.lake.fact_files import Written
from beforehand.journey.lake.fact_tables import table_of
from beforehand.journey.models import LakeFile, LakeState, NeedChanged, NeedDue, ProjectionCursor
from beforehand.journey.needs.beginning import begin
from beforehand.journey.needs.book import Book
from beforehand.journey.needs.keeping import book as current_book
from beforehand.journey.needs.parts import Done, Part, know, rows_in, trace_part
from beforehand.journey.needs.projection import REBUILD, locked_cursor, remember
from beforehand.journey.needs.storing import of_range, replace

UNSEALED = 200_000
PART = 200_000  # touchpoints
FEW = 300_000  # touchpoints for which another process is not worth its start
BOOKKEEPING = """
    SELECT i.customer_id, t.id, t.time, t.name, t.channel, t.actor, t.properties
    FROM journey_touchpoint t JOIN customers_identifier i ON i.id = t.identifier_id
    WHERE t.name IN ({marks}) AND t.id <= %s"""
RELEVANT = """
    CREATE TEMP VIEW relevant AS
    SELECT customer, id, epoch_us(time) AS time, name, channel, actor,
        CASE WHEN name IN {bare} THEN NULL ELSE properties END AS properties
    FROM touchpoints WHERE name IN {names}
    UNION ALL FROM bookkeeping"""
LAID_OUT = """
    COPY (SELECT *, least(customer // {width}, {last}) AS part FROM relevant)
    TO {folder} (FORMAT parquet, COMPRESSION snappy, PARTITION_BY (part))"""
RECORDED = pa.schema(
    [
        ("customer", pa.int64()),
        ("id", pa.int64()),
        ("time", pa.int64()),
        ("name", pa.string()),
        ("channel", pa.string()),
        ("actor", pa.string()),
        ("properties", pa.string()),
    ]
)
Progress = Callable[[str, int, int | None], None]


class Overtaken(Exception):
    """Another process has begun a rebuild of its own."""


class Plan(NamedTuple):
    """What is to be traced, through which sequence number, and what it will settle."""

    parts: list[Part]
    rows: int
    through: int
    due: list[int]
    old: list[LakeFile]
    marks: dict[int, int]


def rebuild(progress: Progress | None = None, processes: int | None = None) -> int:
    """Trace everybody's needs again, and give how many touchpoints were read. Stop it where you like."""
    token = _begin()
    if lake.last_sequence() - LakeState.own().sealed_through > UNSEALED:
        lake.seal(progress)
    book = current_book()
    written: list[Written] = []
    try:
        with workshop() as (_db, folder):
            plan = _lay_out(book, folder / "parts", progress)
            count = min(len(plan.parts), processes or os.cpu_count() or 1) if plan.rows >= FEW else 1
            traced = 0
            for part, done in _traced(plan.parts, book, count):
                token = _store(part, done, token)
                written += done.written
                traced += part.rows
                if progress:
                    progress("tracing", traced, plan.rows)
        _finish(plan, book, written, token)
    except BaseException:
        fact_files.discard(written)
        raise
    return plan.rows


def _begin() -> int:
    token = manifest.now()
    ProjectionCursor.objects.update_or_create(name=REBUILD, defaults={"sequence": token})
    return token


def _lay_out(book: Book, folder: Path, progress: Progress | None) -> Plan:
    """Put the touchpoints that matter into files by customer."""
    if progress:
        progress("reading", 0, None)
    due = list(NeedDue.objects.values_list("id", flat=True))
    old, marks = fact_files.live(), dict(NeedChanged.objects.values_list("customer", "mark"))
    names, bare = sorted(book.names), sorted(book.bare)
    with lake.reader() as reader:
        db = reader.db
        load(db, "bookkeeping", _bookkeeping(names, reader.through))
        db.execute(RELEVANT.format(names=_listed(names), bare=_listed(bare)))
        rows, most = db.execute("SELECT count(*), coalesce(max(customer), 0) FROM relevant").fetchone() or (0, 0)
        count = max(1, -(-rows // PART))
        width = most // count + 1
        if rows:
            db.execute(LAID_OUT.format(width=width, last=count - 1, folder=quoted(folder)))
        parts = [_part(db, folder, number, width, number == count - 1) for number in range(count)]
        return Plan(parts, rows, reader.through, due, old, marks)


def _part(db: duckdb.DuckDBPyConnection, folder: Path, number: int, width: int, last: bool) -> Part:
    files = sorted((folder / f"part={number}").glob("*.parquet"))
    rows = sum(_length(file) for file in files)
    return Part(number * width, None if last else (number + 1) * width, [str(file) for file in files], rows)


def _length(file: Path) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(file).num_rows)


def _bookkeeping(names: Sequence[str], through: int) -> pa.Table:
    """What the lake leaves out: people's words on contacts."""
    wanted = [name for name in names if name[:1] == "$"]
    if not wanted:
        return RECORDED.empty_table()
    with connection.cursor() as cursor:
        cursor.execute(BOOKKEEPING.format(marks=", ".join(["%s"] * len(wanted))), [*wanted, through])
        return table_of(RECORDED, cursor.fetchall())


def _traced(parts: list[Part], book: Book, processes: int) -> Iterator[tuple[Part, Done]]:
    if processes == 1:
        know(book)
        yield from ((part, trace_part(part)) for part in parts)
        return
    left = iter(parts)
    known = (pickle.dumps(book.facts()), layout.folder())
    with ProcessPoolExecutor(processes, get_context("spawn"), begin, known) as pool:
        waiting = {pool.submit(trace_part, part): part for part in islice(left, processes + 1)}
        while waiting:  # few at a time, so that neither results pile up nor a process that ends has long to wait
            ready, _rest = wait(waiting, return_when=FIRST_COMPLETED)
            for future in ready:
                part = waiting.pop(future)
                waiting |= {pool.submit(trace_part, one): one for one in islice(left, 1)}
                yield part, future.result()


def _store(part: Part, done: Done, token: int) -> int:
    """Put the rows of a part in the place of all that its customers had. Gives the marker's new time."""
    after = rows_in(done)
    with transaction.atomic():
        marker = _marker(token)
        replace(of_range(part.first, part.end), after)
        marker.sequence = max(manifest.now(), token + 1)
        marker.save()
    return marker.sequence


def _finish(plan: Plan, book: Book, written: list[Written], token: int) -> None:
    with transaction.atomic():
        marker = _marker(token)
        cursor = locked_cursor()
        cursor.sequence = plan.through
        cursor.save()
        remember(book)
        for start in range(0, len(plan.due), 500):
            NeedDue.objects.filter(id__in=plan.due[start : start + 500]).delete()
        fact_files.take_over(written, plan.old, plan.marks)
        marker.delete()


def _marker(token: int) -> ProjectionCursor:
    """The marker, held until the transaction ends, if it is still ours."""
    marker = ProjectionCursor.objects.select_for_update().filter(name=REBUILD).first()
    if marker is None or marker.sequence != token:
        raise Overtaken
    return marker


def _listed(names: Sequence[str]) -> str:
    """A SQL list that is never empty."""
    return f"({', '.join(quoted(name) for name in [*names, ''])})"
