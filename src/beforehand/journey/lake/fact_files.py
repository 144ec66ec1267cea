"""The fact tables `needs`, `need_steps` and `contacts` as Parquet files, and what has changed since they were made.

A file holds every row of its table. Customers whose rows have changed stand in `NeedChanged`: a query reads the files
without them, and them from the record. When they are many, or have waited, the files are made anew.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from django.db import connection, transaction

from beforehand.journey.lake import layout, manifest, write
from beforehand.journey.lake.broken import fault_of
from beforehand.journey.lake.engine import load, parquet, workshop
from beforehand.journey.lake.fact_tables import SCHEMAS, Facts, tables_of
from beforehand.journey.models import LakeFile, NeedChanged, ProjectionCursor
from beforehand.lib import disk
from beforehand.lib.rows import relation

OF_NEEDS = """
    SELECT id, customer_id, kind, version, "key", opened, opened_by, step, step_since, stuck_at, met, met_by, how,
        abandoned, first_trouble, contacts, first_contact, noticed_by, lead, excluded, steps
    FROM journey_need WHERE {which} ORDER BY customer_id, id"""
OF_CONTACTS = """
    SELECT id, customer_id, time, name, channel, need, linked_by, cause, probability, origin, origin_name, origin_step,
        repeat_of, owner, overruled_by
    FROM journey_contact WHERE {which} ORDER BY customer_id, id"""
MARKS = "needs.facts"
MARK = """
    INSERT INTO journey_needchanged (customer, mark) SELECT given.customer, %s FROM {given} given WHERE true
    ON CONFLICT (customer) DO UPDATE SET mark = excluded.mark"""
AT_ONCE = 500
CUSTOMERS_AT_ONCE = 5_000


def mark_changed(customers: Collection[int]) -> None:
    """The files no longer hold what is known of these customers. In the transaction that changed it."""
    if not customers:
        return
    ProjectionCursor.objects.get_or_create(name=MARKS)
    counter = ProjectionCursor.objects.select_for_update().get(name=MARKS)
    counter.sequence += 1
    counter.save()
    given, parameter = relation({"customer": "bigint"}, [(one,) for one in sorted(customers)])
    with connection.cursor() as cursor:
        cursor.execute(MARK.format(given=given), [counter.sequence, parameter])


def live() -> list[LakeFile]:
    """The files of the fact tables that hold, in the order of their making."""
    return list(LakeFile.objects.filter(replaced=None, table__in=SCHEMAS).order_by("id"))


def of_customers(customers: Collection[int], record: Any = connection) -> Facts:
    """The rows of these customers out of the record, read over this connection."""
    found = Facts([], [], [])
    ordered = sorted(customers)
    for start in range(0, len(ordered), AT_ONCE):
        part = ordered[start : start + AT_ONCE]
        which = f"customer_id IN ({', '.join(['%s'] * len(part))})"
        _read(found, which, part, record)
    return found


def of_everybody() -> Iterator[Facts]:
    """All rows of the record, some thousand customers at a time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(id) FROM (SELECT max(customer_id) AS id FROM journey_need"
            " UNION ALL SELECT max(customer_id) FROM journey_contact) both_"
        )
        last = (cursor.fetchone() or (0,))[0] or 0
    for start in range(0, last + 1, CUSTOMERS_AT_ONCE):
        found = Facts([], [], [])
        _read(found, "customer_id >= %s AND customer_id < %s", [start, start + CUSTOMERS_AT_ONCE])
        yield found


def _read(found: Facts, which: str, params: Sequence[int], record: Any = connection) -> None:
    with record.cursor() as cursor:
        cursor.execute(OF_NEEDS.format(which=which), params)
        for *row, steps in cursor.fetchall():
            found.needs.append(row)
            found.stays.append(msgspec.json.decode(steps or "[]"))
        cursor.execute(OF_CONTACTS.format(which=which), params)
        found.contacts.extend(cursor.fetchall())


class Written(NamedTuple):
    """A new file that is on disk and not yet in the manifest."""

    table: str
    path: str
    rows: int
    bytes: int


def write_facts(facts: Facts) -> list[Written]:
    """New files of these rows; tables without rows get none."""
    if not facts.needs and not facts.contacts:
        return []
    writer = Writer()
    try:
        writer.add(facts)
        return writer.finish()
    except BaseException:
        writer.discard()
        raise


def discard(written: Iterable[Written]) -> None:
    for one in written:
        layout.file_at(one.path).unlink(missing_ok=True)


class Writer:
    """Writes rows into one new file a table, on disk and not yet in the manifest."""

    def __init__(self) -> None:
        self.paths = {name: layout.new_path(_today(), name) for name in SCHEMAS}
        self.rows = dict.fromkeys(SCHEMAS, 0)
        self.writers: dict[str, pq.ParquetWriter] = {}
        for name, schema in SCHEMAS.items():
            target = _target(self.paths[name])
            target.parent.mkdir(parents=True, exist_ok=True)
            words = [field.name for field in schema if field.type == pa.string()]
            self.writers[name] = pq.ParquetWriter(target, schema, compression="zstd", use_dictionary=words)

    def add(self, facts: Facts) -> None:
        for name, table in tables_of(facts).items():
            if len(table):
                self.writers[name].write_table(table, row_group_size=layout.ROW_GROUP)
                self.rows[name] += len(table)

    def finish(self) -> list[Written]:
        for writer in self.writers.values():
            writer.close()
        for path in self.paths.values():
            target = _target(path)
            disk.settle(target)
            target.rename(layout.file_at(path))
            disk.settle(target.parent)
        return [_written(name, path, self.rows[name]) for name, path in self.paths.items()]

    def discard(self) -> None:
        for name, path in self.paths.items():
            with suppress(OSError, ValueError):
                self.writers[name].close()
            _target(path).unlink(missing_ok=True)
            layout.file_at(path).unlink(missing_ok=True)


