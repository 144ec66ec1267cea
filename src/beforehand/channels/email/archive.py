"""Importing an old mailbox, from mbox or Maildir: it keeps its dates, triggers nothing, and twice adds nothing.

Mails are taken in the order of their dates, so that answers find what they answer. A mail's place is its own content,
so that an import which was broken off goes on where it stopped, from whatever copy.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext as _

from beforehand.channels import arriving
from beforehand.channels.arriving import Came, arrive_all
from beforehand.channels.email import dates
from beforehand.channels.email.headers import decoded, split
from beforehand.channels.models import Arrival, Mailbox
from beforehand.lib.trouble import Trouble

HEAD = 64 << 10
AT_ONCE = 50
BYTES_AT_ONCE = 32 << 20
Told = Callable[[str, int, int], None]


class Piece(NamedTuple):
    """A mail of an archive: when it was written (seconds, 0 where it does not say), and where its bytes are."""

    date: float
    path: Path
    start: int
    end: int


class Imported(NamedTuple):
    found: int
    new: int
    placed: int
    waiting: int


def take(path: Path, mailbox: Mailbox, told: Told = lambda what, done, of: None) -> Imported:
    """Everything in an mbox file, a Maildir, or a folder of both. `told(what, done, of)` hears how it goes on."""
    pieces = sorted(find(path))
    if not pieces:
        raise Trouble(_("There is no mail in %s. Give an mbox file or a Maildir folder.") % path)
    new = store(pieces, mailbox, told)
    place(mailbox, told)
    rows = Arrival.objects.filter(mailbox=mailbox, origin=Arrival.Origin.ARCHIVE)
    placed = rows.filter(state=Arrival.State.PLACED).count()
    waiting = rows.filter(state__in=[Arrival.State.QUARANTINE, Arrival.State.FAILED]).count()
    return Imported(len(pieces), new, placed, waiting)


def find(path: Path) -> Iterator[Piece]:
    """The mails below a path. Links are not followed."""
    if path.is_file():
        yield from _of_mbox(path)
        return
    for folder, folders, files in os.walk(path):
        folders.sort()
        inside = Path(folder)
        if inside.name in {"cur", "new"}:
            yield from (_of_file(inside / name) for name in sorted(files) if (inside / name).is_file())
        elif inside.name != "tmp":
            yield from (piece for name in sorted(files) if _is_mbox(inside / name) for piece in _of_mbox(inside / name))


def store(pieces: list[Piece], mailbox: Mailbox, told: Told) -> int:
    """Put the raw mails on disk; how many were not there yet."""
    new, done = 0, 0
    for batch in _batches(pieces):
        came = []
        for piece in batch:
            raw = read(piece)
            came.append(Came(f"archive/{hashlib.sha256(raw).hexdigest()}", raw))
        places = {one.place for one in came}
        known = set(Arrival.objects.filter(mailbox=mailbox, place__in=places).values_list("place", flat=True))
        new += len(places - known)
        arrive_all("email", [one for one in came if one.place not in known], mailbox, Arrival.Origin.ARCHIVE)
        done += len(batch)
        told("stored", done, len(pieces))
    return new


def place(mailbox: Mailbox, told: Told) -> None:
    """Let what was stored find its place. A server that runs may be doing the same; each mail is placed once."""
    waiting = Arrival.objects.filter(mailbox=mailbox, origin=Arrival.Origin.ARCHIVE, state=Arrival.State.STORED)
    total = waiting.count()
    while waiting.filter(tries=0).exists() and arriving.read_due():
        told("placed", total - waiting.count(), total)


def read(piece: Piece) -> bytes:
    with piece.path.open("rb") as file:
        file.seek(piece.start)
        raw = file.read(piece.end - piece.start)
    if piece.path.parent.name in {"cur", "new"}:
        return raw
    # mboxrd: every line that began with “From ” after any number of “>” got one more.
    return b"\n".join(_unquoted(line) for line in raw.split(b"\n")) if b"\n>" in raw else raw


def _unquoted(line: bytes) -> bytes:
    return line[1:] if line.startswith(b">") and line.lstrip(b">").startswith(b"From ") else line


def _of_mbox(path: Path) -> Iterator[Piece]:
    """Every mail of an mbox file, which is read line by line and never held whole."""
    start, place, head, blank = -1, 0, bytearray(), True
    with path.open("rb") as file:
        for line in file:
            if blank and line.startswith(b"From "):
                if start >= 0:
                    yield Piece(_date(bytes(head)), path, start, place)
                start, head = place + len(line), bytearray()
            elif start >= 0 and len(head) < HEAD:
                head += line[:HEAD]
            blank = not line.strip()
            place += len(line)
    if start >= 0:
        yield Piece(_date(bytes(head)), path, start, place)


def _of_file(path: Path) -> Piece:
    with path.open("rb") as file:
        head = file.read(HEAD)
    return Piece(_date(head), path, 0, path.stat().st_size)


def _is_mbox(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(5) == b"From "


def _date(raw: bytes) -> float:
    head = split(raw, outer=True)
    when, _doubt = dates.sent(decoded(head.first("date")), dates.of_received(decoded(head.first("received"))))
    return when.timestamp() if when else 0.0


def _batches(pieces: list[Piece]) -> Iterator[list[Piece]]:
    batch: list[Piece] = []
    size = 0
    for piece in pieces:
        if batch and (len(batch) >= AT_ONCE or size + piece.end - piece.start > BYTES_AT_ONCE):
            yield batch
            batch, size = [], 0
        batch.append(piece)
        size += piece.end - piece.start
    if batch:
        yield batch
