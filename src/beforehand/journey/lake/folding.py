"""Few large files out of many small ones: days into months."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

import duckdb
from django.db import transaction
from django.utils import timezone

from beforehand.journey.lake import layout, manifest, write
from beforehand.journey.lake.broken import blaming
from beforehand.journey.lake.engine import parquet, workshop
from beforehand.journey.models import LakeFile, LakeState

YOUNG_FILES = 8  # so many more files than needed may pile up in a month that still grows


@manifest.persistent
def fold(everything: bool = False) -> int:
    """Join small files of a month where they are many, and give how many files became fewer.

    A month that still grows is left alone until it is worth the work; `everything` joins what can be joined.
    """
    saved = 0
    with manifest.writing():
        for old in worth_joining(manifest.live_files(), timezone.now().date(), everything):
            saved += len(old) - _join(old)
    return saved


def worth_joining(files: Iterable[LakeFile], today: date, everything: bool = False) -> list[list[LakeFile]]:
    """The groups of files that are better joined: of one month, or of those that reach over several."""
    groups: dict[date | None, list[LakeFile]] = defaultdict(list)
    for file in files:
        first, last = file.first_day.replace(day=1), file.last_day.replace(day=1)
        groups[first if first == last else None].append(file)
    found = []
    for month, group in groups.items():
        young = month is None or month > (today - layout.RECENT - timedelta(days=31))
        found.append(_choose(group, YOUNG_FILES if young and not everything else 0))
    return [group for group in found if len(group) > 1]


def _choose(group: list[LakeFile], allowed: int) -> list[LakeFile]:
    """The small files, when they are more than allowed beside one; else all that are not full, when there are many."""
    small = [file for file in group if file.rows < layout.MONTH]
    if len(small) > allowed + 1:
        return small
    needed = -(-sum(file.rows for file in group) // layout.FULL)
    if len(group) > needed + allowed:
        return [file for file in group if file.rows < layout.FULL]
    return []


def _join(old: list[LakeFile]) -> int:
    """Replace files by as few as their days allow; the rows stay as they are. Gives how many there are now."""
    before = LakeState.own()
    new: list[LakeFile] = []
    try:
        paths = [layout.file_at(file.path) for file in old]
        with workshop() as (db, _), blaming(paths):
            source = parquet(paths)
            for span in layout.spans(_days(db, source), timezone.now().date()):
                within = f"WHERE day BETWEEN '{span.first}' AND '{span.last}'"
                new.append(
                    write.write_file(db, f"SELECT {layout.COLUMNS} FROM {source} {within}{write.IN_ORDER}", span)
                )
        with transaction.atomic():
            manifest.switch(before, add=new, replace=old).save()
    except BaseException:
        write.discard(new)
        raise
    return len(new)


def _days(db: duckdb.DuckDBPyConnection, source: str) -> Counter[date]:
    return Counter(dict(db.execute(f"SELECT day, count(*) FROM {source} GROUP BY day").fetchall()))
