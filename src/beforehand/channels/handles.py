"""Handles for files: a text that names one file and cannot be made up. After a day they are in force no more."""

from typing import Any, NamedTuple

from django.core import signing
from django.core.files.uploadedfile import UploadedFile

from beforehand.channels import files
from beforehand.channels.models import StoredFile

SENT, SHOWN = "file sent", "chat file shown"
DAY = 86_400


class Handed(NamedTuple):
    """A file with the name and type under which it was sent."""

    file: StoredFile
    name: str
    type: str


def received(sent: UploadedFile) -> Handed:
    """Keep what a browser or a program uploaded."""
    type = (sent.content_type or "application/octet-stream")[:120]
    return Handed(files.keep(sent.read()), plain_name(sent.name or ""), type)


def plain_name(name: str) -> str:
    """The last part of a file's name, without what a file system or a header would take for something else."""
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(letter if letter.isprintable() and letter not in '<>:"|?*' else "_" for letter in last).strip(" .")
    return plain[-120:] or "file"


def handle_of(handed: Handed, whose: int | str) -> str:
    """For a file that was sent and will go with a message: good for that visitor, or at that door, alone."""
    return signing.dumps([handed.file.pk, handed.name, handed.type, whose], salt=SENT)


def taken_from(handle: object, whose: int | str) -> Handed | None:
    found = _open(handle, SENT)
    return _handed(found) if found and found[3] == whose else None


def link_part(file: int, name: str, type: str) -> str:
    """The last part of an address under which whoever sees a message gets its file."""
    return signing.dumps([file, name, type], salt=SHOWN)


def linked(part: str) -> Handed | None:
    found = _open(part, SHOWN)
    return _handed(found) if found else None


def _open(text: object, salt: str) -> list[Any] | None:
    try:
        return list(signing.loads(text, salt=salt, max_age=DAY)) if isinstance(text, str) else None
    except signing.BadSignature:
        return None


def _handed(found: list[Any]) -> Handed | None:
    file = StoredFile.objects.filter(pk=found[0]).first()
    return Handed(file, found[1], found[2]) if file else None
