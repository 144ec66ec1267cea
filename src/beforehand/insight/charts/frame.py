"""What lines over time stand in: the axes with their labels, and how values and days become places."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol

from beforehand.insight.charts.scale import Scale, from_zero, ticks, time_ticks
from beforehand.insight.comparison import Estimate
from beforehand.insight.journey_map.lettering import width as text_width

LEFT, TOP, BOTTOM = 40.0, 14.0, 24.0
NARROW, LEFT_IF_NARROW = 400.0, 34.0


class Point(Estimate, Protocol):
    """What is drawn: a day with its value and interval. None or NaN leaves a gap."""

    @property
    def day(self) -> date: ...
    @property
    def provisional(self) -> bool: ...


class Tick(NamedTuple):
    at: float
    text: str
    anchor: str = "mid"


@dataclass(frozen=True)
class Frame:
    """`x` takes the ordinals of days. `base` is where the axis of the days is."""

    width: float
    height: float
    left: float
    right: float
    base: float
    levels: list[Tick]
    days: list[Tick]
    x: Scale
    y: Scale


def frame(
    points: Sequence[Point],
    size: tuple[float, float],
    margin: tuple[float, float],
    text: Callable[[float], str],
    below: float = 0.0,
) -> Frame:
    """The frame for these points, all of which have a value.

    `margin` is the room at the right of a wide and of a narrow chart, `below` the room kept free above the axis of the
    days; `text` names a value beside its axis.
    """
    width, height = size
    wide = width > NARROW
    levels = ticks(*reach(points), steps=3)
    base = height - BOTTOM
    y = Scale(levels[0], levels[-1], base - below, TOP)
    first, last = min(point.day for point in points), max(point.day for point in points)
    widest = max(text_width(text(level), 11) for level in levels)
    left = round(max(LEFT if wide else LEFT_IF_NARROW, widest + 10), 1)
    right = width - margin[0 if wide else 1]
    x = Scale(first.toordinal(), last.toordinal(), left, right)
    marked = [Tick(y.at(level), text(level)) for level in levels]
    return Frame(width, height, left, right, base, marked, days_below(first, last, x, int((right - left) // 70)), x, y)


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
