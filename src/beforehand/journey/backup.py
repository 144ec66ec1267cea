"""A consistent copy of everything in one file, while the server runs.

The record is copied first and in one moment, then the lake's files that this copy names, then mails and attachments,
then the intake: so the intake in the copy holds every request that the record in the copy knows, and a drain that goes
on from there loses nothing and records nothing twice. The file holds the secret key and everybody's data: it is
readable for its owner alone.
"""

import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from beforehand import __version__
from beforehand.journey.lake import layout
from beforehand.journey.models import LakeFile

FORMAT = 1
MANIFEST = "manifest.json"
RECORD = {"sqlite": "record.sqlite3", "postgresql": "record.dump"}
INTAKE = "intake.sqlite3"
SECRET = "secret.key"  # noqa: S105
STORED = re.compile(r"files/[0-9a-f]{2}/[0-9a-f]{62}")
ATTEMPTS = 5
BLOCK = 1 << 20


class BackupFailed(Exception):
    """The back-up or the restoration cannot be done; the message says why, and what to do next."""


class Made(NamedTuple):
    """What a back-up holds."""

    path: Path
    files: int
    bytes: int


def back_up(target: Path) -> Made:
    """Write everything to `target`, a .tar file, which appears when it is whole."""
    if connection.in_atomic_block:
        raise transaction.TransactionManagementError("A back-up is made of what is committed.")
    if target.exists():
        raise BackupFailed(f"{target} is there already. Name a new file, or move that one away.")
    _require_space(target.parent)
    with _staging(target) as folder:
        for _ in range(ATTEMPTS):
            _copy_record(folder)
            if _link_lake(folder):
                break
        else:
            raise BackupFailed("The lake's files changed again and again while they were copied. Try again later.")
        _link_files(folder)
        _copy_intake(folder)
        _copy_secret(folder)
        files = _describe(folder)
        whole = folder / "whole.tar"
        _pack(folder, [MANIFEST, *files], whole)
        os.replace(whole, target)
    return Made(target, len(files), target.stat().st_size)


def digest(path: Path) -> str:
    sum_ = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            sum_.update(block)
    return sum_.hexdigest()


def _require_space(folder: Path) -> None:
    """The copies and the file made of them lie beside each other for a moment."""
    if not folder.is_dir():
        raise BackupFailed(f"There is no folder {folder}.")
    data = Path(settings.DATA)
    size = sum(path.stat().st_size for path in data.rglob("*") if path.is_file())
    free = shutil.disk_usage(folder).free
    if free < 2 * size:
        raise BackupFailed(f"{folder} has {free >> 20:,} MiB free; up to {2 * size >> 20:,} MiB are needed on the way.")


@contextmanager
def _staging(target: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy_record(folder: Path) -> None:
    connection.ensure_connection()
    target = folder / RECORD[connection.vendor]
    target.unlink(missing_ok=True)
    if connection.vendor == "sqlite":
        _copy_sqlite(connection.connection, target)
    else:
        _dump_postgres(target)


def _copy_sqlite(source: sqlite3.Connection, target: Path) -> None:
    """In one step: a copy in several would begin anew each time that somebody writes."""
    with closing(sqlite3.connect(target)) as copy:
        source.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode=DELETE")


def _dump_postgres(target: Path) -> None:
    arguments, environment = postgres_client()
    command = ["pg_dump", *arguments, "--format=custom", "--no-owner", f"--file={target}"]
    run_client(command, environment)


def postgres_client() -> tuple[list[str], dict[str, str]]:
    """Arguments and environment for PostgreSQL's own programs; the password is not among the arguments."""
    params = connection.get_connection_params()
    options = {"--dbname": "dbname", "--host": "host", "--port": "port", "--username": "user"}
    arguments = [f"{option}={params[key]}" for option, key in options.items() if params.get(key)]
    return arguments, {**os.environ, "PGPASSWORD": str(params.get("password") or "")}


def run_client(command: list[str], environment: dict[str, str]) -> None:
    try:
        subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise BackupFailed(
            f"{command[0]} is not installed. It comes with PostgreSQL's client programs (Debian: postgresql-client)."
        ) from None
    except subprocess.CalledProcessError as error:
        raise BackupFailed(f"{command[0]} failed: {error.stderr.strip()}") from None


def _link_lake(folder: Path) -> bool:
    """Take the files that the copied record names. False when one went meanwhile: then both are taken again."""
    for name in _lake_files(folder):
        target = folder / "lake" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            _link(layout.file_at(name), target)
        except FileNotFoundError:
            shutil.rmtree(folder / "lake")
            return False
    return True


def _link_files(folder: Path) -> None:
    """Raw mails and attachments. They are on disk before the record names them, so all that the copy names are here."""
    kept = Path(settings.FILES)
    for source in kept.glob("??/*"):
        name = f"files/{source.relative_to(kept).as_posix()}"
        if STORED.fullmatch(name):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            # One that went meanwhile was erased with its customer.
            with suppress(FileNotFoundError):
                _link(source, folder / name)


def _lake_files(folder: Path) -> list[str]:
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(folder / RECORD["sqlite"])) as copy:
            return [path for (path,) in copy.execute("SELECT path FROM journey_lakefile WHERE replaced IS NULL")]
    # Beside a dump only the files of now can be asked for; what the dump names and is not there is rebuilt.
    return list(LakeFile.objects.filter(replaced=None).values_list("path", flat=True))


def _link(source: Path, target: Path) -> None:
    if target.exists():
        return
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(source, target)


def _copy_intake(folder: Path) -> None:
    if Path(settings.INTAKE).exists():
        with closing(sqlite3.connect(settings.INTAKE, timeout=60)) as source:
            _copy_sqlite(source, folder / INTAKE)


def _copy_secret(folder: Path) -> None:
    secret = Path(settings.DATA) / SECRET
    if secret.exists():
        shutil.copyfile(secret, folder / SECRET)


def _describe(folder: Path) -> list[str]:
    """Write the manifest, and give the names of the files in it."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    manifest = {
        "format": FORMAT,
        "version": __version__,
        "made": timezone.now().isoformat(),
        "record": connection.vendor,
        "files": {name: {"bytes": (folder / name).stat().st_size, "sha256": digest(folder / name)} for name in names},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    return names


def _pack(folder: Path, names: list[str], target: Path) -> None:
    with open(target, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        with tarfile.open(fileobj=file, mode="w") as tar:
            for name in names:
                tar.add(folder / name, arcname=name, recursive=False)
        file.flush()
        os.fsync(file.fileno())
