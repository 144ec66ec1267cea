"""The collector: batches, single events, and what it is compared with."""

import itertools
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from beforehand.lib.tests.ports import free_port
from bench.load import Load, request, run
from bench.machine import cpu_of, serving, started, wait_for
from bench.table import Figure, rate

EMPTY = """
async def app(scope, receive, send):
    if scope["type"] == "http":
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})
"""


def event(number: int) -> dict[str, object]:
    """A track call of the size that shops send, about 450 bytes."""
    return {
        "type": "track", "event": "Product Viewed", "messageId": f"bench-{number:012d}-5f1c8a7e-40cb-4d1a-9a55",
        "anonymousId": f"anon-{number % 5000:06d}", "timestamp": "2026-03-01T10:00:00.000Z",
        "properties": {"product_id": f"sku-{number % 900}", "price": 42.5, "currency": "EUR", "list": "Spring"},
        "context": {
            "library": {"name": "bench", "version": "1"}, "page": {"path": f"/p/{number % 900}", "title": "A product"},
            "userAgent": "Mozilla/5.0 (X11; Linux x86_64)",
        },
    }  # fmt: skip


def new_key(data: Path) -> str:
    """A server's write key, made by command."""
    command = [
        sys.executable,
        "-m",
        "beforehand",
        "--data",
        str(data),
        "keys",
        "create",
        "Bench",
        "--kind",
        "server",
        "--quiet",
    ]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1]


def batches(key: str, size: int = 100) -> Iterator[bytes]:
    """A few hundred bodies made beforehand, sent in turn: the collector looks at size and syntax, not at the ids."""
    made = [
        request("/v1/batch", json.dumps({"writeKey": key, "batch": [event(start + i) for i in range(size)]}).encode())
        for start in range(0, 200 * size, size)
    ]
    return itertools.cycle(made)


def singles(key: str) -> Iterator[bytes]:
    made = [request("/v1/track", json.dumps({"writeKey": key, **event(n)}).encode()) for n in range(2000)]
    return itertools.cycle(made)


def stored(data: Path) -> int:
    with sqlite3.connect(f"file:{data / 'intake.sqlite3'}?mode=ro", uri=True) as intake:
        return int(intake.execute("select count(*) from request").fetchone()[0])


def commits_alone(seconds: float = 5) -> float:
    """Raw requests of a batch's size a second when each is a commit of its own, without HTTP."""
    body = json.dumps({"batch": [event(n) for n in range(100)]}).encode()
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite3.connect(f"{folder}/raw.sqlite3", isolation_level=None)
        database.execute("pragma journal_mode=wal")
        database.execute("pragma synchronous=full")
        database.execute("create table request (id integer primary key, body blob)")
        began, done = time.perf_counter(), 0
        while time.perf_counter() - began < seconds:
            database.execute("insert into request (body) values (?)", (body,))
            done += 1
        return done / (time.perf_counter() - began)


def empty_answers(connections: int, seconds: float, payloads: Iterator[bytes]) -> Load:
    """What the server itself does when the application answers nothing."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "empty.py").write_text(EMPTY)
        port = free_port()
        command = [sys.executable, "-m", "granian", "--interface", "asgi", "--port", str(port), "--workers", "1",
                   "--working-dir", folder, "--no-ws", "--log-level", "error", "empty:app"]  # fmt: skip
        with started(command):
            wait_for(port)
            return run(port, payloads, connections, seconds)


def figures(seconds: float = 60) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        key = new_key(data)
        with serving(data, "collector", ready="/v1/m") as (port, pid):
            before = cpu_of(pid)
            load = run(port, batches(key), connections=8, seconds=seconds)
            cost = cpu_of(pid) - before
            assert stored(data) == load.good, "an acknowledged request is not on disk"
            alone = commits_alone()
            events = load.good * 100 / load.seconds
            yield Figure(
                f"collector, batches of 100, burst of {seconds:.0f} s", f"{events:,.0f} events/s", "50,000 events/s",
                events >= 50_000, f"one commit a request, no HTTP: {alone * 100:,.0f} events/s",
                f"server {cost / load.seconds:.2f} cores, client {load.client_cpu / load.seconds:.2f}",
            )  # fmt: skip
            before = cpu_of(pid)
            load = run(port, singles(key), connections=64, seconds=seconds / 3)
            cost = cpu_of(pid) - before
        peer = empty_answers(64, seconds / 6, singles(key))
        yield Figure(
            "collector, single events, 64 connections", rate(load.good, load.seconds), "5,000/s",
            load.good / load.seconds >= 5000, f"an empty answer: {rate(peer.good, peer.seconds)}",
            f"server {cost / load.seconds:.2f} cores, client {load.client_cpu / load.seconds:.2f},"
            f" p95 {load.quantile(0.95) * 1000:.0f} ms",
        )  # fmt: skip
