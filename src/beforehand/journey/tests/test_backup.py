"""A back-up made while others write gives back everything that was there, and nothing that does not belong."""

import io
import json
import os
import sqlite3
import stat
import subprocess
import sys
import tarfile
import threading
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection, transaction

from beforehand.customers.identity import Claim, identify
from beforehand.journey import lake
from beforehand.journey.backup import MANIFEST, BackupFailed, back_up
from beforehand.journey.intake import Intake, Request
from beforehand.journey.models import Source, Touchpoint
from beforehand.journey.record import Row, record
from beforehand.journey.restore import restore


def put(count, start=0):
    source, _ = Source.objects.get_or_create(name="till", defaults={"kind": Source.Kind.SERVER})
    ids = list(identify([Claim("user_id", f"u{n}", True) for n in range(5)]).values())
    numbers = range(start, start + count)
    record([Row(source.pk, f"m{n}", ids[n % 5], "Paid", 10**15 + n, 10**15 + n) for n in numbers])


def put_committed(count, start=0):
    with transaction.atomic():
        put(count, start)


@pytest.fixture
def sqlite_only():
    if connection.vendor != "sqlite":
        pytest.skip("a record in SQLite")


@pytest.fixture
def backup(transactional_db, sqlite_only, settings, tmp_path):
    """A back-up of twenty touchpoints, half of them sealed, and one request that is not drained yet."""
    settings.DATA = tmp_path / "data"
    settings.LAKE, settings.INTAKE = settings.DATA / "lake", settings.DATA / "intake.sqlite3"
    settings.DATA.mkdir()
    (settings.DATA / "secret.key").write_text("a secret")
    put_committed(10)
    lake.seal()
    put_committed(10, start=10)
    intake = Intake(settings.INTAKE)
    intake.append([Request(1, 1, 1, "/v1/track", "", b"{}")])
    intake.close()
    path = tmp_path / "all.tar"
    back_up(path)
    return path


def elsewhere(settings, tmp_path):
    settings.DATA = tmp_path / "new"
    settings.LAKE, settings.INTAKE = settings.DATA / "lake", settings.DATA / "intake.sqlite3"
    return settings.DATA


def rows(path, table):
    with closing(sqlite3.connect(path)) as database:
        return database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def rewritten(backup, change):
    """The back-up with its members changed by `change(dict name -> bytes)`."""
    with tarfile.open(backup) as tar:
        members = {member.name: tar.extractfile(member).read() for member in tar}
    change(members)
    path = backup.with_name("changed.tar")
    with tarfile.open(path, "w") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def test_everything_comes_back(backup, settings, tmp_path):
    new = elsewhere(settings, tmp_path)
    restored = restore(backup)
    assert restored.moved_to is None
    assert rows(new / "record.sqlite3", "journey_touchpoint") == 20
    assert rows(new / "intake.sqlite3", "request") == 1
    assert (new / "secret.key").read_text() == "a secret"
    with closing(sqlite3.connect(new / "record.sqlite3")) as database:
        named = {path for (path,) in database.execute("SELECT path FROM journey_lakefile WHERE replaced IS NULL")}
    assert named == {path.relative_to(new / "lake").as_posix() for path in (new / "lake").rglob("*.parquet")} != set()


def test_only_its_owner_may_read_a_backup(backup):
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert [path.name for path in backup.parent.iterdir() if path.name.startswith(".")] == []


def test_a_backup_inside_a_transaction_is_refused(db, settings, tmp_path):
    with pytest.raises(transaction.TransactionManagementError):
        back_up(tmp_path / "all.tar")


def test_a_backup_is_not_written_over(backup):
    with pytest.raises(BackupFailed, match="is there already"):
        back_up(backup)


def test_a_folder_that_holds_data_is_refused_or_moved_aside(backup, settings, tmp_path):
    new = elsewhere(settings, tmp_path)
    restore(backup)
    with pytest.raises(BackupFailed, match="holds data already"):
        restore(backup)
    restored = restore(backup, replace=True)
    assert rows(restored.moved_to / "record.sqlite3", "journey_touchpoint") == 20
    assert rows(new / "record.sqlite3", "journey_touchpoint") == 20


def test_what_any_first_command_leaves_is_no_data(backup, settings, tmp_path):
    new = elsewhere(settings, tmp_path)
    (new / "lake" / "scratch").mkdir(parents=True)
    (new / "secret.key").write_text("another")
    assert restore(backup).moved_to is None
    assert (new / "secret.key").read_text() == "a secret"


def test_a_folder_in_use_is_refused(backup, settings, tmp_path):
    new = elsewhere(settings, tmp_path)
    restore(backup)
    with closing(sqlite3.connect(new / "record.sqlite3")) as server:
        server.execute("PRAGMA journal_mode=WAL")
        server.execute("SELECT count(*) FROM journey_touchpoint").fetchone()
        with pytest.raises(BackupFailed, match="Stop the server first"):
            restore(backup, replace=True)


