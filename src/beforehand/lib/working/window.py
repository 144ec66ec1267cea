"""A part of a day on the local clock."""

import re
from typing import NamedTuple

from django.utils.translation import gettext as _

from beforehand.lib.trouble import Trouble

DAY = 86_400
CLOCK = re.compile(r"([01]?[0-9]|2[0-4]):([0-5][0-9])(?::([0-5][0-9]))?", re.ASCII)


class CalendarRefused(Trouble):
    """A calendar that cannot be. `field` says which part of it: zone, week, overrides, holidays or form."""

    def __init__(self, field: str, words: str) -> None:
        self.field = field
        super().__init__(words)


class Window(NamedTuple):
    """From `start` up to, but without, `end`: seconds of the local clock since the midnight that begins its day.

    An `end` above 86,400 lies on the next day. The window belongs to the day on which it begins.
    """

    start: int
    end: int

    def __str__(self) -> str:
        return f"{_text(self.start)}–{_text(self.end)}"

    def plain(self) -> list[str]:
        """["22:00", "06:00"]"""
        return [_text(self.start), _text(self.end)]

    def check(self, field: str) -> None:
        """Raises `CalendarRefused` when it does not begin within its day, or comes round to where it began."""
        if self != DAY_LONG and not 0 <= self.start < min(self.end, DAY) <= self.end < self.start + DAY:
            raise CalendarRefused(field, _("A window begins within its day and ends before the clock comes round."))


DAY_LONG = Window(0, DAY)


def window(start: str, end: str, field: str = "week") -> Window:
    """ "09:00", "17:30" as a window; an end before the start lies on the next day. Raises `CalendarRefused`."""
    first, last = _seconds(start, field), _seconds(end, field)
    if first == last:
        words = _("From %(start)s to %(end)s is no time at all. A whole day is written 00:00 to 24:00.")
        raise CalendarRefused(field, words % {"start": start, "end": end})
    made = Window(first, last if last > first else last + DAY)
    made.check(field)
    return made


def _seconds(text: str, field: str) -> int:
    found = CLOCK.fullmatch(text.strip()) if isinstance(text, str) else None
    hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (DAY, 0, 0)
    passed = hours * 3600 + minutes * 60 + seconds
    if passed > DAY:
        raise CalendarRefused(field, _("“%(text)s” is no time of day. Write it as 09:00.") % {"text": text})
    return passed


def _text(seconds: int) -> str:
    """The time of day; the next day's without its day, but the end of a day as 24:00."""
    within = seconds if seconds <= DAY else seconds - DAY
    hours, rest = divmod(within, 3600)
    return f"{hours:02}:{rest // 60:02}" + (f":{rest % 60:02}" if rest % 60 else "")
