"""A measure over time: a line with the band of its interval; what is provisional is dotted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import NamedTuple

from beforehand.insight.charts.frame import Frame, Point, band, frame, known, line
from beforehand.insight.charts.scale import Scale
from beforehand.insight.journey_map.lettering import width as text_width

MARGIN = (64.0, 54.0)
SAID, BESIDE = 13.0, 12.0


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
    frame: Frame
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
    room = ceil(text_width((say or text)(shown[-1].value or 0.0), SAID)) + BESIDE
    margin = (max(MARGIN[0], room), max(MARGIN[1], room))
    own = frame(shown, (width, height), margin, text, below=24.0 if periods else 0.0)
    x, y = own.x, own.y
    first, last = shown[0].day, shown[-1].day
    runs, soon = _runs(points)
    end = shown[-1]
    return Trend(
        frame=own,
        bands=[path for run in runs if (path := band(run, x, y))],
        soon_bands=[path for run in soon if (path := band(run, x, y))],
        lines=[line(run, x, y) for run in runs if len(run) > 1],
        soon_lines=[line(run, x, y) for run in soon if len(run) > 1],
        dots=[(x.at(run[0].day.toordinal()), y.at(run[0].value or 0.0)) for run in runs if len(run) == 1],
        now=Now(x.at(last.toordinal()), y.at(end.value or 0.0), (say or text)(end.value or 0.0), end.provisional),
        spans=[_span(period, first, last, x, own.base) for period in periods if period.end >= first],
    )


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


def _span(period: Period, first: date, last: date, x: Scale, base: float) -> Span:
    start, end = x.at(max(period.start, first).toordinal()), x.at(min(period.end, last).toordinal())
    start, end = start + 3, max(end - 3, start + 4)
    top = base - 18
    middle = round((start + end) / 2, 1)
    return Span(f"M{start:.1f} {top}v4H{end:.1f}v-4", middle, base - 2, period.text, period.strong)
