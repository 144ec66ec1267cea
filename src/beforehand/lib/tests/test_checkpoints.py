"""SQLite's log stays small while much is written, and nobody who writes brings it in."""

from pathlib import Path

import pytest
from django.db import connection

from beforehand.lib import checkpoints
from beforehand.team.models import AuditEntry

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL does it by itself."),
]


@pytest.fixture(autouse=True)
def no_log_yet(transactional_db):
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def write_much() -> int:
    """Each of these is a transaction; the size of the log after them."""
    for number in range(20):
        AuditEntry.note("wrote", f"{number}", text="x" * 20_000)
    return Path(f"{connection.settings_dict['NAME']}-wal").stat().st_size


def test_the_log_begins_anew_each_time():
    once = write_much()
    for _again in range(4):
        checkpoints.keep_up()
        assert write_much() < 1.5 * once
    assert write_much() > 1.5 * once


def test_what_somebody_reads_stays_and_is_brought_in_later():
    other = connection.copy("other")
    try:
        with other.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute("select count(*) from team_auditentry")
            before = cursor.fetchone()[0]
            once = write_much()
            checkpoints.keep_up()
            cursor.execute("select count(*) from team_auditentry")
            assert cursor.fetchone()[0] == before and write_much() > 1.5 * once
            cursor.execute("rollback")
    finally:
        other.close()
    checkpoints.keep_up()
    grown = Path(f"{connection.settings_dict['NAME']}-wal").stat().st_size
    assert write_much() == grown


def test_without_the_scheduler_whoever_writes_brings_it_in():
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_autocheckpoint")
        (pages,) = cursor.fetchone()
        assert pages == 16_000
        cursor.execute("PRAGMA wal_autocheckpoint = 50")
        most = max(write_much() for _often in range(8))
        cursor.execute(f"PRAGMA wal_autocheckpoint = {pages}")
    assert most < 4 << 20
