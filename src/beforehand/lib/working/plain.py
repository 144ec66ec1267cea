"""A calendar out of its form in JSON, as `Calendar.plain` wrote it or as a form of the web sends it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from beforehand.lib.working.calendar import FORM, Calendar, Day
from beforehand.lib.working.public import Holidays, holidays_of
from beforehand.lib.working.window import CalendarRefused, window


def calendar_in(plain: Any) -> Calendar:
    """The calendar. Raises `CalendarRefused`, whatever it is given.

    Overrides and holidays may be left out; holidays without their days are looked up.
    """
    if not isinstance(plain, Mapping) or plain.get("form", FORM) != FORM:
        raise CalendarRefused("form", _("This is no calendar, or one of a newer version of Beforehand."))
    week, overrides, holidays = plain.get("week"), plain.get("overrides") or {}, plain.get("holidays") or []
    if not isinstance(week, list | tuple):
        raise CalendarRefused("week", _("A week has seven days, Monday first; a closed day has no windows."))
    if not isinstance(overrides, Mapping) or not isinstance(holidays, list | tuple):
        raise CalendarRefused("form", _("Overrides are windows by date; holidays are a list of countries."))
    return Calendar(
        zone=str(plain.get("zone") or ""),
        week=tuple(_windows(day, "week") for day in week),
        overrides=tuple((_date(day, "overrides"), _windows(of, "overrides")) for day, of in overrides.items()),
        holidays=tuple(_holidays(one) for one in holidays),
    )


def _windows(day: Any, field: str) -> Day:
    if not isinstance(day, list | tuple) or not all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in day):
        raise CalendarRefused(field, _("The windows of a day are pairs of times, such as 09:00 and 17:00."))
    return tuple(window(start, end, field) for start, end in day)


def _date(text: Any, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise CalendarRefused(field, _("“%(text)s” is no date. Write it as 2026-12-24.") % {"text": text}) from None


def _holidays(one: Any) -> Holidays:
    if not isinstance(one, Mapping):
        raise CalendarRefused("holidays", _("Holidays name their country, such as DE, and may name a region."))
    country, region, days = str(one.get("country") or ""), str(one.get("region") or ""), one.get("days")
    if days is None:
        return holidays_of(country, region)
    if not isinstance(days, list | tuple):
        raise CalendarRefused("holidays", _("The days of a set of holidays are a list of dates."))
    return Holidays(country, region, tuple(sorted(_date(day, "holidays") for day in days)))
