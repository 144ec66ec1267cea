"""How long an event takes from the post to the customer's page, while 2,000 events a second come in."""

import itertools
import json
import multiprocessing
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from bench.collector import event, new_key
from bench.load import request, run
from bench.machine import serving
from bench.table import Figure

PER_SECOND = 2000
PROBES = 40


def background(port: int, key: str, seconds: float) -> None:
    """Fresh events, a hundred a request."""
    numbers = itertools.count(0, 100)

    def bodies() -> Iterator[bytes]:
        for first in numbers:
            batch = [event(first + i) for i in range(100)]
            yield request("/v1/batch", json.dumps({"writeKey": key, "batch": batch}).encode())

    run(port, bodies(), connections=4, seconds=seconds, per_second=PER_SECOND / 100)


def session(data: Path) -> str:
    """The cookie of a logged-in member."""
    code = """
from django.test import Client
from beforehand.team.models import Member
client = Client()
client.force_login(Member.objects.get_or_create(email="bench@example.org", defaults={"name": "B", "role": "owner"})[0])
print(client.cookies["sessionid"].value)
"""
    command = [sys.executable, "-m", "beforehand", "--data", str(data), "django", "shell", "-v0", "-c", code]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1]


def probe(port: int, key: str, cookie: str, number: int) -> float:
    """Post one marked event of one customer, then load that customer's page until it shows."""
    mark = f"Probe {number:04d}"
    body = {"writeKey": key, "userId": "probe", "event": mark, "type": "track", "messageId": f"probe-{time.time_ns()}"}
    began = time.perf_counter()
    post = urllib.request.Request(f"http://127.0.0.1:{port}/v1/track", json.dumps(body).encode())
    urllib.request.urlopen(post, timeout=10).read()
    page = f"http://127.0.0.1:{port}/customers/as/user_id/probe"
    while time.perf_counter() - began < 20:
        look = urllib.request.Request(page, headers={"Cookie": f"sessionid={cookie}"})  # each counts its redirections
        try:
            if mark in urllib.request.urlopen(look, timeout=10).read().decode():
                return time.perf_counter() - began
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
        time.sleep(0.02)
    return float("inf")


def figures(seconds: float = 30) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        key, cookie = new_key(data), session(data)
        with serving(data) as (port, _):
            load = multiprocessing.Process(target=background, args=(port, key, seconds))
            load.start()
            time.sleep(2)
            took = sorted(probe(port, key, cookie, number) for number in range(PROBES))
            load.join()
        p95 = took[int(0.95 * (len(took) - 1))]
        yield Figure(
            f"event posted to visible on the page, at {PER_SECOND:,} events/s",
            f"p95 {p95:.2f} s (median {took[len(took) // 2]:.2f} s)", "p95 1 s", p95 < 1,
            f"{PROBES} probes, page loads included",
        )  # fmt: skip