def fold() -> int:
    """Make the files anew with what has changed since, and give how many customers that were."""
    with manifest.one_moment():
        old = live()
        marks = dict(NeedChanged.objects.values_list("customer", "mark"))
        if not marks:
            return 0
        found = None if not old or _missing(old) else of_customers(marks)
    new = _from_record() if found is None else _merged(old, found, marks)
    return len(marks) if _switch(old, new, marks) else 0


def make_again() -> None:
    """Make the files anew from the record alone."""
    with manifest.one_moment():
        old = live()
        marks = dict(NeedChanged.objects.values_list("customer", "mark"))
    _switch(old, _from_record(), marks)


def mend() -> None:
    """Make the files anew from the record when one of them is missing or damaged."""
    if any(fault_of(layout.file_at(file.path)) for file in live()):
        make_again()


def forget(customers: Collection[int]) -> dict[str, int]:
    """Take these customers out of the files, in the caller's transaction; the old ones go from the disk after it."""
    old = live()
    NeedChanged.objects.filter(customer__in=list(customers)).delete()
    if old and not _missing(old):
        new = _merged(old, Facts([], [], []), dict.fromkeys(customers, 0))
        _replace(old, new, at_once=True)
    return {"files": len(old)}


def take_over(written: list[Written], old: list[LakeFile], marks: dict[int, int]) -> None:
    """Put files that a rebuild has written in the place of the old ones, in the caller's transaction."""
    _replace(old, written)
    _clean(marks)


def _merged(old: list[LakeFile], found: Facts, changed: Iterable[int]) -> list[Written]:
    """New files: the rows of the old ones without the changed customers, and theirs."""
    new: list[Written] = []
    try:
        with workshop() as (db, _folder):
            load(db, "changed", pa.table({"customer": pa.array(sorted(changed), pa.int64())}))
            for name, table in tables_of(found).items():
                files = [layout.file_at(file.path) for file in old if file.table == name]
                new.append(_merge(db, name, files, table))
    except BaseException:
        discard(new)
        raise
    return new


def _merge(db: duckdb.DuckDBPyConnection, name: str, files: list[Path], rows: pa.Table) -> Written:
    load(db, "fresh", rows)
    columns = ", ".join(SCHEMAS[name].names)
    kept = f"SELECT {columns} FROM {parquet(files)} ANTI JOIN changed USING (customer) UNION ALL " if files else ""
    path = layout.new_path(_today(), name)
    count = write.copy(db, f"{kept}SELECT {columns} FROM fresh", layout.file_at(path))
    return _written(name, path, count)


def _from_record() -> list[Written]:
    writer = Writer()
    try:
        with manifest.one_moment():
            for facts in of_everybody():
                writer.add(facts)
        return writer.finish()
    except BaseException:
        writer.discard()
        raise


def _switch(old: list[LakeFile], new: list[Written], marks: dict[int, int]) -> bool:
    """Name the new files in the place of the old ones, unless somebody else was quicker."""
    with transaction.atomic():
        now = set(LakeFile.objects.select_for_update().filter(replaced=None, table__in=SCHEMAS).values_list("pk"))
        if now == {(file.pk,) for file in old}:
            _replace(old, new)
            _clean(marks)
            return True
    discard(new)
    return False


def _replace(old: list[LakeFile], new: list[Written], at_once: bool = False) -> None:
    LakeFile.objects.bulk_create([_file(one) for one in new])
    gone = LakeFile.objects.filter(pk__in=[file.pk for file in old])
    gone.update(replaced=0 if at_once else manifest.now())


def _clean(marks: dict[int, int]) -> None:
    """Take customers off the list, save those to whom something happened after their rows were read."""
    newest = max(marks.values(), default=0)
    NeedChanged.objects.filter(mark__lte=newest).delete()


def _missing(files: Iterable[LakeFile]) -> bool:
    return not all(layout.file_at(file.path).exists() for file in files)


def _written(table: str, path: str, rows: int) -> Written:
    return Written(table, path, rows, layout.file_at(path).stat().st_size)


def _file(one: Written) -> LakeFile:
    day, moment = _today().first, manifest.now()
    return LakeFile(
        path=one.path,
        table=one.table,
        first_day=day,
        last_day=day,
        rows=one.rows,
        bytes=one.bytes,
        created=moment,
    )


def _target(path: str) -> Path:
    return layout.file_at(path).with_suffix(".tmp")


def _today() -> layout.Span:
    today = datetime.now(UTC).date()
    return layout.Span(today, today)
