"""A line the size of a word, beside a number."""

from collections.abc import Sequence

from beforehand.insight.charts.scale import Scale
from beforehand.insight.charts.trend import Point, known

WIDTH, HEIGHT = 96.0, 22.0


def spark(points: Sequence[Point]) -> str:
    """The path of the values on WIDTH by HEIGHT; empty with fewer than two. Gaps are bridged, it only hints."""
    shown = [point for point in points if known(point.value)]
    if len(shown) < 2:
        return ""
    values = [point.value or 0.0 for point in shown]
    x = Scale(shown[0].day.toordinal(), shown[-1].day.toordinal(), 1.0, WIDTH - 1)
    y = Scale(min(values), max(values), HEIGHT - 2, 2.0)
    return "M" + "L".join(
        f"{x.at(point.day.toordinal())} {y.at(value)}" for point, value in zip(shown, values, strict=True)
    )
