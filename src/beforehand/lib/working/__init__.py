"""Working time: when we are there, how much of that passed between two instants, and when so much will have passed.

Nouns: a window (of a day, on the local clock), a calendar (an immutable value), public holidays, an override (a date
with its own windows, or none). Verbs: `calendar.worked`, `add`, `is_open`, `opening`; `plain` and `calendar_in` for its
form in JSON; `holidays_of`.

Instants are microseconds since 1970 in UTC (`lib.fields`), and so are spans: whole numbers, so that nothing is rounded
and parts add up. `calendar.version` names a calendar by what it says; whoever freezes a deadline keeps it.
"""

from beforehand.lib.working.calendar import HOUR, MINUTE, SECOND, Calendar, CalendarRefused, NeverOpen
from beforehand.lib.working.open_spans import Span, united
from beforehand.lib.working.plain import calendar_in
from beforehand.lib.working.public import Holidays, countries, holidays_of, regions
from beforehand.lib.working.window import DAY_LONG, Window, window

__all__ = [
    "DAY_LONG",
    "HOUR",
    "MINUTE",
    "SECOND",
    "Calendar",
    "CalendarRefused",
    "Holidays",
    "NeverOpen",
    "Span",
    "Window",
    "calendar_in",
    "countries",
    "holidays_of",
    "regions",
    "united",
    "window",
]
