"""The rows that no file holds rightly: those not sealed yet, and all of the customers who are dirty."""

import pyarrow as pa

from beforehand.journey.lake import engine, rows, write
from beforehand.journey.lake.layout import FRESH

FORGET_LATE = "SELECT * FROM fresh WHERE customer NOT IN (SELECT customer FROM again)"


def hot_rows(sealed_through: int, through: int, dirty: set[int], zone: str) -> tuple[pa.Table, set[int]]:
    """The hot rows with the lake's columns, and the dirty customers: those given and those with a late row."""
    tail = pa.Table.from_batches(rows.after(sealed_through, through), FRESH)
    last = rows.last_before([c for c in tail["customer"].unique().to_pylist() if c not in dirty], sealed_through)
    with engine.cursor() as db:
        db.register("tail", tail).register("last", last)
        late = db.execute(
            "SELECT DISTINCT tail.customer FROM tail JOIN last USING (customer) WHERE tail.time < last.time"
        ).fetchall()
        again = dirty | {customer for (customer,) in late}
        whole = pa.Table.from_batches(rows.of(sorted(again), through), FRESH)
        db.register("whole", whole).register("again", pa.table({"customer": pa.array(sorted(again), pa.int64())}))
        fresh = "(SELECT * FROM tail WHERE customer NOT IN (SELECT customer FROM again) UNION ALL SELECT * FROM whole)"
        before = "(SELECT * FROM last WHERE customer NOT IN (SELECT customer FROM again))"
        return db.execute(write.derived(zone, fresh, before)).to_arrow_table(), again
