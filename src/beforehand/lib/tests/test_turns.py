"""Who waits in line to write gets its turn from whoever writes without end."""

import threading
import time

import pytest
from django.db import connection, transaction

from beforehand.lib.statements import ask
from beforehand.lib.turns import in_line, redoable


@pytest.mark.skipif(connection.vendor == "postgresql", reason="PostgreSQL has a line of its own.")
def test_one_at_a_time_and_whoever_waits_comes_next():
    written: list[str] = []
    ending, there = threading.Event(), threading.Event()

    def without_end() -> None:
        while not ending.is_set():
            with in_line():
                there.set()
                written.append("begins")
                time.sleep(0.02)
                written.append("ends")

    busy = threading.Thread(target=without_end)
    busy.start()
    try:
        there.wait(10)
        with in_line():
            assert written[-1] == "ends"
            so_far = len(written)
            time.sleep(0.05)
            assert len(written) == so_far
    finally:
        ending.set()
        busy.join(10)
    assert not busy.is_alive()


@pytest.mark.django_db
def test_within_a_transaction_nobody_stands_in_line_again():
    with in_line(), transaction.atomic(), in_line(), in_line():
        pass


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite waits for the disk.")
@pytest.mark.django_db(transaction=True)
def test_only_what_would_be_done_again_does_not_wait_for_the_disk():
    def waits() -> str:
        return ask("show synchronous_commit")[0][0]

    with pytest.raises(ZeroDivisionError), redoable():
        assert waits() == "off"
        raise ZeroDivisionError
    assert waits() == "on"
    with transaction.atomic(), redoable():
        assert waits() == "on"
