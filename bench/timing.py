"""Times inside a data folder: `python -m bench.timing FOLDER NAME` runs one of these and prints JSON.

A fresh process each, because the settings are read once and the peak of memory is a process's own.
"""

import json
import os
import pickle
import random
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any


def timed(call: Callable[[], Any], times: int = 1, clock: Callable[[], float] = time.perf_counter) -> float:
    """The median of so many runs, in seconds."""
    took = []
    for _ in range(times):
        began = clock()
        call()
        took.append(clock() - began)
    return median(took)


def transitions() -> dict[str, float]:
    """Transitions with mean and p90 over the sealed rows, and the window over raw rows that they save."""
    from beforehand.journey import lake

    pairs = """select previous, name, count(*), avg(gap), percentile_cont(0.9) within group (order by gap)
               from sealed where previous is not null group by previous, name"""
    window = """select previous, name, count(*), avg(gap), percentile_cont(0.9) within group (order by gap) from (
                  select name, lag(name) over w as previous, epoch(time - lag(time) over w) as gap
                  from sealed window w as (partition by customer order by time, id)) as raw
                where previous is not null group by previous, name"""
    with lake.reader() as opened:
        rows = opened.db.sql("select count(*) from sealed").fetchall()[0][0]
        opened.db.sql(pairs).fetchall()
        return {
            "rows": rows,
            "sealed": timed(lambda: opened.db.sql(pairs).fetchall(), 5),
            "window": timed(lambda: opened.db.sql(window).fetchall(), 3),
        }


def peer() -> dict[str, float]:
    """The plain transitions of pm4py (counts, no waits) over the same touchpoints, from a data frame in memory."""
    import pm4py

    from beforehand.journey import lake

    with lake.reader() as opened:
        frame = opened.db.sql("select customer, name, time from sealed order by customer, time, id").df()
    columns = {"activity_key": "name", "case_id_key": "customer", "timestamp_key": "time"}
    frame["customer"] = frame["customer"].astype(str)
    return {"seconds": timed(lambda: pm4py.discover_dfg(frame, **columns), 3)}


def pages() -> dict[str, float]:
    """Median seconds of the boards as a logged-in member gets them, after one call that warms the process."""
    from django.test import Client

    from beforehand.cli.parts import look_for_garbage_rarely
    from beforehand.journey import lake
    from beforehand.journey.models import Journey
    from beforehand.team.models import Member

    lake.seal()  # as a running server does every minute
    look_for_garbage_rarely()  # as every part of a running server does
    member, _ = Member.objects.get_or_create(email="bench@example.org", defaults={"name": "Bench", "role": "owner"})
    client = Client(headers={"host": "localhost"})
    client.force_login(member)
    customer = Journey.objects.order_by("-touchpoints", "pk").values_list("pk", flat=True).first()
    took = {}
    for name, path in {
        "home": "/",
        "map": "/journey",
        "the busiest customer": f"/customers/{customer}",
        "customers": "/customers",
    }.items():
        answer = client.get(path)
        assert answer.status_code == 200, f"{path} answered {answer.status_code}"
        took[name] = timed(lambda path=path: client.get(path), 9)
        took[f"{name} cpu"] = timed(lambda path=path: client.get(path), 9, time.process_time)
    return took | anybody(client)


def anybody(client: Any) -> dict[str, float]:
    """Median seconds of the pages of 50 customers drawn at random, each looked at once, and their CPU."""
    from beforehand.journey.models import Journey

    known = list(Journey.objects.order_by("pk").values_list("pk", flat=True))
    wall, cpu = [], []
    for customer in random.Random(50).sample(known, min(50, len(known))):
        began, busy = time.perf_counter(), time.process_time()
        client.get(f"/customers/{customer}")
        wall.append(time.perf_counter() - began)
        cpu.append(time.process_time() - busy)
    return {"a customer at random": median(wall), "a customer at random cpu": median(cpu)}


def raw() -> dict[str, float]:
    """The board's main numbers from raw rows: what the roll-ups save."""
    from beforehand.journey import lake

    with lake.reader() as opened:
        home = "select day, count(*), count(distinct customer) from touchpoints group by day"
        flows = "select previous, name, count(*), median(gap) from touchpoints group by previous, name"
        return {
            "home": timed(lambda: opened.db.sql(home).fetchall(), 3),
            "map": timed(lambda: opened.db.sql(flows).fetchall(), 3),
        }


def rebuild() -> dict[str, float]:
    from beforehand.journey import lake

    began = time.process_time()
    return {"seconds": timed(lake.rebuild), "cpu": time.process_time() - began}


def causes() -> dict[str, float]:
    """One search for the causes of contacts."""
    from beforehand.insight.causes.finding import find
    from beforehand.insight.causes.storing import configuration
    from beforehand.journey import lake

    with lake.reader() as opened:
        cpu, began = time.process_time(), time.perf_counter()
        found = find(opened.db, **configuration())
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
    return {"seconds": took, "cpu": cpu, "contacts": found.contacts, "judged": len(found.causes)}


