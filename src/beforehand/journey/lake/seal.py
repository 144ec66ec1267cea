"""New touchpoints from the record into files."""

import pyarrow as pa
from django.db import transaction

from beforehand.journey.lake import manifest, rows, write
from beforehand.journey.lake.engine import open_memory
from beforehand.journey.lake.layout import FRESH
from beforehand.journey.models import LakeState, Touchpoint

LATE = "SELECT DISTINCT fresh.customer FROM fresh JOIN last USING (customer) WHERE fresh.time < last.time"


def seal() -> int:
    """Write what the record has beyond the lake into files, and give how many touchpoints that were."""
    with manifest.one_moment():
        before = LakeState.own()
        through = last_sequence()
        fresh = pa.Table.from_batches(rows.after(before.sealed_through, through), FRESH)
        last = rows.last_before(fresh["customer"].unique().to_pylist(), before.sealed_through)
        zone = before.zone or manifest.company_zone()
    if through <= before.sealed_through:
        return 0
    with open_memory() as db:
        db.register("fresh", fresh).register("last", last)
        late = [customer for (customer,) in db.execute(LATE).fetchall()]
        db.execute(f"CREATE TABLE derived AS {write.derived(zone, last='last')}")
        files = write.write_files(db, "derived")
    with transaction.atomic():
        state = manifest.switch(before, add=files)
        state.sealed_through = through
        state.zone = zone
        state.version += 1
        state.save()
        manifest.mark_dirty(late, "late")
    return fresh.num_rows


def last_sequence() -> int:
    return Touchpoint.objects.order_by("-id").values_list("id", flat=True).first() or 0
