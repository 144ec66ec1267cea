"""How a break went, week by week: for the customers whom it struck and for all others.

What is counted is what the break is about, by its own definition: each customer's first time in a day at the step, and
whether it went the break's way; for a wait, how long it took.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from beforehand.insight import scope
from beforehand.insight.breaks.affected import trials_sql
from beforehand.insight.breaks.found import Found
from beforehand.insight.segments import Segment
from beforehand.lib.statistics.proportion import wilson

LATEST = timedelta(days=400)
FEW = 5
"""A week with fewer times at the step is not drawn: its share would only be noise."""


class Week(NamedTuple):
    """One week of one side. `value` is a share, or a median wait in seconds."""

    day: date
    value: float
    low: float | None
    high: float | None
    n: int
    provisional: bool = False


class Course(NamedTuple):
    """`inside` are the customers whom the break struck, `others` everybody else: none when it struck everybody."""

    inside: list[Week]
    others: list[Week]


def segment_of(found: Found) -> Segment | None:
    key, _equals, value = found.segment.partition("=")
    return Segment(key, value) if key and value else None


def course(reader: Any, found: Found, first: date, last: date) -> Course:
    """The weeks of the data around the break, at most about a year before it and after it."""
    start = max(first, _date(found.start) - LATEST) if found.start else first
    end = min(last, _date(found.end) + LATEST) if found.end else last
    trials, parameters = trials_sql(replace(found, start=None, end=None))
    scope.prepare(reader.db)
    value = "quantile_cont(happened, 0.5)" if found.unit == "seconds" else "count(*) filter (where happened)"
    rows = reader.db.execute(
        f"""with touchpoints as (
              select * from every_touchpoint
              where customer in (select customer from every_touchpoint where name = ?))
            select inside, cast(date_trunc('week', day) as date) as week, count(*), {value}
            from ({trials}) where happened is not null and day between ? and ? group by inside, week order by week""",
        [found.name, *parameters, start, end],
    ).fetchall()
    weeks = [(inside, _week(found.unit, week, n, hits)) for inside, week, n, hits in rows if n >= FEW]
    return Course([week for inside, week in weeks if inside], [week for inside, week in weeks if not inside])


def _week(unit: str, week: date, n: int, hits: float) -> Week:
    if unit != "share":
        return Week(week, hits, None, None, n)
    share = wilson(hits, n)
    return Week(week, share.value, share.low, share.high, n)


def _date(iso: str) -> date:
    return datetime.fromisoformat(iso).date()
