"""The clocks as a table that measures read: `service_clocks`, one row a clock. `touchpoint` is what began it."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from beforehand.journey.lake import added
from beforehand.lib.fields import to_micros
from beforehand.lib.working import united
from beforehand.service.clocks import calendars
from beforehand.service.clocks.ledger import Name
from beforehand.service.clocks.targets import State

SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("conversation", pa.int64()),
        ("customer", pa.int64()),
        ("name", pa.string()),
        ("time", pa.timestamp("us")),
        ("day", pa.date32()),
        ("weekday", pa.int32()),
        ("hour", pa.int32()),
        ("ended", pa.timestamp("us")),
        ("how", pa.string()),
        ("elapsed", pa.float64()),
        ("working", pa.float64()),
        ("with_bot", pa.float64()),
        ("due", pa.timestamp("us")),
        ("span", pa.float64()),
        ("state", pa.string()),
        ("channel", pa.string()),
        ("team", pa.string()),
        ("contacts", pa.int32()),
        ("channels", pa.int32()),
        ("touchpoint", pa.int64()),
    ]
)
SELECT = """
    SELECT c.id, c.conversation_id, i.customer_id, c.name, c.started, c.ended, c.how, c.elapsed, c.working, c.with_bot,
        c.calendar, c.due, c.span, c.state, c.channel, coalesce(t.name, ''), c.contacts, c.channels, c.started_by
    FROM service_clockrow c JOIN customers_identifier i ON i.id = c.identifier LEFT JOIN team_team t ON t.id = c.team
    ORDER BY c.id"""
RAW = (
    "id", "conversation", "customer", "name", "started", "ended", "how", "elapsed", "working", "with_bot", "calendar",
    "due", "span", "state", "channel", "team", "contacts", "channels", "touchpoint",
)  # fmt: skip
SECOND = 1_000_000
TURNS = (Name.FIRST_RESPONSE, Name.NEXT_RESPONSE)


def read(connection: Any, now: datetime, zone: str) -> pa.Table:
    """Every clock, those that run counted up to now. Spans in seconds, days and hours those of the zone."""
    with connection.cursor() as cursor:
        cursor.execute(SELECT)
        rows = cursor.fetchall()
    moment = to_micros(now)
    raw = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in RAW]
    columns = dict(zip(RAW, raw, strict=True))
    _count_running(rows, columns, moment)
    time = pa.array(columns.pop("started"), pa.int64()).cast(pa.timestamp("us"))
    here = pc.local_timestamp(time.cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us", zone)))
    columns |= {"time": time, "day": here.cast(pa.date32()), "weekday": pc.day_of_week(here), "hour": pc.hour(here)}
    for name in ("ended", "due"):
        columns[name] = pa.array(columns[name], pa.int64()).cast(pa.timestamp("us"))
    for name in ("elapsed", "working", "with_bot", "span"):
        columns[name] = pc.divide(pa.array(columns[name], pa.float64()), float(SECOND))
    arrays = [_array(columns[field.name], field.type) for field in SCHEMA]
    return pa.table(arrays, schema=SCHEMA)


def _array(column: Any, kind: pa.DataType) -> pa.Array:
    return column.cast(kind) if isinstance(column, pa.Array) else pa.array(column, kind)


def _count_running(rows: list[Any], columns: dict[str, Any], now: int) -> None:
    """What has passed on the clocks that run, and which targets are overdue by now."""
    running = [place for place, row in enumerate(rows) if row[5] is None and row[4] <= now]
    calendar_of = calendars.by_version({rows[place][10] for place in running})
    turns = _turns(rows, now)
    for place in running:
        _id, conversation, _customer, name, started = rows[place][:5]
        spans = list(united(turns[conversation])) if name == Name.WAIT else [(started, now)]
        calendar = calendar_of.get(rows[place][10])
        columns["elapsed"][place] = sum(end - start for start, end in spans)
        columns["working"][place] = sum(calendar.worked(*one) for one in spans) if calendar else 0
        due = rows[place][11]
        if columns["state"][place] == State.RUNNING and due is not None and due < now:
            columns["state"][place] = str(State.OVERDUE)


def _turns(rows: Iterable[Any], now: int) -> dict[int, list[tuple[int, int]]]:
    """When customers waited, by conversation: of those with a wait that runs."""
    running = {row[1] for row in rows if row[3] == Name.WAIT and row[5] is None}
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in rows:
        if row[1] in running and row[3] in TURNS:
            found[row[1]].append((row[4], now if row[5] is None else row[5]))
    return found


added.add("service_clocks", SCHEMA, read)
