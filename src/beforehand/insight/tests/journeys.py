"""A hand-made snapshot for the tests of measures: a few touchpoints whose answers can be worked out on paper."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import duckdb
import pyarrow as pa

from beforehand.journey.lake import added, engine

MONDAY = datetime(2024, 1, 1, 10)  # noqa: DTZ001
TABLE = """create table touchpoints (id bigint, customer bigint, time timestamp, day date, name varchar,
  channel varchar, place varchar, actor varchar, source integer, properties varchar, previous varchar, gap double)"""
CATALOGUE = """create table catalogue (name varchar, label varchar, stage varchar, position integer, kind varchar,
  guessed boolean)"""
NEEDS = """create table needs (need bigint, customer bigint, kind varchar, version integer, key varchar,
  opened timestamp, opened_day date, opened_by bigint, step varchar, step_since timestamp, stuck_at timestamp,
  met timestamp, met_by bigint, how varchar, abandoned timestamp, horizon double, contacts integer,
  first_contact timestamp, first_trouble timestamp, noticed_by varchar, lead double, beforehand boolean,
  excluded varchar)"""
STEPS = """create table need_steps (need bigint, customer bigint, kind varchar, version integer, step varchar,
  position integer, entered timestamp, left_at timestamp, left_by bigint, outcome varchar, loops integer,
  stuck_at timestamp)"""
CONTACTS = """create table contacts (id bigint, customer bigint, time timestamp, day date, name varchar,
  channel varchar, need bigint, kind varchar, step varchar, linked_by varchar, cause varchar, probability double,
  origin bigint, origin_name varchar, repeat_of bigint, owner varchar, overruled_by bigint, cost double)"""
NEED_KINDS = "create table need_kinds (kind varchar, version integer, title varchar, newest boolean)"
KINDS = {"help": "contact", "error": "failure"}
STAGES = {"ad": ("awareness", 1), "cart": ("purchase", 3), "buy": ("purchase", 3), "use": ("use", 5)}


def at(days=0, minutes=0):
    """A moment, so many days and minutes after Monday, 1 January 2024, 10:00 UTC."""
    return MONDAY + timedelta(days=days, minutes=minutes)


def snapshot(touchpoints, needs=(), steps=(), contacts=()):
    """A reader of (customer, time, name[, channel[, properties]]), with what the lake derives; needs, steps and
    contacts as dictionaries of what matters in them."""
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
    for statement, table, rows in (
        (NEEDS, "needs", needs),
        (STEPS, "need_steps", steps),
        (CONTACTS, "contacts", contacts),
    ):
        db.execute(statement)
        _fill_by_name(db, table, rows)
    db.execute(NEED_KINDS)
    db.execute("insert into need_kinds values ('order', 1, 'Receive my order', true), ('setup', 1, 'Get set up', true)")
    for table, one in added.TABLES.items():
        engine.load(db, table, one.schema.empty_table())
    hot = db.execute("select day from touchpoints").to_arrow_table()
    return SimpleNamespace(db=db, files=[], hot=hot, dirty=set(), version=1, through=len(touchpoints), facts=(0, 0))


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


def _fill_by_name(db, table, rows):
    if rows:
        names = sorted({name for row in rows for name in row})
        db.register("filling", pa.table({name: [row.get(name) for row in rows] for name in names}))
        db.execute(f"insert into {table} by name select * from filling")
        db.unregister("filling")


def need(number, customer, opened, kind="order", days=14, **more):
    """A row of `needs`, open and without trouble unless told otherwise."""
    row = {
        "need": number, "customer": customer, "kind": kind, "version": 1, "opened": opened, "opened_by": number,
        "opened_day": opened.date(), "horizon": days * 86_400.0, "contacts": 0, "how": "", "excluded": "",
        "noticed_by": "", **more,
    }  # fmt: skip
    return row | ({"how": row["how"] or "by_itself"} if "met" in row else {})