@pytest.mark.parametrize("name", ["../outside", "/tmp/outside", "lake/../../outside.parquet", "static/page.js"])
def test_a_path_that_is_not_ours_is_refused(backup, settings, tmp_path, name):
    elsewhere(settings, tmp_path)

    def add(members):
        manifest = json.loads(members[MANIFEST])
        manifest["files"][name] = {"bytes": 1, "sha256": "x"}
        members[MANIFEST] = json.dumps(manifest).encode()
        members[name] = b"x"

    with pytest.raises(BackupFailed, match="not one of ours"):
        restore(rewritten(backup, add))
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda members: members.update({"lake/extra/x.parquet": b"x"}), "does not name"),
        (lambda members: members.update({"secret.key": b"other"}), "secret.key in the back-up is damaged"),
        (lambda members: members.pop("intake.sqlite3"), "intake.sqlite3 is missing"),
        (lambda members: members.update({MANIFEST: b"{}"}), "manifest cannot be read"),
        (lambda members: members.pop(MANIFEST), "does not begin with its manifest"),
    ],
)
def test_a_backup_that_was_tampered_with_changes_nothing(backup, settings, tmp_path, change, words):
    new = elsewhere(settings, tmp_path)
    with pytest.raises(BackupFailed, match=words):
        restore(rewritten(backup, change))
    assert list(new.iterdir()) == []


def test_a_file_that_is_no_backup_is_refused(db, sqlite_only, settings, tmp_path):
    path = tmp_path / "x.tar"
    path.write_bytes(b"hello" * 500)
    elsewhere(settings, tmp_path)
    with pytest.raises(BackupFailed, match="cannot be read as a back-up"):
        restore(path)


WRITER = """
import sys
from beforehand.cli.ready import ready
ready()
from django.db import transaction
from beforehand.journey import lake
from beforehand.journey.tests.test_backup import put
for turn in range(10_000):
    with transaction.atomic():
        put(20, start=20 * turn)
    if turn % 3 == 0:
        lake.seal()
    print(20 * (turn + 1), flush=True)
"""


@pytest.mark.slow
def test_a_backup_while_somebody_writes_loses_nothing_that_was_committed_before(tmp_path):
    """In processes of their own, as a server and a command are."""
    data, new = tmp_path / "data", tmp_path / "new"

    def environment(folder):
        rest = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
        return rest | {"BEFOREHAND_DATA": str(folder)}

    def command(folder, *arguments):
        run = [sys.executable, "-m", "beforehand", *arguments]
        return subprocess.run(
            run, env=environment(folder), capture_output=True, text=True, timeout=120, check=True
        ).stdout

    writer = subprocess.Popen([sys.executable, "-c", WRITER], env=environment(data), stdout=subprocess.PIPE, text=True)
    written = []
    reading = threading.Thread(target=lambda: written.extend(int(line) for line in writer.stdout))
    try:
        reading.start()
        while not written and writer.poll() is None:
            reading.join(0.05)
        before = written[-1]
        command(data, "backup", str(tmp_path / "all.tar"))
    finally:
        writer.terminate()
        writer.wait()
        reading.join()
        writer.stdout.close()
    assert written[-1] > before, "the writer stood still while the back-up was made"
    command(new, "restore", str(tmp_path / "all.tar"))
    assert before <= rows(new / "record.sqlite3", "journey_touchpoint") <= written[-1] + 20
    assert "agree" in command(new, "lake", "check")


@pytest.mark.django_db(transaction=True)
def test_a_record_in_postgresql_comes_back(settings, tmp_path):
    if connection.vendor != "postgresql":
        pytest.skip("a record in PostgreSQL")
    put_committed(10)
    back_up(tmp_path / "all.tar")
    put_committed(5, start=10)
    restore(tmp_path / "all.tar", replace=True)
    assert Touchpoint.objects.count() == 10
    assert Path(settings.DATA).is_dir()


def test_mails_and_attachments_go_along_and_half_written_ones_do_not(backup, settings, tmp_path):
    settings.FILES = tmp_path / "data" / "files"
    kept = settings.FILES / "ab" / ("c" * 62)
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"From: ada@customer.example")
    (kept.parent / ".new-x").write_bytes(b"From: a")
    path = tmp_path / "with-files.tar"
    back_up(path)
    data = elsewhere(settings, tmp_path)
    connection.close()
    restore(path)
    assert [one.name for one in (data / "files").rglob("*") if one.is_file()] == ["c" * 62]
    assert (data / "files" / "ab" / ("c" * 62)).read_bytes() == b"From: ada@customer.example"
