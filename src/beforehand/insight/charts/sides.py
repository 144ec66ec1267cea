"""Two lines over time, those inside a break and all others, with the days of the break marked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from beforehand.insight.charts.frame import Frame, Point, band, frame, known, line

MARGIN = (120.0, 70.0)


@dataclass(frozen=True)
class Side:
    path: str
    band: str
    x: float
    y: float
    label: str


@dataclass(frozen=True)
class Sides:
    frame: Frame
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
    own = frame([*shown, *rest], size, MARGIN, text)
    begins, ends = (day and own.x.at(day.toordinal()) for day in window)
    marked = (begins or own.left, round((ends or own.right) - (begins or own.left), 1)) if begins or ends else None
    lower = _side(rest, own, labels[1]) if len(rest) > 1 else None
    return Sides(own, marked, *_apart(_side(shown, own, labels[0]), lower))


def _side(points: Sequence[Point], own: Frame, label: str) -> Side:
    end, x, y = points[-1], own.x, own.y
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
