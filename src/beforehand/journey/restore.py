"""A back-up into a data folder. All of it is unpacked and checked on the side before any of it counts."""

import json
import os
import re
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection

from beforehand.journey.backup import (
    BLOCK,
    FORMAT,
    INTAKE,
    MANIFEST,
    RECORD,
    SECRET,
    STORED,
    BackupFailed,
    digest,
    postgres_client,
    run_client,
)

EXPECTED = re.compile(r"lake/[a-z_]+/[A-Za-z0-9_.-]+\.parquet")
LONGEST_MANIFEST = 512 << 20
OURS = (
    RECORD["sqlite"],
    f"{RECORD['sqlite']}-wal",
    f"{RECORD['sqlite']}-shm",
    INTAKE,
    f"{INTAKE}-wal",
    f"{INTAKE}-shm",
)


class Restored(NamedTuple):
    """What was restored, when that had been backed up, and where what was there before lies now."""

    files: int
    made: str
    moved_to: Path | None


def restore(source: Path, replace: bool = False) -> Restored:
    """Make the data folder what it was. One that holds data is refused, or with `replace` moved aside first."""
    data = Path(settings.DATA)
    held = _holds_data(data)
    if (held or _record_in_postgres()) and not replace:
        raise BackupFailed(
            f"{data} or its database holds data already. Restore into an empty folder, or say --replace."
        )
    _refuse_running(data)
    with _staging(data) as folder:
        manifest = _unpack(source, folder)
        _check_record(folder, manifest)
        if manifest["record"] == "postgresql":
            _fill_postgres(folder / RECORD["postgresql"])
            (folder / RECORD["postgresql"]).unlink()
        moved_to = _move_aside(data, held)
        for path in sorted(folder.iterdir()):
            os.replace(path, data / path.name)
    return Restored(len(manifest["files"]), manifest["made"], moved_to)


def _holds_data(data: Path) -> bool:
    """A secret key and an empty lake are what any first command leaves; they count as nothing."""
    return any((data / name).exists() for name in OURS) or any((data / "lake").glob("*/*.parquet"))


def _record_in_postgres() -> bool:
    if connection.vendor != "postgresql":
        return False
    return bool(connection.introspection.table_names())


def _refuse_running(data: Path) -> None:
    """A server on this folder would go on writing to files that are no longer there."""
    for name in (RECORD["sqlite"], INTAKE):
        if (data / name).exists():
            try:
                with closing(sqlite3.connect(data / name, timeout=1, isolation_level=None)) as database:
                    database.execute("PRAGMA locking_mode=EXCLUSIVE")
                    database.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError:
                raise BackupFailed(f"Something is using {data / name}. Stop the server first.") from None
            except sqlite3.DatabaseError:
                pass  # It is broken; that may be why a back-up is restored.


@contextmanager
def _staging(data: Path) -> Iterator[Path]:
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = Path(tempfile.mkdtemp(prefix=".restoring-", dir=data))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    try:
        with tarfile.open(source, "r:") as tar:
            manifest = _manifest(tar)
            for member in tar:
                _unpack_one(tar, member, manifest, folder)
    except (tarfile.TarError, EOFError) as error:
        raise BackupFailed(f"{source} cannot be read as a back-up: {error}.") from None
    missing = [name for name in manifest["files"] if not (folder / name).is_file()]
    if missing:
        raise BackupFailed(f"The back-up is not whole: {missing[0]} is missing. Nothing was changed.")
    return manifest


def _manifest(tar: tarfile.TarFile) -> dict[str, Any]:
    first = tar.next()
    if first is None or first.name != MANIFEST or not first.isreg() or first.size > LONGEST_MANIFEST:
        raise BackupFailed("This is no back-up of Beforehand: it does not begin with its manifest.")
    file = tar.extractfile(first)
    try:
        manifest = json.load(file) if file else {}
        names = set(manifest["files"])
        kind, form = manifest["record"], manifest["format"]
    except (ValueError, KeyError, TypeError):
        raise BackupFailed("The back-up's manifest cannot be read.") from None
    if form != FORMAT:
        raise BackupFailed(f"The back-up has format {form}; this version knows format {FORMAT}. Use the newer version.")
    if kind != connection.vendor:
        raise BackupFailed(f"The back-up's record is {kind}, and DATABASE_URL here says {connection.vendor}.")
    own = {RECORD[kind], INTAKE, SECRET}
    strange = [name for name in names - own if not (EXPECTED.fullmatch(name) or STORED.fullmatch(name))]
    if strange or RECORD[kind] not in names:
        raise BackupFailed(f"The back-up is not one of ours: {strange[0] if strange else 'it has no record'}.")
    return dict(manifest)


def _unpack_one(tar: tarfile.TarFile, member: tarfile.TarInfo, manifest: dict[str, Any], folder: Path) -> None:
    """Only plain files that the manifest names, with the content that it names."""
    if member.name == MANIFEST:
        return
    expected = manifest["files"].get(member.name)
    content = tar.extractfile(member) if member.isreg() else None
    if expected is None or content is None:
        raise BackupFailed(f"The back-up holds {member.name!r}, which its manifest does not name. Nothing was changed.")
    target = folder / member.name
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        shutil.copyfileobj(content, file, BLOCK)
        file.flush()
        os.fsync(file.fileno())
    if digest(target) != expected["sha256"]:
        raise BackupFailed(f"{member.name} in the back-up is damaged. Nothing was changed.")


def _check_record(folder: Path, manifest: dict[str, Any]) -> None:
    for name in (RECORD["sqlite"], INTAKE):
        if name in manifest["files"]:
            with closing(sqlite3.connect(folder / name)) as database:
                (verdict,) = database.execute("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                raise BackupFailed(f"{name} in the back-up is damaged: {verdict}. Nothing was changed.")


def _fill_postgres(dump: Path) -> None:
    arguments, environment = postgres_client()
    connection.close()
    run_client(
        ["pg_restore", *arguments, "--clean", "--if-exists", "--no-owner", "--single-transaction", str(dump)],
        environment,
    )


def _move_aside(data: Path, held: bool) -> Path | None:
    """Make room. What held data is kept; what held none goes."""
    aside = data / f"before-restore-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"
    aside.mkdir(mode=0o700)
    for name in (*OURS, "lake", "files", SECRET):
        if (data / name).exists():
            os.replace(data / name, aside / name)
    if held:
        return aside
    shutil.rmtree(aside)
    return None
