"""One measure as its page shows it: the number, what it was before, its trend, its split."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from beforehand.insight import figures
from beforehand.insight.charts.scale import ticks
from beforehand.insight.charts.trend import Period, Trend, trend
from beforehand.insight.comparison import Change, compare, compare_many
from beforehand.insight.filters import Filter
from beforehand.insight.measure import Measure
from beforehand.insight.query import Query
from beforehand.insight.result import Group, Result
from beforehand.insight.run import run
from beforehand.insight.segments import Dimension

BACK = timedelta(days=182)
"""How far a trend looks back, when the period is shorter."""
DAILY = 45
LISTED = 20
COHORTS = ("cohort", "age")
Sizes = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Line:
    """One row of a split, with what became of it since the period before."""

    group: Group
    change: Change | None
    few: bool


def answer(reader: Any, chosen: Filter, measure: Measure, by: str | None = None) -> Result:
    return run(Query(measure.slug, chosen.start, chosen.end, chosen.segment, by), reader)


def before(reader: Any, chosen: Filter, measure: Measure, by: str | None = None) -> Result | None:
    """The same for the period before; None where there is no data from then or a path's steps could differ."""
    if not chosen.before or (measure.keys and by is None and measure.estimator == "mix"):
        return None
    start, end = chosen.before
    return run(Query(measure.slug, start, end, chosen.segment, by), reader)


def change(now: Result, then: Result | None) -> Change | None:
    """The change since the period before; None where either has too little to compare."""
    if then is None or not (now.enough and then.enough):
        return None
    return compare(now, then, now.good)


def history(reader: Any, chosen: Filter, measure: Measure) -> Result:
    """The measure over time up to the end of the period: by day while that is readable, else by week."""
    if measure.momentary:
        return answer(reader, chosen, measure)
    start = max(min(chosen.start, chosen.end - BACK), min(chosen.first, chosen.start))
    every = "day" if (chosen.end - start).days <= DAILY else "week"
    return run(Query(measure.slug, start, chosen.end, chosen.segment, trend=every), reader)  # type: ignore[arg-type]


def charts(
    result: Result, now: Result, then: Result | None, chosen: Filter, sizes: Sizes, brackets: bool = True
) -> list[Trend]:
    """The trend at each size; none where there are fewer than two points. Counts get no brackets, they add up."""
    periods = []
    if brackets and now.unit != "count":
        if then is not None and then.value is not None and chosen.before:
            periods.append(Period(*chosen.before, figures.text(then.value, now.unit)))
        if now.value is not None and then is not None:
            periods.append(Period(chosen.start, chosen.end, figures.text(now.value, now.unit), strong=True))
    points = [point for point in result.trend if whole(point.day, result, chosen)]
    axis, say = (lambda v: figures.axis(v, now.unit)), (lambda v: figures.text(v, now.unit))
    drawn = [trend(points, width, height, axis, periods, say) for width, height in sizes]
    return [chart for chart in drawn if chart is not None]


def whole(day: date, result: Result, chosen: Filter) -> bool:
    """False for a first week of which some days lie before the data: it would look like a fall."""
    weekly = len(result.trend) > 1 and (result.trend[1].day - result.trend[0].day).days > 1
    return not weekly or result.unit != "count" or day >= chosen.first


def splits(measure: Measure, dimensions: list[Dimension]) -> list[tuple[str, str]]:
    """By what the measure can be split: (key, title). A measure with keys of its own is listed by these instead."""
    if measure.keys:
        return []
    words = {"name": _("Touchpoint"), "stage": _("Stage"), "channel": _("Channel"), "need_kind": _("Need")}
    words["owner"] = _("Owner")
    keys = [*measure.splits, *(["stage"] if "name" in measure.splits else [])]
    own = [(key, words.get(key, key.replace("_", " ").capitalize())) for key in keys]
    return own + [(one.key, capfirst(one.name)) for one in dimensions if one.key not in keys]


def by_of(measure: Measure, asked: str, dimensions: list[Dimension]) -> str | None:
    """The split asked for, when there is such a one; else the first, if there is any."""
    known = [key for key, _title in splits(measure, dimensions)]
    return asked if asked in known else known[0] if known else None


def lines(reader: Any, chosen: Filter, measure: Measure, by: str | None) -> tuple[list[Line], int]:
    """The groups of the measure, the largest first, each compared with the period before; how many there are in all."""
    now = answer(reader, chosen, measure, by)
    then = before(reader, chosen, measure, by)
    earlier = {group.key: group for group in then.groups} if then else {}
    listed = now.groups[:LISTED]
    pairs = [
        (group, earlier[group.key]) if group.key in earlier and enough(group) and enough(earlier[group.key]) else None
        for group in listed
    ]
    changes = compare_many(pairs, now.good)
    rows = [Line(group, change, not enough(group)) for group, change in zip(listed, changes, strict=True)]
    return rows, int(now.extra.get("groups") or len(now.groups))


def enough(group: Group) -> bool:
    return bool(group.extra.get("enough", True))


def scale(lines: Sequence[Line]) -> tuple[float, float]:
    """The ends of the whiskers' scale: all values, and intervals as far as the values can still be told apart."""
    values = [line.group.value for line in lines if line.group.value is not None]
    if not values:
        return 0.0, 1.0
    highs = [line.group.high for line in lines if line.group.high is not None and not line.few]
    lows = [line.group.low for line in lines if line.group.low is not None and not line.few]
    low, high = min([0.0, *values]), max(values)
    found = ticks(max(min([low, *lows]), 3 * low), min(max([high, *highs]), 2.5 * high or 1.0), steps=2)
    return found[0], found[-1]


def cohorts(reader: Any, chosen: Filter, measure: Measure) -> Result:
    """Retention over at least half a year, since a cohort has to have had time to come back."""
    start = max(min(chosen.start, chosen.end - BACK), min(chosen.first, chosen.start))
    return run(Query(measure.slug, start, chosen.end, chosen.segment), reader)
