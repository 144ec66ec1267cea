"""Does the lake say what the record says? And if not, where?"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from django.utils.translation import gettext as _

from beforehand.journey.lake import fact_files, layout, manifest, rows
from beforehand.journey.lake.broken import fault_of
from beforehand.journey.lake.engine import load, parquet, workshop
from beforehand.journey.lake.layout import FRESH
from beforehand.journey.lake.stage import Progress, day_in
from beforehand.journey.models import LakeFile, LakeState

SUMS = """
    SELECT day, count(*), sum(hash(id, customer, time, name, channel, place, actor, source, properties)::HUGEINT)
    FROM {rows} ANTI JOIN dirty USING (customer) GROUP BY day"""
DISORDER = """
    SELECT day, count(*) FROM (
        SELECT day, previous, lag(name) OVER journey AS name, gap,
            (epoch_us(time) - epoch_us(lag(time) OVER journey)) / 1e6 AS seconds
        FROM (SELECT id, customer, time, day, name, previous, gap FROM {rows} ANTI JOIN dirty USING (customer))
        WINDOW journey AS (PARTITION BY customer ORDER BY time, id))
    WHERE previous IS DISTINCT FROM name OR gap IS DISTINCT FROM seconds GROUP BY day ORDER BY day"""
BATCHES_AT_ONCE = 100
Sums = dict[date, tuple[int, int]]


class Difference(NamedTuple):
    """Something that does not agree. `where` is a day or a file's path."""

    where: str
    what: str


def check(progress: Progress | None = None) -> list[Difference]:
    """Compare the lake with the record: files, the rows of each day, previous touchpoints. Nothing found is good."""
    with workshop() as (db, _folder):
        with manifest.one_moment():
            state = LakeState.own()
            live = manifest.live_files()
            dirty = sorted(manifest.dirty_marks())
            load(db, "dirty", pa.table({"customer": pa.array(dirty, pa.int64())}))
            recorded = _recorded(db, state, progress)
        faults = [*_faults([*live, *fact_files.live()]), *_unlisted(live)]
        if faults:
            return faults
        sealed = parquet(layout.file_at(file.path) for file in live) if live else None
        kept = _sums(db, sealed) if sealed else {}
        return [*_differences(recorded, kept), *(_disorder(db, sealed) if sealed else [])]


def _recorded(db: duckdb.DuckDBPyConnection, state: LakeState, progress: Progress | None) -> Sums:
    """What the lake should hold, by day: read in parts, so that any record fits into memory."""
    found: Sums = {}
    day = day_in(state.zone or manifest.company_zone())
    done = 0
    for part in _parts(rows.after(0, state.sealed_through)):
        load(db, "part", part)
        for when, sums in _sums(db, f"(SELECT *, {day} AS day FROM part)").items():
            count, total = found.get(when, (0, 0))
            found[when] = (count + sums[0], total + sums[1])
        done += part.num_rows
        if progress:
            progress("comparing", done, state.sealed_through)
    return found


def _parts(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    part: list[pa.RecordBatch] = []
    for batch in batches:
        part.append(batch)
        if len(part) == BATCHES_AT_ONCE:
            yield pa.Table.from_batches(part, FRESH)
            part = []
    yield pa.Table.from_batches(part, FRESH)


def _sums(db: duckdb.DuckDBPyConnection, source: str) -> Sums:
    return {day: (count, int(total)) for day, count, total in db.execute(SUMS.format(rows=source)).fetchall()}


def _faults(live: list[LakeFile]) -> Iterator[Difference]:
    for file in live:
        path = layout.file_at(file.path)
        if fault := fault_of(path):
            yield Difference(str(path), fault)
        elif (rows := pq.read_metadata(path).num_rows) != file.rows:
            yield Difference(str(path), _("has %(rows)d rows, not %(listed)d") % {"rows": rows, "listed": file.rows})


def _unlisted(live: list[LakeFile]) -> Iterator[Difference]:
    known = set(LakeFile.objects.values_list("path", flat=True)) | {file.path for file in live}
    for path in sorted(layout.folder().glob("touchpoints/*.parquet")):
        if path.relative_to(layout.folder()).as_posix() not in known:
            yield Difference(str(path), _("is in no list; it was left by an interrupted run and will be removed"))


def _differences(recorded: Sums, kept: Sums) -> Iterator[Difference]:
    for day in sorted(recorded.keys() | kept.keys()):
        (expected, total), (found, other) = recorded.get(day, (0, 0)), kept.get(day, (0, 0))
        if expected != found:
            numbers = {"expected": expected, "found": found}
            yield Difference(
                day.isoformat(), _("%(expected)d touchpoints in the record, %(found)d in the lake") % numbers
            )
        elif total != other:
            yield Difference(day.isoformat(), _("as many touchpoints in the lake as in the record, but not the same"))


def _disorder(db: duckdb.DuckDBPyConnection, sealed: str) -> Iterator[Difference]:
    for day, count in db.execute(DISORDER.format(rows=sealed)).fetchall():
        yield Difference(day.isoformat(), _("%(count)d touchpoints with a wrong previous one") % {"count": count})
