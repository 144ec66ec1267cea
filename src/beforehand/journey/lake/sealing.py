"""New touchpoints from the record into files, and all of them again."""

from collections.abc import Collection, Mapping, Sequence

from django.db import transaction

from beforehand.journey.lake import fact_files, manifest, rows, write
from beforehand.journey.lake.engine import workshop
from beforehand.journey.lake.stage import Progress, Stage
from beforehand.journey.models import LakeFile, LakeState, Touchpoint

CUSTOMERS = "SELECT DISTINCT customer FROM {staged}"
LATE = """
    SELECT fresh.customer FROM (SELECT customer, min(time) AS time FROM {staged} GROUP BY customer) fresh
    JOIN given ON given.customer = fresh.customer WHERE fresh.time < given.time"""


@manifest.persistent
def seal(progress: Progress | None = None) -> int:
    """Write what the record has beyond the lake into files, and give how many touchpoints that were.

    A customer of whom a touchpoint came that is older than their sealed ones is dirty from then on.
    """
    with manifest.writing(), workshop() as (db, folder):
        with manifest.one_moment():
            before = LakeState.own()
            through = last_sequence()
            if through <= before.sealed_through:
                return 0
            zone = before.zone or manifest.company_zone()
            fresh = rows.after(before.sealed_through, through)
            stage = Stage(db, folder, zone).fill(fresh, progress, through - before.sealed_through)
            seen = [customer for (customer,) in db.execute(CUSTOMERS.format(staged=stage.everything)).fetchall()]
            last = rows.last_before(seen, before.sealed_through)
        files = write.write_stage(db, stage, last, progress)
        late = {customer for (customer,) in db.execute(LATE.format(staged=stage.everything)).fetchall()}
        _commit(before, files, through=through, zone=zone, late=late)
        return stage.rows


@manifest.persistent
def rebuild(progress: Progress | None = None) -> int:
    """Make the whole lake again from the record alone, and give how many touchpoints it has."""
    with manifest.writing(), workshop() as (db, folder):
        with manifest.one_moment():
            before = LakeState.own()
            through = max(last_sequence(), before.sealed_through)
            zone = manifest.company_zone()
            marks = manifest.dirty_marks()
            stage = Stage(db, folder, zone).fill(rows.after(0, through), progress, through)
        files = write.write_stage(db, stage, progress=progress)
        _commit(before, files, through=through, zone=zone, replace=manifest.live_files(), clean=marks)
        fact_files.mend()
        return stage.rows


def last_sequence() -> int:
    """The sequence number of the newest touchpoint."""
    return Touchpoint.objects.order_by("-id").values_list("id", flat=True).first() or 0


def _commit(
    before: LakeState,
    files: list[LakeFile],
    *,
    through: int,
    zone: str,
    replace: Sequence[LakeFile] = (),
    late: Collection[int] = (),
    clean: Mapping[int, int] | None = None,
) -> None:
    try:
        with transaction.atomic():
            state = manifest.switch(before, add=files, replace=replace)
            state.sealed_through, state.zone = through, zone
            state.version += 1
            state.save()
            manifest.mark_clean(clean or {})
            manifest.mark_dirty(late, "late")
    except BaseException:
        write.discard(files)
        raise
