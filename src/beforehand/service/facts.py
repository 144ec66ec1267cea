"""The clocks as a table that measures read: `service_clocks`, one row a clock."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from beforehand.journey.lake import added
from beforehand.lib.fields import from_micros, to_micros
from beforehand.lib.working import united
from beforehand.service import calendars
from beforehand.service.ledger import Name
from beforehand.service.targets import State

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
    ]
)
SELECT = """
    SELECT c.id, c.conversation_id, i.customer_id, c.name, c.started, c.ended, c.how, c.elapsed, c.working, c.with_bot,
        c.calendar, c.due, c.span, c.state, c.channel, coalesce(t.name, ''), c.contacts, c.channels
    FROM service_clockrow c JOIN customers_identifier i ON i.id = c.identifier LEFT JOIN team_team t ON t.id = c.team
    ORDER BY c.id"""
SECOND = 1_000_000
TURNS = (Name.FIRST_RESPONSE, Name.NEXT_RESPONSE)


def read(connection: Any, now: datetime, zone: str) -> pa.Table:
    """Every clock, those that run counted up to now. Spans in seconds, days and hours those of the zone."""
    with connection.cursor() as cursor:
        cursor.execute(SELECT)
        rows = cursor.fetchall()
    local, moment = ZoneInfo(zone), to_micros(now)
    calendar_of = calendars.by_version({row[10] for row in rows if row[5] is None})
    turns = _turns(rows, moment)
    told = [_told(row, moment, local, calendar_of.get(row[10]), turns) for row in rows]
    columns = list(zip(*told, strict=True)) if told else [()] * len(SCHEMA)
    return pa.table([pa.array(one, field.type) for one, field in zip(columns, SCHEMA, strict=True)], schema=SCHEMA)


def _turns(rows: Iterable[Any], now: int) -> dict[int, list[tuple[int, int]]]:
    """When customers waited, by conversation: of those with a wait that runs."""
    running = {row[1] for row in rows if row[3] == Name.WAIT and row[5] is None}
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in rows:
        if row[1] in running and row[3] in TURNS:
            found[row[1]].append((row[4], now if row[5] is None else row[5]))
    return found


def _told(
    row: Any, now: int, local: ZoneInfo, calendar: Any, turns: dict[int, list[tuple[int, int]]]
) -> tuple[Any, ...]:
    id, conversation, customer, name, started, ended, how, elapsed, working, bot, _version, due, span, state = row[:14]
    if ended is None and started <= now:
        spans = list(united(turns[conversation])) if name == Name.WAIT else [(started, now)]
        elapsed = sum(end - start for start, end in spans)
        working = sum(calendar.worked(*one) for one in spans) if calendar else working
        state = State.OVERDUE if state == State.RUNNING and due is not None and due < now else state
    at = from_micros(started)
    here = at.astimezone(local)
    return (
        id, conversation, customer, name, at.replace(tzinfo=None), here.date(), here.weekday(), here.hour,
        _naive(ended), how, elapsed / SECOND, working / SECOND, bot / SECOND, _naive(due),
        None if span is None else span / SECOND, state, *row[14:],
    )  # fmt: skip


def _naive(moment: int | None) -> datetime | None:
    return None if moment is None else from_micros(moment).replace(tzinfo=None)


added.add("service_clocks", SCHEMA, read)
