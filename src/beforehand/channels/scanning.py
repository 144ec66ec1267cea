"""A look by ClamAV (clamd's INSTREAM), which listens where `BEFOREHAND_CLAMAV` says: a socket's path or host:port."""

import logging
import socket
import struct
from pathlib import Path

from django.conf import settings

from beforehand.channels.models import StoredFile

SECONDS = 60
PIECE = 1 << 16
log = logging.getLogger(__name__)


class NoScanner(Exception):
    """The scanner does not answer, or does not answer as clamd does."""


def look(file: StoredFile, place: Path) -> None:
    """Let the scanner look at a file that nobody looked at. Without a scanner, or while it is away, nothing changes; a
    file that it hangs up on, such as one that is too large for it, is marked, so that it does not stand before others.
    """
    if not settings.CLAMAV or file.scan != StoredFile.Scan.NONE:
        return
    try:
        found = ask(place)
        scan = StoredFile.Scan.INFECTED if found else StoredFile.Scan.CLEAN
    except (OSError, NoScanner) as error:
        if not _is_there():
            log.warning("The scanner at %s does not answer: %s. Files are not looked at.", settings.CLAMAV, error)
            return
        log.warning("The scanner does not take file %s (%s bytes): %s.", file.sha256, file.size, error)
        scan, found = StoredFile.Scan.REFUSED, str(error)
    file.scan = scan
    file.found = found[:200]
    file.save(update_fields=["scan", "found"])


def look_at_new(limit: int = 50) -> int:
    """Files that nobody looked at, oldest first; how many were."""
    from beforehand.channels.files import path

    if not settings.CLAMAV:
        return 0
    looked = 0
    for file in StoredFile.objects.filter(scan=StoredFile.Scan.NONE).order_by("id")[:limit]:
        look(file, path(file))
        if file.scan == StoredFile.Scan.NONE:
            break
        looked += 1
    return looked


def ask(place: Path) -> str:
    """What clamd found in a file, or nothing."""
    with _connection() as connection, place.open("rb") as file:
        connection.sendall(b"zINSTREAM\0")
        while piece := file.read(PIECE):
            connection.sendall(struct.pack("!I", len(piece)) + piece)
        connection.sendall(struct.pack("!I", 0))
        answer = b""
        while not answer.endswith(b"\0") and (part := connection.recv(4096)):
            answer += part
    words = answer.rstrip(b"\0").decode("utf-8", "replace").strip()
    if words.endswith(" FOUND"):
        return words.removesuffix(" FOUND").partition(": ")[2] or "something"
    if words.endswith(": OK"):
        return ""
    raise NoScanner(words[:200] or "no answer")


def _is_there() -> bool:
    try:
        with _connection() as connection:
            connection.sendall(b"zPING\0")
            return connection.recv(64).startswith(b"PONG")
    except OSError:
        return False


def _connection() -> socket.socket:
    where = str(settings.CLAMAV)
    host, _, port = where.rpartition(":")
    if host and port.isdigit() and "/" not in where:
        return socket.create_connection((host, int(port)), timeout=SECONDS)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(SECONDS)
    try:
        connection.connect(where)
    except OSError:
        connection.close()
        raise
    return connection
