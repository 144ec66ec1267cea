"""Bytes on disk under the name of their SHA-256: raw mails and attachments, each once however often it comes.

A file is whole and on disk before it has its name, and has its name before a row names it: a row without its file
cannot be, a file without a row is only waste.
"""

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings
from django.http import FileResponse
from django.utils.translation import gettext as _

from beforehand.channels import scanning
from beforehand.channels.models import StoredFile
from beforehand.lib import disk
from beforehand.lib.trouble import Trouble

SHOWN = re.compile(r"image/(?:png|jpeg|gif|webp)")


def keep(content: bytes) -> StoredFile:
    """The row of these bytes, which are on disk when it returns."""
    return StoredFile.objects.get_or_create(sha256=lay_down(content), defaults={"size": len(content)})[0]


def keep_all(digests: Mapping[str, int]) -> dict[str, StoredFile]:
    """The rows of bytes that were laid down, by their SHA-256. `digests`: with their sizes."""
    wanted = StoredFile.objects.filter(sha256__in=digests)
    found = {row.sha256: row for row in wanted}
    if missing := [StoredFile(sha256=one, size=size) for one, size in digests.items() if one not in found]:
        StoredFile.objects.bulk_create(missing, ignore_conflicts=True)
        found = {row.sha256: row for row in wanted.all()}
    return found


def lay_down(content: bytes) -> str:
    """Put bytes on disk without a row, and give their SHA-256. Before a transaction that will `keep` them: nobody then
    waits for the disk while it is open."""
    digest = hashlib.sha256(content).hexdigest()
    _write(_place(digest), content)
    return digest


def read(file: StoredFile) -> bytes:
    return path(file).read_bytes()


def path(file: StoredFile) -> Path:
    return _place(file.sha256)


def download(file: StoredFile, name: str, type: str = "application/octet-stream", inline: bool = False) -> FileResponse:
    """The file for a browser. Only plain images are shown in their place; nothing of it can run here.

    Raises Trouble for a file in which the scanner found something.
    """
    scanning.look(file, path(file))
    if file.scan == StoredFile.Scan.INFECTED:
        raise Trouble(_("This file is not handed out: the scanner found “%s” in it.") % file.found)
    shown = inline and bool(SHOWN.fullmatch(type))
    response = FileResponse(
        path(file).open("rb"),
        as_attachment=not shown,
        filename=name,
        content_type=type if shown else "application/octet-stream",
    )
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=3600"
    return response


def _place(digest: str) -> Path:
    return Path(settings.FILES) / digest[:2] / digest[2:]


def _write(place: Path, content: bytes) -> None:
    if place.exists() and place.stat().st_size == len(content):
        return
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    number, name = tempfile.mkstemp(dir=place.parent, prefix=".new-")
    try:
        with open(number, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, place)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise
    disk.settle(place.parent)
