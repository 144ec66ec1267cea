"""A calendar's windows as spans of instants, with the sums that make the arithmetic a matter of looking up.

A year of two windows a day is some 500 spans. Each year is laid out once, when somebody first asks about it, in a few
milliseconds; after that `before` and `reached` are one bisection each, however much lies between the instants.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from typing import NamedTuple
from zoneinfo import ZoneInfo

from beforehand.lib.fields import from_micros, to_micros
from beforehand.lib.working.window import DAY, Window

FIRST_YEAR, LAST_YEAR = 1970, 2199
SECOND = 1_000_000
END = to_micros(datetime(LAST_YEAR, 12, 31, tzinfo=UTC))
EDGE = 4 * DAY * SECOND
BEGINNING = date(1970, 1, 1).toordinal()
Span = tuple[int, int]


class Laid(NamedTuple):
    """Open spans of the years from `first` to `last`, none touching another; `sums[n]` was open before span n."""

    first: int
    last: int
    starts: list[int]
    ends: list[int]
    sums: list[int]

    @property
    def total(self) -> int:
        return self.sums[-1]

    def before(self, at: int) -> int:
        """How much was open before an instant."""
        place = bisect_right(self.starts, at) - 1
        return self.sums[place] + min(at, self.ends[place]) - self.starts[place] if place >= 0 else 0

    def reached(self, open_before: int) -> int:
        """The first instant before which so much was open; from 1 to `total`."""
        place = bisect_left(self.sums, open_before) - 1
        return self.starts[place] + open_before - self.sums[place]


class OpenSpans:
    """Lays out years as they are asked for, and keeps them."""

    def __init__(self, zone: ZoneInfo, windows_on: Callable[[date], tuple[Window, ...]]) -> None:
        self.zone = zone
        self.windows_on = windows_on
        self._years: dict[int, list[Span]] = {}
        self._laid: Laid | None = None

    def covering(self, start: int, end: int) -> Laid:
        """The spans of the years of both instants, and of those that local time and night shifts reach over from."""
        return self.of_years(year_of(start - EDGE), year_of(end + EDGE))

    def of_years(self, first: int, last: int) -> Laid:
        laid = self._laid
        if laid is None or first < laid.first or last > laid.last:
            if laid is not None:
                first, last = min(first, laid.first), max(last, laid.last)
            spans = list(united(span for year in range(first, last + 1) for span in self._of_year(year)))
            sums = accumulate((end - start for start, end in spans), initial=0)
            laid = Laid(first, last, [start for start, _ in spans], [end for _, end in spans], list(sums))
            self._laid = laid
        return laid

    def _of_year(self, year: int) -> list[Span]:
        if year not in self._years:
            first = date(year, 1, 1)
            days = (first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days))
            self._years[year] = [
                (instant(day, window.start, self.zone), instant(day, window.end, self.zone))
                for day in days
                for window in self.windows_on(day)
            ]
        return self._years[year]


def year_of(at: int) -> int:
    """The year of an instant in UTC; the first or last that has hours when it lies outside of them."""
    return from_micros(min(max(at, 0), END)).year


def instant(day: date, seconds: int, zone: ZoneInfo) -> int:
    """The first instant at which the local clock has come so many seconds beyond a date's midnight.

    A clock that is put back comes there twice: it is the first time. One that is put forward may jump over: it is the
    moment of the jump.
    """
    days, clock = divmod(seconds, DAY)
    ordinal = day.toordinal() + days
    local = datetime.combine(date.fromordinal(ordinal), time(clock // 3600, clock // 60 % 60, clock % 60, tzinfo=zone))
    wall = ((ordinal - BEGINNING) * DAY + clock) * SECOND
    early, late = _offset(local), _offset(local.replace(fold=1))
    if early >= late:
        return wall - early
    return _jump(wall, wall - late, wall - early, zone)


def _jump(wall: int, low: int, high: int, zone: ZoneInfo) -> int:
    """The second between two instants at which the local clock jumps over a reading."""
    while high - low > SECOND:
        middle = low + (high - low) // (2 * SECOND) * SECOND
        if middle + _offset(from_micros(middle).astimezone(zone)) >= wall:
            high = middle
        else:
            low = middle
    return high


def _offset(local: datetime) -> int:
    offset = local.utcoffset() or timedelta(0)
    return (offset.days * DAY + offset.seconds) * SECOND


def united(spans: Iterable[Span]) -> Iterator[Span]:
    """In order, and what touches or overlaps in one; what is empty left out."""
    start = end = None
    for first, last in sorted(spans):
        if first >= last:
            continue
        if end is None or start is None:
            start, end = first, last
        elif first <= end:
            end = max(end, last)
        else:
            yield start, end
            start, end = first, last
    if start is not None and end is not None:
        yield start, end
