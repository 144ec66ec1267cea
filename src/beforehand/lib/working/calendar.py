"""A working-time calendar: an immutable value with its arithmetic."""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.utils.translation import gettext as _

from beforehand.lib.trouble import Trouble
from beforehand.lib.working.open_spans import LAST_YEAR, Laid, OpenSpans
from beforehand.lib.working.public import Holidays
from beforehand.lib.working.window import CalendarRefused, Window

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
FORM = 1
Day = tuple[Window, ...]


class NeverOpen(Trouble):
    """So much working time does not pass within the years that a calendar reaches."""

    def __init__(self) -> None:
        super().__init__(
            _("The calendar has too few hours for this: it would take until after %(year)d. Give it more hours.")
            % {"year": LAST_YEAR}
        )


@dataclass(frozen=True)
class Calendar:
    """When we are there. Raises `CalendarRefused` when it says nothing that can be counted with.

    zone       IANA name; windows are read on its clock
    week       seven tuples of windows, Monday first; at least one day has hours
    overrides  (date, windows): what holds on that date instead, none for closed; stronger than a holiday
    holidays   sets of days on which the week's windows do not hold

    A window is half-open and belongs to the day on which it begins: a night shift that begins before a holiday runs to
    its end. Windows that overlap count once. A local time that a change of the clock skips is the moment of the change,
    one that it repeats is the first of the two; so the windows of a day that meet on the clock meet in time.
    From 1970 to 2199 there are hours, before and after it is closed.
    """

    zone: str
    week: tuple[Day, ...]
    overrides: tuple[tuple[date, Day], ...] = ()
    holidays: tuple[Holidays, ...] = ()

    def __post_init__(self) -> None:
        if self.zone not in _zones():
            words = _("“%(zone)s” is no time zone. Choose one such as Europe/Berlin.")
            raise CalendarRefused("zone", words % {"zone": self.zone})
        if len(self.week) != 7:
            raise CalendarRefused("week", _("A week has seven days, Monday first; a closed day has no windows."))
        if not any(self.week):
            raise CalendarRefused("week", _("The calendar has no hours. Give at least one day of the week a window."))
        if len({day for day, _windows in self.overrides}) < len(self.overrides):
            raise CalendarRefused("overrides", _("A date is named twice. Write all its windows in one place."))
        week = tuple(_sorted(windows, "week") for windows in self.week)
        overrides = tuple(sorted((day, _sorted(windows, "overrides")) for day, windows in self.overrides))
        object.__setattr__(self, "week", week)
        object.__setattr__(self, "overrides", overrides)

    def worked(self, start: int, end: int) -> int:
        """The working time from one instant to another; negative when the second is the earlier."""
        spans = self._open.covering(min(start, end), max(start, end))
        return spans.before(end) - spans.before(start)

    def add(self, start: int, span: int) -> int:
        """The first instant by which so much working time has passed since the start. Raises `NeverOpen`.

        At the end of a window that is its end, not the beginning of the next; with no span the start itself.
        """
        if span < 0:
            raise ValueError("working time is added, not taken away")
        if not span:
            return start
        for spans in self._reaching_on(start):
            before = spans.before(start)
            if spans.total - before >= span:
                return spans.reached(before + span)
        raise NeverOpen

    def is_open(self, at: int) -> bool:
        spans = self._open.covering(at, at)
        place = bisect_right(spans.starts, at) - 1
        return place >= 0 and at < spans.ends[place]

    def opening(self, at: int) -> int:
        """The instant itself when it is open then, else the next at which it opens. Raises `NeverOpen`."""
        for spans in self._reaching_on(at):
            place = bisect_right(spans.ends, at)
            if place < len(spans.ends):
                return max(at, spans.starts[place])
        raise NeverOpen

    def windows_on(self, day: date) -> Day:
        """What holds for a local date."""
        if day in self._overridden:
            return self._overridden[day]
        return () if day in self._closed else self.week[day.weekday()]

    def plain(self) -> dict[str, Any]:
        """The calendar as JSON can carry it: everything that the arithmetic depends on but the zone's own rules."""
        return {
            "form": FORM,
            "zone": self.zone,
            "week": [[window.plain() for window in day] for day in self.week],
            "overrides": {day.isoformat(): [window.plain() for window in windows] for day, windows in self.overrides},
            "holidays": [
                {"country": one.country, "region": one.region, "days": [day.isoformat() for day in one.days]}
                for one in self.holidays
            ],
        }

    @cached_property
    def version(self) -> str:
        """Twelve letters and figures that stand for what the calendar says, on every machine alike."""
        text = json.dumps(self.plain(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def __hash__(self) -> int:
        return hash(self.version)

    def _reaching_on(self, start: int) -> Iterator[Laid]:
        """The spans around an instant, then of twice as many years each time, up to the last year of all."""
        spans = self._open.covering(start, start)
        yield spans
        while spans.last < LAST_YEAR:
            spans = self._open.of_years(spans.first, min(2 * spans.last - spans.first + 1, LAST_YEAR))
            yield spans

    @cached_property
    def _overridden(self) -> dict[date, Day]:
        return dict(self.overrides)

    @cached_property
    def _closed(self) -> frozenset[date]:
        return frozenset(day for one in self.holidays for day in one.days)

    @cached_property
    def _open(self) -> OpenSpans:
        return OpenSpans(ZoneInfo(self.zone), self.windows_on)


def _sorted(windows: Day, field: str) -> Day:
    for window in windows:
        window.check(field)
    return tuple(sorted(windows))


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
