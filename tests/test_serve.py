"""One command starts everything, starts again what dies, and leaves nothing behind."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import click
import pytest

from beforehand.cli.processes import LONGEST_WAIT, Part
from beforehand.cli.schedule import JOBS, LONG_JOBS, Schedule
from beforehand.cli.serve import address
from beforehand.journey.tests.live import live


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with live(tmp_path_factory.mktemp("serve")) as server:
        server.text = server.key()
        yield server


def children(pid: int) -> dict[str, int]:
    """The running parts of a supervisor, by name."""
    found = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = status.read_text().rsplit(")", 1)[1].split()[:2]
            words = (status.parent / "cmdline").read_text().split("\0")
        except OSError:
            continue
        if int(parent) == pid and state != "Z" and "beforehand.cli.parts" in words:
            found[words[words.index("beforehand.cli.parts") + 1]] = int(status.parent.name)
    return found


def send(server, name: str) -> None:
    request = urllib.request.Request(f"{server.address}/v1/track", data=f'{{"event":"{name}","userId":"u1"}}'.encode())
    request.add_header("Authorization", f"Bearer {server.text}")
    until = time.monotonic() + 15
    while True:
        try:
            assert urllib.request.urlopen(request, timeout=5).status == 200
            return
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.1)


def arrived(server, name: str) -> bool:
    return len(server.wait_for_rows(f"SELECT 1 FROM journey_touchpoint WHERE name = '{name}'", 1)) == 1


def gone(pids, seconds: float = 20) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not any(alive(pid) for pid in pids):
            return True
        time.sleep(0.1)
    return False


def alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False


@pytest.mark.parametrize("part", ["drain", "pages", "mail", "worker"])
def test_a_part_that_dies_is_started_again(server, part):
    pid = children(server.process.pid)[part]
    os.kill(pid, signal.SIGKILL)
    assert gone([pid])
    send(server, f"After {part} died")
    assert arrived(server, f"After {part} died")
    until = time.monotonic() + 15
    while part not in children(server.process.pid) and time.monotonic() < until:
        time.sleep(0.1)
    assert children(server.process.pid)[part] != pid


def test_pages_and_collector_share_the_port(server):
    assert b"<html" in urllib.request.urlopen(f"{server.address}/account/login/", timeout=10).read()
    assert urllib.request.urlopen(f"{server.address}/beforehand.js", timeout=10).status == 200


def test_a_taken_port_is_a_clear_error(server):
    command = [sys.executable, "-m", "beforehand", "serve", "--bind", f"127.0.0.1:{server.port}"]
    done = subprocess.run(command, env=server.environment, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1 and "Choose another address" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_it_ends_cleanly_with_all_its_parts(tmp_path, number):
    with live(tmp_path) as server:
        parts = children(server.process.pid)
        assert set(parts) == {"pages", "drain", "mail", "worker"}
        server.process.send_signal(number)
        assert server.process.wait(20) == 0
        assert gone(parts.values(), 1)


def test_parts_do_not_outlive_a_supervisor_that_was_killed(tmp_path):
    with live(tmp_path) as server:
        parts = children(server.process.pid)
        server.process.kill()
        server.process.wait()
        assert gone(parts.values())


@pytest.mark.parametrize(
    ("bind", "found"),
    [
        ("127.0.0.1:8000", ("127.0.0.1", 8000)),
        (":8000", ("127.0.0.1", 8000)),
        ("8000", ("127.0.0.1", 8000)),
        ("[::1]:80", ("::1", 80)),
        ("0.0.0.0:1", ("0.0.0.0", 1)),
    ],
)
def test_an_address_is_read(bind, found):
    assert address(bind) == found


@pytest.mark.parametrize("bind", ["", "localhost", "127.0.0.1:0", "127.0.0.1:65536", "host:port"])
def test_what_is_no_address_is_refused(bind):
    with pytest.raises(click.BadParameter):
        address(bind)


def test_an_open_address_without_https_is_warned_of(capsys):
    from beforehand.cli.serve import warn_open

    for host, https, warned in [("0.0.0.0", False, True), ("0.0.0.0", True, False), ("::1", False, False),
                                ("127.0.0.9", False, False), ("cx.example", False, True)]:  # fmt: skip
        warn_open(host, https)
        assert bool(re.search("Warning", capsys.readouterr().err)) is warned


def test_a_part_that_keeps_dying_is_started_ever_more_rarely(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("beforehand.cli.processes.time.monotonic", lambda: now[0])
    part = Part("drain", "127.0.0.1", 1)
    waits = []

    class Dead:
        returncode = 1

        def poll(self):
            return 1

    monkeypatch.setattr(
        Part, "start", lambda self: (setattr(self, "process", Dead()), setattr(self, "started", now[0]))
    )
    for _ in range(10):
        part.look()
        part.look()
        waits.append(part.wait)
        now[0] += part.wait
    assert waits == sorted(waits) and waits[-1] == LONGEST_WAIT
    now[0] += 100
    part.process, part.started = Dead(), now[0] - 100
    part.look()
    assert part.wait == 0.5


def test_every_job_of_the_schedule_is_there():
    import importlib

    for name in JOBS | LONG_JOBS:
        module, function = name.split(":")
        assert callable(getattr(importlib.import_module(module), function))


def test_a_job_that_fails_does_not_stop_the_others(monkeypatch, caplog):
    done = []
    schedule = Schedule({"json:no_such": 10, "json:dumps": 10})
    schedule.jobs[1].run = lambda: done.append(1)
    monkeypatch.setattr("beforehand.cli.schedule.close_old_connections", lambda: None)
    schedule.run_due()
    schedule.run_due()
    assert done == [1] and "json:no_such failed" in caplog.text
