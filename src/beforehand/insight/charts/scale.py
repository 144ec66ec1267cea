"""Scales and their round ticks."""

import math
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.utils import formats

MONTH = "M"
DAY_MONTH = "j M"


class Scale(NamedTuple):
    """From values `low`..`high` to coordinates `start`..`end`; what lies outside is put on the edge."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        if self.high <= self.low:
            return round((self.start + self.end) / 2, 1)
        share = min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)
        return round(self.start + share * (self.end - self.start), 1)


def round_step(width: float, steps: int) -> float:
    """The smallest of 1, 2, 2.5 and 5 times a power of ten that crosses the width in at most that many steps."""
    if width < 1e-200 or not math.isfinite(width):
        return 1.0
    rough = width / steps
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * (1 - 1e-9))


def ticks(low: float, high: float, steps: int = 3, step: float | None = None) -> list[float]:
    """Round values that enclose low and high."""
    step = step or round_step(high - low, steps)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(index * step, 10) for index in range(first, max(last, first + 1) + 1)]


def from_zero(low: float, high: float) -> tuple[float, float]:
    """Start at zero unless all that is to be seen would happen in the upper part."""
    if low > 0 and low < 0.6 * high:
        return 0.0, high
    if low == high:
        return (min(low, 0.0), high or 1.0) if low >= 0 else (low, 0.0)
    return low, high


def time_ticks(first: date, last: date, most: int) -> list[tuple[date, str]]:
    """Days with their labels, at most about `most`: days, weeks, months or years, whatever fits."""
    days = (last - first).days
    for step in (1, 2, 7, 14):
        if days / step <= most:
            return [
                (day, formats.date_format(day, DAY_MONTH))
                for day in (first + timedelta(days=offset) for offset in range(0, days + 1, step))
            ]
    months = _months(first, last)
    for every in (1, 2, 3, 6):
        chosen = [month for month in months if (month.month - 1) % every == 0]
        if len(chosen) <= most:
            return _named(chosen)
    years = [month for month in months if month.month == 1]
    every = max(1, math.ceil(len(years) / most))
    return [(year, str(year.year)) for year in years if year.year % every == 0]


def _months(first: date, last: date) -> Sequence[date]:
    month = date(first.year, first.month, 1)
    found = []
    while month <= last:
        if month >= first:
            found.append(month)
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return found


def _named(months: Sequence[date]) -> list[tuple[date, str]]:
    """Months by name; the first, and each January, with the year where there are several years."""
    several = len({month.year for month in months}) > 1
    named = []
    for index, month in enumerate(months):
        name = formats.date_format(month, MONTH)
        with_year = several and (index == 0 or month.month == 1)
        named.append((month, f"{name} {month.year}" if with_year else name))
    return named