def needs() -> dict[str, float]:
    """The rebuild of all needs with a process a core; the peak is this process's, not theirs."""
    from beforehand.journey.needs.rebuilding import rebuild

    began, wall = _cpu(), time.perf_counter()
    rows = rebuild()
    return {"rows": rows, "seconds": time.perf_counter() - wall, "cpu": _cpu() - began}


def follow() -> dict[str, float]:
    """Following what comes next in a filled folder, five seconds of 8,000 a second at a time; all is taken back.

    No customer was looked at before, and each has all their past in the record.
    """
    from django.db import transaction

    from beforehand.journey.models import Journey, Touchpoint
    from beforehand.journey.needs import projection
    from beforehand.journey.record import Row, record
    from bench.fill import NEXT

    projection.follow()
    rows = [Row(*row) for row in pickle.loads((Path(sys.argv[1]) / NEXT).read_bytes())]
    before = Touchpoint.objects.count()
    portion = max(1000, before // 500)
    busiest = Journey.objects.order_by("-touchpoints").values_list("pk", flat=True)[0]
    got = {"before": before, "portion": portion, "new": 0, "cpu": 0.0, "seconds": 0.0}
    got["page cpu"] = timed(lambda: projection.catch_up(busiest), 9, time.process_time)
    with transaction.atomic():
        for first in range(0, min(4 * portion, len(rows)), portion):
            record(rows[first : first + portion])
            began, wall = time.process_time(), time.perf_counter()
            got["new"] += projection.follow()
            got["cpu"] += time.process_time() - began
            got["seconds"] += time.perf_counter() - wall
        transaction.set_rollback(True)
    return got


def _cpu() -> float:
    """Seconds of processor time of this process and of those that it has started and that have ended."""
    used = [resource.getrusage(which) for which in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def drain() -> dict[str, float]:
    """How fast the drain empties an intake that holds a hundred thousand events in batches of a hundred."""
    from django.conf import settings

    from beforehand.journey import drain as draining
    from beforehand.journey.intake import Intake, Request
    from beforehand.journey.models import Source, Touchpoint
    from bench.collector import event

    source, _ = Source.objects.get_or_create(name="bench drain", defaults={"kind": Source.Kind.SERVER})
    before, stamp, total = Touchpoint.objects.count(), time.time_ns(), int(os.environ.get("BENCH_EVENTS", "100000"))
    bodies = []
    for first in range(0, total, 100):
        batch = [{**event(n), "messageId": f"{stamp}-{n}"} for n in range(first, first + 100)]
        bodies.append(json.dumps({"batch": batch}).encode())
    received = time.time_ns() // 1000
    with Intake(settings.INTAKE) as intake:
        intake.append([Request(received, source.pk, 0, "/v1/batch", "", body) for body in bodies])
    began, cpu = time.perf_counter(), time.process_time()
    draining.drain(draining.MESSAGES_BEHIND)
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    added = Touchpoint.objects.count() - before
    assert added == total, f"{added} of {total} events arrived"
    return {"events": total, "seconds": took, "cpu": cpu, "before": before, "raw": raw_inserts(before + added, total)}


def raw_inserts(newest: int, rows: int) -> float:
    """Rows a second that the database itself takes into the table of touchpoints, in groups; they are taken back."""
    from django.db import connection, transaction

    from beforehand.journey.models import Touchpoint

    columns: list[Any] = [field.column for field in Touchpoint._meta.concrete_fields if field.column != "id"]
    one: Any = Touchpoint.objects.filter(pk__gte=newest // 2).order_by("pk").values_list(*columns).first()
    at = columns.index("message_id")
    made = [(*one[:at], f"raw-{time.time_ns()}-{n}", *one[at + 1 :]) for n in range(rows)]
    made = [tuple(json.dumps(value) if isinstance(value, dict) else _micros(value) for value in row) for row in made]
    marks = ", ".join(["%s"] * len(columns))
    insert = f"INSERT INTO journey_touchpoint ({', '.join(columns)}) VALUES ({marks})"
    with transaction.atomic(), connection.cursor() as cursor:
        took = timed(lambda: [cursor.executemany(insert, made[n : n + 2000]) for n in range(0, rows, 2000)])
        transaction.set_rollback(True)
    return rows / took


def _micros(value: Any) -> Any:
    from datetime import datetime

    from beforehand.lib.fields import to_micros

    return to_micros(value) if isinstance(value, datetime) else value


if __name__ == "__main__":
    os.environ["BEFOREHAND_DATA"] = sys.argv[1]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beforehand.settings")
    from beforehand.cli.ready import ready

    ready()
    answer = globals()[sys.argv[2]]()
    answer["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(json.dumps(answer))
