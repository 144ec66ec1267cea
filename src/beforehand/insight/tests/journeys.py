"""A hand-made snapshot for the tests of measures: a few touchpoints whose answers can be worked out on paper."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import duckdb
import pyarrow as pa

MONDAY = datetime(2024, 1, 1, 10)  # noqa: DTZ001
TABLE = """create table touchpoints (id bigint, customer bigint, time timestamp, day date, name varchar,
  channel varchar, place varchar, actor varchar, source integer, properties varchar, previous varchar, gap double)"""
CATALOGUE = """create table catalogue (name varchar, label varchar, stage varchar, position integer, kind varchar,
  guessed boolean)"""
KINDS = {"help": "contact", "error": "failure"}
STAGES = {"ad": ("awareness", 1), "cart": ("purchase", 3), "buy": ("purchase", 3), "use": ("use", 5)}


def at(days=0, minutes=0):
    """A moment, so many days and minutes after Monday, 1 January 2024, 10:00 UTC."""
    return MONDAY + timedelta(days=days, minutes=minutes)


def snapshot(touchpoints):
    """A reader of (customer, time, name[, channel[, properties]]), with what the lake derives."""
    db = duckdb.connect(":memory:", config={"threads": 1})
    db.execute("set TimeZone = 'UTC'")
    db.execute(TABLE)
    _fill(db, "touchpoints", _derived(touchpoints))
    db.execute(CATALOGUE)
    names = sorted({row[2] for row in touchpoints})
    _fill(
        db,
        "catalogue",
        [[name, name.title(), *STAGES.get(name, (None, None)), KINDS.get(name, "value"), False] for name in names],
    )
    db.execute("create table stages (stage varchar, label varchar, position integer)")
    db.execute(
        "insert into stages values ('awareness', 'Awareness', 1), ('purchase', 'Purchase', 3), ('use', 'Use', 5)"
    )
    return SimpleNamespace(db=db, files=[], dirty=set(), version=1, through=len(touchpoints))


def _derived(touchpoints):
    last, rows = {}, []
    for number, (customer, time, name, *more) in sorted(
        enumerate(touchpoints, 1), key=lambda item: (item[1][1], item[0])
    ):
        channel, properties = [*more, *("", "{}")[len(more) :]]
        previous, before = last.get(customer, (None, None))
        gap = (time - before).total_seconds() if before else None
        rows.append([number, customer, time, time.date(), name, channel, "", "customer", 1, properties, previous, gap])
        last[customer] = (name, time)
    return rows


def _fill(db, table, rows):
    """In one go: rows inserted one at a time take milliseconds each."""
    if rows:
        columns = [pa.array(column) for column in zip(*rows, strict=True)]
        db.register("filling", pa.table(columns, names=[f"c{index}" for index in range(len(columns))]))
        db.execute(f"insert into {table} select * from filling")
        db.unregister("filling")
