"""What nobody reads any more goes from the disk."""

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from beforehand.journey.lake import fact_files, layout, manifest
from beforehand.journey.models import LakeFile


def tidy() -> int:
    """Remove files that were replaced, or that no manifest ever listed, when no query can be reading them any more.

    Gives how many went.
    """
    _scratch()
    removed = _replaced(manifest.now() - settings.LAKE_GRACE * 1_000_000)
    with suppress(manifest.Busy), manifest.writing(wait=False):  # what a writer is at is not listed yet
        removed += _unlisted(time.time() - settings.LAKE_GRACE)
    return removed


def tidy_at_once(since: float) -> int:
    """Remove every file that was not live at a time (seconds since 1970): somebody was erased then.

    A writer that is at work since before will find itself outrun and remove its own files.
    """
    _scratch()
    return _replaced(manifest.now()) + _unlisted(since)


def _replaced(before: int) -> int:
    gone = list(LakeFile.objects.filter(replaced__lte=before))
    for file in gone:
        layout.file_at(file.path).unlink(missing_ok=True)
    LakeFile.objects.filter(pk__in=[file.pk for file in gone]).delete()
    return len(gone)


def _unlisted(before: float) -> int:
    """Files of a writer that was stopped between writing and committing."""
    folders = [layout.folder() / table for table in ("touchpoints", *fact_files.SCHEMAS)]
    found = [path for folder in folders for path in folder.glob("*") if _changed(path) <= before]
    listed = set(LakeFile.objects.values_list("path", flat=True))
    gone = [path for path in found if path.relative_to(layout.folder()).as_posix() not in listed]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def _scratch() -> None:
    """What a process that is gone has left. The name of its folder begins with its number."""
    for folder in layout.scratch().glob("*-*"):
        process = folder.name.partition("-")[0]
        if process.isdigit() and not _alive(int(process)):
            shutil.rmtree(folder, ignore_errors=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")
