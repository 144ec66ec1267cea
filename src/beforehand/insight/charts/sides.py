"""Two lines over time, those inside a break and all others, with the days of the break marked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from beforehand.insight.charts.scale import Scale, ticks
from beforehand.insight.charts.trend import BOTTOM, LEFT, TOP, Point, Tick, band, days_below, known, line, reach
from beforehand.insight.journey_map.lettering import width as text_width

RIGHT = 120.0


@dataclass(frozen=True)
class Side:
    path: str
    band: str
    x: float
    y: float
    label: str


@dataclass(frozen=True)
class Sides:
    width: float
    height: float
    left: float
    right: float
    base: float
    levels: list[Tick]
    days: list[Tick]
    window: tuple[float, float] | None
    inside: Side
    others: Side | None


def sides(
    inside: Sequence[Point],
    others: Sequence[Point],
    window: tuple[date | None, date | None],
    labels: tuple[str, str],
    size: tuple[float, float],
    text: Callable[[float], str],
) -> Sides | None:
    """None when there are fewer than two weeks inside."""
    shown = [point for point in inside if known(point.value)]
    rest = [point for point in others if known(point.value)]
    if len(shown) < 2:
        return None
    width, height = size
    levels = ticks(*reach([*shown, *rest]), steps=3)
    base = height - BOTTOM
    y = Scale(levels[0], levels[-1], base, TOP)
    first, last = min(point.day for point in [*shown, *rest]), max(point.day for point in [*shown, *rest])
    left = round(max(LEFT, max(text_width(text(level), 11) for level in levels) + 10), 1)
    right = width - (RIGHT if width > 400 else 70.0)
    x = Scale(first.toordinal(), last.toordinal(), left, right)
    begins, ends = (day and x.at(day.toordinal()) for day in window)
    marked = (begins or left, round((ends or right) - (begins or left), 1)) if begins or ends else None
    upper, lower = _side(shown, x, y, labels[0]), _side(rest, x, y, labels[1]) if len(rest) > 1 else None
    return Sides(
        width, height, left, right, base, [Tick(y.at(level), text(level)) for level in levels],
        days_below(first, last, x, int((right - left) // 70)), marked, *_apart(upper, lower),
    )  # fmt: skip


def _side(points: Sequence[Point], x: Scale, y: Scale, label: str) -> Side:
    end = points[-1]
    return Side(line(points, x, y), band(points, x, y), x.at(end.day.toordinal()), y.at(end.value or 0.0), label)


def _apart(upper: Side, lower: Side | None) -> tuple[Side, Side | None]:
    """The two labels at the right do not touch."""
    if lower is None or abs(upper.y - lower.y) >= 14:
        return upper, lower
    middle = (upper.y + lower.y) / 2
    sign = -1 if upper.y <= lower.y else 1
    return _moved(upper, middle + sign * 7), _moved(lower, middle - sign * 7)


def _moved(side: Side, y: float) -> Side:
    return Side(side.path, side.band, side.x, round(y, 1), side.label)
