"""A measure over time: a line with the band of its interval; what is provisional is dotted."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol

from beforehand.insight.charts.scale import Scale, from_zero, ticks, time_ticks
from beforehand.insight.journey_map.lettering import width as text_width

LEFT, RIGHT, TOP, BOTTOM = 40.0, 64.0, 14.0, 24.0


class Point(Protocol):
    """What is drawn: a day with its value and interval. None or NaN leaves a gap."""

    @property
    def day(self) -> date: ...
    @property
    def value(self) -> float | None: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...
    @property
    def provisional(self) -> bool: ...


class Tick(NamedTuple):
    at: float
    text: str
    anchor: str = "mid"


class Span(NamedTuple):
    """A bracket below the line: a period and what it came to."""

    path: str
    x: float
    y: float
    text: str
    strong: bool


class Now(NamedTuple):
    x: float
    y: float
    text: str
    provisional: bool


@dataclass(frozen=True)
class Trend:
    width: float
    height: float
    left: float
    right: float
    base: float
    levels: list[Tick]
    days: list[Tick]
    bands: list[str]
    soon_bands: list[str]
    lines: list[str]
    soon_lines: list[str]
    dots: list[tuple[float, float]]
    now: Now | None
    spans: list[Span]


class Period(NamedTuple):
    """A period to bracket, with the text of what it came to."""

    start: date
    end: date
    text: str
    strong: bool = False


def trend(
    points: Sequence[Point],
    width: float,
    height: float,
    text: Callable[[float], str],
    periods: Sequence[Period] = (),
    say: Callable[[float], str] | None = None,
) -> Trend | None:
    """The chart of these points at this size; None when fewer than two days have a value.

    `text` names a value beside the axis, `say` the last one beside the line.
    """
    shown = [point for point in points if known(point.value)]
    if len({point.day for point in shown}) < 2:
        return None
    low, high = reach(shown)
    levels = ticks(low, high, steps=3)
    base = height - BOTTOM
    y = Scale(levels[0], levels[-1], base - (24 if periods else 0), TOP)
    first, last = shown[0].day, shown[-1].day
    left = round(max(LEFT, max(text_width(text(level), 11) for level in levels) + 10), 1) if width > 400 else 34.0
    right = width - (RIGHT if width > 400 else 54.0)
    x = Scale(first.toordinal(), last.toordinal(), left, right)
    runs, soon = _runs(points)
    end = shown[-1]
    return Trend(
        width=width,
        height=height,
        left=left,
        right=right,
        base=base,
        levels=[Tick(y.at(level), text(level)) for level in levels],
        days=days_below(first, last, x, int((right - left) // 70)),
        bands=[path for run in runs if (path := band(run, x, y))],
        soon_bands=[path for run in soon if (path := band(run, x, y))],
        lines=[line(run, x, y) for run in runs if len(run) > 1],
        soon_lines=[line(run, x, y) for run in soon if len(run) > 1],
        dots=[(x.at(run[0].day.toordinal()), y.at(run[0].value or 0.0)) for run in runs if len(run) == 1],
        now=Now(x.at(last.toordinal()), y.at(end.value or 0.0), (say or text)(end.value or 0.0), end.provisional),
        spans=[_span(period, first, last, x, base) for period in periods if period.end >= first],
    )


def known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def reach(points: Sequence[Point]) -> tuple[float, float]:
    """What the axis must hold: the values, and their intervals as far as they leave the values to be seen."""
    values = [point.value for point in points if point.value is not None]
    low, high = min(values), max(values)
    room = max(high - low, abs(high) * 0.25) * 1.5
    lows = [max(point.low, low - room) for point in points if point.low is not None and known(point.low)]
    highs = [min(point.high, high + room) for point in points if point.high is not None and known(point.high)]
    # A value that cannot be below zero is not drawn with an axis that is.
    bottom = min([low, *lows])
    return from_zero(max(bottom, 0.0) if low >= 0 else bottom, max([high, *highs]))


def _runs(points: Sequence[Point]) -> tuple[list[list[Point]], list[list[Point]]]:
    """Unbroken runs of firm points, and of provisional ones, these joined to the firm one before them."""
    firm: list[list[Point]] = [[]]
    soon: list[list[Point]] = [[]]
    before: Point | None = None
    for point in points:
        if not known(point.value):
            firm.append([])
            soon.append([])
            before = None
            continue
        if point.provisional:
            if not soon[-1] and before is not None:
                soon[-1].append(before)
            soon[-1].append(point)
        else:
            firm[-1].append(point)
            if soon[-1]:
                soon.append([])
        before = point
    return [run for run in firm if run], [run for run in soon if run]


def line(run: Sequence[Point], x: Scale, y: Scale) -> str:
    return "M" + "L".join(f"{x.at(point.day.toordinal())} {y.at(point.value or 0.0)}" for point in run)


def band(run: Sequence[Point], x: Scale, y: Scale) -> str:
    ends = [point for point in run if known(point.low) and known(point.high)]
    if len(ends) < 2:
        return ""
    upper = [f"{x.at(point.day.toordinal())} {y.at(point.high or 0.0)}" for point in ends]
    lower = [f"{x.at(point.day.toordinal())} {y.at(point.low or 0.0)}" for point in reversed(ends)]
    return f"M{'L'.join([*upper, *lower])}z"


def days_below(first: date, last: date, x: Scale, most: int) -> list[Tick]:
    """Labels below the axis that do not touch one another."""
    return list(_apart([Tick(x.at(day.toordinal()), name) for day, name in time_ticks(first, last, max(most, 2))], x))


def _apart(found: Sequence[Tick], x: Scale) -> Iterator[Tick]:
    edge = -math.inf
    for tick in found:
        half = text_width(tick.text, 11) / 2
        if tick.at - half >= edge and tick.at - half >= 0 and tick.at + half <= x.end + 60:
            yield tick
            edge = tick.at + half + 10


def _span(period: Period, first: date, last: date, x: Scale, base: float) -> Span:
    start, end = x.at(max(period.start, first).toordinal()), x.at(min(period.end, last).toordinal())
    start, end = start + 3, max(end - 3, start + 4)
    top = base - 18
    middle = round((start + end) / 2, 1)
    return Span(f"M{start:.1f} {top}v4H{end:.1f}v-4", middle, base - 2, period.text, period.strong)
