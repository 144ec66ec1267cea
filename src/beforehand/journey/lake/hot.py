"""The rows that no file holds rightly: those not sealed yet, and all of the customers who are dirty."""

from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from beforehand.journey.lake import engine, rows, write
from beforehand.journey.lake.layout import FRESH
from beforehand.journey.lake.stage import day_in

LATE = "SELECT DISTINCT tail.customer FROM tail JOIN last USING (customer) WHERE tail.time < last.time"
FRESH_ROWS = """(
    SELECT *, {day} AS day FROM (
        SELECT * FROM tail ANTI JOIN whole USING (customer) UNION ALL SELECT * FROM rows_of_whole))"""


class Hot(NamedTuple):
    """Rows with the lake's columns, and whose sealed rows they stand for: dirty customers and those with a late row."""

    rows: pa.Table
    dirty: set[int]


def hot_rows(sealed_through: int, through: int, dirty: set[int], zone: str) -> Hot:
    """Read what no file holds, through a sequence number. Belongs inside `manifest.one_moment()`."""
    tail = pa.Table.from_batches(rows.after(sealed_through, through), FRESH)
    seen = set(tail["customer"].unique().to_pylist()) - dirty
    last = rows.last_before(sorted(seen), sealed_through)
    with engine.cursor() as db:
        db.register("tail", tail).register("last", last)
        whole = dirty | {customer for (customer,) in db.execute(LATE).fetchall()}
        customers = pa.array(sorted(whole), pa.int64())
        db.register("whole", pa.table({"customer": customers}))
        db.register("rows_of_whole", pa.Table.from_batches(rows.of(customers.to_pylist(), through), FRESH))
        db.register("last", last.filter(pc.invert(pc.is_in(last["customer"], customers))))
        return Hot(db.execute(write.derived(FRESH_ROWS.format(day=day_in(zone)))).to_arrow_table(), whole)
