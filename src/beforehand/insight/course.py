"""How a break went, week by week: for the customers whom it struck and for all others.

What is counted is what the break's sentence is about: each customer's first time in a day at the step, and whether the
other touchpoint came among the next few of the same visit; for a dead end, whether nothing came; for a wait, how long
it took.
"""

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from beforehand.insight.breaks.found import Found
from beforehand.insight.segments import Segment, column
from beforehand.lib.statistics.proportion import wilson

LATEST = timedelta(days=400)
FURTHEST = 5
SILENCE = 28 * 86_400
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
    segment = segment_of(found)
    struck = f"{column(segment.key)} = $value" if segment else "true"
    statement = _waits(struck) if found.unit == "seconds" else _shares(struck, found)
    values: dict[str, Any] = {"name": found.name, "start": start, "end": end}
    if segment:
        values["value"] = segment.value
    if found.unit == "seconds" or found.to:
        values["to"] = found.to
    rows = reader.db.execute(statement, values).fetchall()
    weeks = [(inside, _week(found.unit, *row)) for inside, *row in rows if row[1] >= FEW]
    return Course([week for inside, week in weeks if inside], [week for inside, week in weeks if not inside])


def _week(unit: str, week: date, n: int, hits: float) -> Week:
    if unit != "share":
        return Week(week, hits, None, None, n)
    share = wilson(hits, n)
    return Week(week, share.value, share.low, share.high, n)


def _waits(struck: str) -> str:
    return f"""
select coalesce({struck}, false) as inside, cast(date_trunc('week', day) as date) as week,
  count(*), quantile_cont(gap, 0.5)
from touchpoints where previous = $name and name = $to and day between $start and $end
group by inside, week order by week"""


def _shares(struck: str, found: Found) -> str:
    """First times in a day at the step by week, and how many of them went the way of the break."""
    ahead = range(1, min(max(found.within, 1), FURTHEST) + 1)
    leads = ", ".join(f"lead(name, {k}) over w as n{k}, lead(gap, {k}) over w as g{k}" for k in ahead)
    pause = float(found.pause or SILENCE)
    same = {k: " and ".join(f"g{j} <= {pause}" for j in range(1, k + 1)) for k in ahead}
    happened = (
        " or ".join(f"(n{k} = $to and {same[k]})" for k in ahead) if found.to else f"(g1 is null or g1 > {pause})"
    )
    return f"""
with here as (select distinct customer from touchpoints where name = $name and day between $start and $end),
journey as (
  select t.customer, day, name, coalesce({struck}, false) as inside, {leads},
    row_number() over (partition by t.customer, day, name order by time, id) as times
  from touchpoints t join here on here.customer = t.customer
  window w as (partition by t.customer order by time, id)
)
select inside, cast(date_trunc('week', day) as date) as week, count(*), count(*) filter (where {happened})
from journey where name = $name and times = 1 and day between $start and $end
group by inside, week order by week"""


def _date(iso: str) -> date:
    return datetime.fromisoformat(iso).date()
