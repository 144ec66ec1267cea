"""`beforehand import` as people run it."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest
from click.testing import CliRunner

from beforehand.cli.imports import import_file
from beforehand.journey.models import Touchpoint

ROWS = [f"cust {n % 90},Step {n % 7},2024-03-01T00:00:{n % 60:02}Z,{n}" for n in range(3000)]


def write(path, rows):
    path.write_text("\n".join(["customer,event,time,note", *rows]) + "\n")
    return path


def run(*arguments):
    return CliRunner().invoke(import_file, [str(argument) for argument in arguments])


@pytest.mark.django_db
def test_it_says_how_it_read_the_file_and_what_came_of_it(tmp_path):
    result = run(write(tmp_path / "log.csv", [*ROWS[:5], "guest,Paid,2024-03-01,x"]))
    assert result.exit_code == 0
    assert "columns separated by comma (guessed), utf-8" in result.output
    assert "customer   customer  (guessed; user id)" in result.output
    assert "time       time  (guessed; ISO" in result.output
    assert "properties all others: note" in result.output
    assert "Read 6 rows: 5 added, 0 already there, 1 rejected." in result.output
    assert "5 customers, 5 names, from 2024-03-01 00:00 to 2024-03-01 00:00 UTC." in result.output
    assert "rejected 1: the customer is a value that names nobody" in result.output
    assert "Next: beforehand report" in result.output


@pytest.mark.django_db
def test_what_cannot_be_imported_is_one_plain_sentence(tmp_path):
    result = run(write(tmp_path / "log.csv", ROWS[:5]), "--name", "Activity")
    assert result.exit_code == 1
    assert (
        "Error: There is no column “Activity”. The columns are: “customer”, “event”, “time”, “note”." in result.output
    )
    assert "Traceback" not in result.output


@pytest.mark.django_db
def test_columns_zone_and_delimiter_can_be_told(tmp_path):
    path = tmp_path / "log.txt"
    path.write_text("a\tb\tc\td\nada\t01/02/2024 10:00\tPaid\tx\n")
    given = ["--customer", "a", "--at", "b", "--name", "c", "--place", "d", "--delimiter", "tab"]
    assert "may have the day or the month first" in run(path, *given).output
    result = run(path, *given, "--time-format", "%d/%m/%Y %H:%M", "--zone", "Asia/Tokyo")
    assert result.exit_code == 0, result.output
    found = Touchpoint.objects.get()
    assert (found.place, found.time.isoformat()) == ("x", "2024-02-01T01:00:00+00:00")
    assert run(path, *given, "--zone", "Atlantis").exit_code == 2


def environment(data):
    rest = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    return rest | {"BEFOREHAND_DATA": str(data)}


def start(data, path):
    command = [sys.executable, "-m", "beforehand", "import", str(path)]
    return subprocess.Popen(command, env=environment(data), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def recorded(data):
    with closing(sqlite3.connect(data / "record.sqlite3", timeout=30)) as record:
        return record.execute("SELECT count(*), count(DISTINCT message_id) FROM journey_touchpoint").fetchone()


@pytest.mark.slow
def test_two_imports_at_once_and_one_that_was_killed(tmp_path):
    """Two files that share half their rows, and a first try of one of them that ends with SIGKILL."""
    data = tmp_path / "data"
    first = write(tmp_path / "first.csv", ROWS[:2000])
    second = write(tmp_path / "second.csv", ROWS[1000:])
    killed = start(data, first)
    time.sleep(1.5)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    both = [start(data, path) for path in (first, second)]
    outputs = [process.communicate(timeout=300)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    assert recorded(data) == (3000, 3000)
