"""SQLite's log is brought into the record beside those who write, not by them.

Left to itself SQLite lets whoever commits after every thousandth page do it, while all who want to write wait: answers
between mails waited for that more than for anything else. The scheduler does it every few seconds; where it does not
run, whoever commits does it after 16,000 pages (the settings say so), so that the log stays small in any case.
"""

from typing import Any

from django.db import connection

from beforehand.lib.turns import in_line


def keep_up() -> None:
    """Most of it while others write; then, in line with them, the little that came meanwhile: where nothing is left the
    next one to write begins the log anew."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        _bring_in(cursor)
        _bring_in(cursor)  # what came during the first, so that the line waits for next to nothing
        with in_line():
            _bring_in(cursor)


def _bring_in(cursor: Any) -> None:
    """As far as nobody who reads needs an earlier state; nobody waits for it."""
    cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
    cursor.fetchall()
