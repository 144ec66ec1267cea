"""The rows that no file holds rightly: those not sealed yet, and all of the customers who are dirty.

What was read for one page is kept for the next: the rows whole while nothing has happened, those of dirty customers
while nothing has happened to them.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection

from beforehand.journey.lake import engine, layout, rows, write
from beforehand.journey.lake.layout import FRESH, SEALED
from beforehand.journey.lake.stage import day_in
from beforehand.journey.models import LakeState

LATE = "SELECT DISTINCT tail.customer FROM tail JOIN last USING (customer) WHERE tail.time < last.time"
FRESH_ROWS = """(
    SELECT *, {day} AS day FROM (
        SELECT * FROM tail ANTI JOIN whole USING (customer) UNION ALL SELECT * FROM rows_of_whole))"""
NOTHING = FRESH.empty_table()


class Hot(NamedTuple):
    """Rows with the lake's columns, and whose sealed rows they stand for: dirty customers and those with a late row."""

    rows: pa.Table
    dirty: set[int]


class Kept(NamedTuple):
    """The rows of dirty customers through a sequence number, and the marks that they had."""

    marks: Mapping[int, int]
    through: int
    rows: pa.Table


_last_hot: dict[Path, tuple[tuple[int, int, int, str], Hot]] = {}
_kept: dict[Path, Kept] = {}


def hot_rows(state: LakeState, through: int, marks: Mapping[int, int], zone: str) -> Hot:
    """Read what no file holds, through a sequence number. Belongs inside `manifest.one_moment()`.

    Inside a transaction nothing is kept or taken from what was: it may be rolled back.
    """
    if through <= state.sealed_through and not marks:
        return Hot(SEALED.empty_table(), set())
    if connection.in_atomic_block:
        return _read(state, through, marks, zone, Kept({}, 0, NOTHING))[0]
    folder, key = layout.folder(), (state.version, state.switches, through, zone)
    if folder in _last_hot and _last_hot[folder][0] == key:
        return _last_hot[folder][1]
    hot, kept = _read(state, through, marks, zone, _kept.get(folder, Kept({}, 0, NOTHING)))
    _last_hot.clear()
    _kept.clear()
    _last_hot[folder], _kept[folder] = (key, hot), kept
    return hot


def _read(state: LakeState, through: int, marks: Mapping[int, int], zone: str, kept: Kept) -> tuple[Hot, Kept]:
    same = [customer for customer, mark in marks.items() if kept.marks.get(customer) == mark]
    if kept.through > through:
        same = []
    recent = _table(rows.after(min(kept.through, state.sealed_through) if same else state.sealed_through, through))
    of_same = recent.filter(pc.field("id") > kept.through)
    whole = pa.concat_tables(
        [_of(kept.rows, same), _of(of_same, same), _table(rows.of(sorted(marks.keys() - set(same)), through))]
    )
    tail = recent.filter(pc.field("id") > state.sealed_through)
    return _join(state.sealed_through, through, tail, set(marks), whole, zone), Kept(marks, through, whole)


def _join(sealed_through: int, through: int, tail: pa.Table, dirty: set[int], whole: pa.Table, zone: str) -> Hot:
    """Work out previous touchpoints; the first in the tail follows the last sealed one."""
    last = rows.last_before(sorted(set(tail["customer"].unique().to_pylist()) - dirty), sealed_through)
    with engine.cursor() as db:
        engine.load(db, "tail", tail)
        engine.load(db, "last", last)
        late = sorted(customer for (customer,) in db.execute(LATE).fetchall())
        engine.load(db, "whole", pa.table({"customer": pa.array([*dirty, *late], pa.int64())}))
        engine.load(db, "rows_of_whole", pa.concat_tables([whole, _table(rows.of(late, through))]))
        engine.load(db, "last", _of(last, late, other=True))
        found = db.execute(write.derived(FRESH_ROWS.format(day=day_in(zone)))).to_arrow_table()
    return Hot(found, dirty | set(late))


def _of(table: pa.Table, customers: list[int], other: bool = False) -> pa.Table:
    """The rows of these customers, or of all others."""
    theirs = pc.is_in(table["customer"], pa.array(customers, pa.int64()))
    return table.filter(pc.invert(theirs) if other else theirs)


def _table(batches: object) -> pa.Table:
    return pa.Table.from_batches(batches, FRESH)
