"""Handles for files: a text that names one file and cannot be made up. They go out of force after a while."""

from typing import Any, NamedTuple

from django.core import signing
from django.core.files.uploadedfile import UploadedFile

from beforehand.channels import files
from beforehand.channels.models import StoredFile

SENT, SHOWN = "chat file sent", "chat file shown"
SENT_SECONDS = 3600
SHOWN_SECONDS = 86_400


class Handed(NamedTuple):
    """A file with the name and type under which it was sent."""

    file: StoredFile
    name: str
    type: str


def received(sent: UploadedFile) -> Handed:
    """Keep what a browser uploaded."""
    return Handed(files.keep(sent.read()), plain_name(sent.name or ""), (sent.content_type or "")[:120])


def plain_name(name: str) -> str:
    """The last part of a file's name, without what a file system or a header would take for something else."""
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(letter if letter.isprintable() and letter not in '<>:"|?*' else "_" for letter in last).strip(" .")
    return plain[-120:] or "file"


def handle_of(handed: Handed, visitor: int) -> str:
    """For a file that a visitor has sent and will attach to a message: good for that visitor alone."""
    return signing.dumps([handed.file.pk, handed.name, handed.type, visitor], salt=SENT)


def taken_from(handle: object, visitor: int) -> Handed | None:
    found = _open(handle, SENT, SENT_SECONDS)
    return _handed(found) if found and found[3] == visitor else None


def link_part(file: int, name: str, type: str) -> str:
    """The last part of an address under which whoever sees a message gets its file."""
    return signing.dumps([file, name, type], salt=SHOWN)


def linked(part: str) -> Handed | None:
    found = _open(part, SHOWN, SHOWN_SECONDS)
    return _handed(found) if found else None


def _open(text: object, salt: str, seconds: int) -> list[Any] | None:
    try:
        return list(signing.loads(text, salt=salt, max_age=seconds)) if isinstance(text, str) else None
    except signing.BadSignature:
        return None


def _handed(found: list[Any]) -> Handed | None:
    file = StoredFile.objects.filter(pk=found[0]).first()
    return Handed(file, found[1], found[2]) if file else None
