"""A measure's values in words: number and unit apart, intervals, differences. Units are those of Measure.unit."""

from django.utils.translation import pgettext

from beforehand.lib import format as plain

PER_THOUSAND = 1000


def figure(value: float | None, unit: str) -> tuple[str, str]:
    """The number and its unit, to be set in two sizes; a dash for what is not known."""
    if value is None:
        return plain.DASH, ""
    if unit == "share":
        return plain.number(value * 100, 1), "%"
    if unit == "seconds":
        return duration(value), ""
    if unit in {"rate", "points"}:
        return plain.number(value, 1), ""
    if unit == "score":
        return plain.number(value, 2), ""
    return plain.number(value, 0), ""


def text(value: float | None, unit: str) -> str:
    """The value with its unit: “71.4 %”, “1 d 3 h”."""
    number, sign = figure(value, unit)
    return f"{number}{plain.NARROW}{sign}" if sign else number


def interval(low: float | None, high: float | None, unit: str) -> str:
    """“[70.1–72.6]”, or nothing when an end is not known."""
    if low is None or high is None:
        return ""
    return plain.interval(figure(low, unit)[0], figure(high, unit)[0])


def axis(value: float, unit: str) -> str:
    """A value beside an axis: as short as can be."""
    if unit == "share":
        return f"{plain.number(round(value * 100, 6))}{plain.NARROW}%"
    if unit == "seconds":
        return duration(value)
    return plain.number(round(value, 6))


def duration(seconds: float) -> str:
    """As people say it, but with a tenth of a minute where whole minutes would hide a difference."""
    if 60 <= abs(seconds) < 600:
        return f"{plain.number(seconds / 60, 1)}{plain.BOUND}{pgettext('minutes', 'min')}"
    return plain.duration(seconds)


def difference(value: float, unit: str, signed: bool = False) -> str:
    """How far apart two values are; shares in points. `signed` puts a plus before what is more."""
    number = figure(value, unit)[0]
    return f"+{number}" if signed and value > 0 else number
