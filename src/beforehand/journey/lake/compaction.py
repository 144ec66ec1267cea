"""Files that hold again: those of dirty customers are written anew, those of erased ones without them."""

import time
from collections.abc import Collection
from functools import partial
from typing import Any

import duckdb
import pyarrow as pa
from django.db import transaction

from beforehand.customers.models import Customer
from beforehand.journey.lake import layout, manifest, rows, tidy, write
from beforehand.journey.lake.broken import blaming
from beforehand.journey.lake.engine import load, parquet, workshop
from beforehand.journey.lake.sealing import rebuild
from beforehand.journey.lake.stage import Progress, Stage
from beforehand.journey.models import DirtyCustomer, LakeFile, LakeState

GONE = "(SELECT customer FROM gone)"
QUARTER = 4  # of the customers dirty: from there on, making everything anew is the shorter way
SHORT_LIST = 50
FEW = 1_000  # so few customers are never worth it


@manifest.persistent
def compact(progress: Progress | None = None) -> int:
    """Write the sealed rows of dirty customers anew from the record, and give how many customers that were."""
    dirty = DirtyCustomer.objects.count()
    if dirty > FEW and dirty * QUARTER > Customer.objects.filter(current=True).count():
        rebuild(progress)
        return dirty
    with manifest.writing(), workshop() as (db, folder):
        with manifest.one_moment():
            before = LakeState.own()
            marks = manifest.dirty_marks()
            if not marks:
                return 0
            live = manifest.live_files()
            stage = Stage(db, folder, before.zone or manifest.company_zone())
            stage.fill(rows.of(sorted(marks), before.sealed_through), progress)
        old, new = without(db, live, marks)
        try:
            new += write.write_stage(db, stage, progress=progress)
            with transaction.atomic():
                manifest.switch(before, add=new, replace=old).save()
                manifest.mark_clean(marks)
        except BaseException:
            write.discard(new)
            raise
        return len(marks)


def forget(customers: Collection[int]) -> dict[str, Any]:
    """Take every trace of these customers out of the lake: no file on the disk holds them once the caller commits.

    Runs in the caller's transaction. Gives what was removed, for the erasure's manifest.
    """
    new: list[LakeFile] = []
    try:
        with transaction.atomic(), workshop() as (db, _):
            before = LakeState.locked()
            live = manifest.live_files()
            old, new = without(db, live, customers)
            state = manifest.switch(before, add=new, replace=old, at_once=True)
            state.version += 1
            state.save()
            LakeFile.objects.exclude(replaced=None).update(replaced=0)
            DirtyCustomer.objects.filter(customer__in=list(customers)).delete()
            transaction.on_commit(partial(tidy.tidy_at_once, time.time()))
    except BaseException:
        write.discard(new)
        raise
    rows = sum(file.rows for file in old) - sum(file.rows for file in new)
    return {"files": len(old), "touchpoints": rows}


def without(
    db: duckdb.DuckDBPyConnection, files: list[LakeFile], customers: Collection[int]
) -> tuple[list[LakeFile], list[LakeFile]]:
    """The files that hold any of these customers, and new ones of the same rows but theirs."""
    load(db, "gone", pa.table({"customer": pa.array(sorted(customers), pa.int64())}))
    new: list[LakeFile] = []
    try:
        with blaming([layout.file_at(file.path) for file in files]):
            holding = _holding(db, files)
            old = [file for file in files if file.pk in holding]
            for file in old:
                source = parquet([layout.file_at(file.path)])
                select = f"SELECT {layout.COLUMNS} FROM {source} WHERE {_others(customers)}"
                new.append(write.write_file(db, select, layout.Span(file.first_day, file.last_day)))
    except BaseException:
        write.discard(new)
        raise
    empty = [file for file in new if not file.rows]
    write.discard(empty)
    return old, [file for file in new if file.rows]


def _others(customers: Collection[int]) -> str:
    """The rest of a query for all rows but theirs. A plain filter leaves the rows in their order; a join might not."""
    if len(customers) <= SHORT_LIST:
        return f"NOT list_contains({sorted(customers)}::BIGINT[], customer)"
    return f"customer NOT IN {GONE}{write.IN_ORDER}"


def _holding(db: duckdb.DuckDBPyConnection, files: list[LakeFile]) -> set[int]:
    if not files:
        return set()
    by_path = {str(layout.file_at(file.path)): file.pk for file in files}
    source = parquet([layout.file_at(file.path) for file in files], filename=True)
    found = db.execute(f"SELECT DISTINCT filename FROM {source} WHERE customer IN {GONE}").fetchall()
    return {by_path[path] for (path,) in found}
