"""Public holidays of a country or one of its regions, from the `holidays` library.

They are worked out once and then belong to the calendar: a newer release of the library may know better, and what was
counted by the older one must come out the same when it is counted again.
"""

from datetime import date
from functools import lru_cache
from typing import NamedTuple

from django.utils.translation import gettext as _

from beforehand.lib.working.window import CalendarRefused

FIRST, LAST = 2000, 2050


class Holidays(NamedTuple):
    """The days on which a country (ISO 3166, "DE") or a region of it ("BY") is closed, in order."""

    country: str
    region: str
    days: tuple[date, ...]


def countries() -> tuple[str, ...]:
    """The codes of the countries that are known."""
    return tuple(_known())


def regions(country: str) -> tuple[str, ...]:
    """The codes of a country's regions; none where the whole country keeps the same days."""
    return tuple(_known().get(country, ()))


@lru_cache(maxsize=64)
def holidays_of(country: str, region: str = "", first: int = FIRST, last: int = LAST) -> Holidays:
    """The holidays of the years from `first` to `last`, both included. Raises `CalendarRefused`."""
    from holidays import country_holidays

    if country not in _known():
        raise CalendarRefused("holidays", _("No holidays are known for “%(country)s”.") % {"country": country})
    if region and region not in _known()[country]:
        words = _("%(country)s has no region “%(region)s”. It has: %(regions)s.")
        known = ", ".join(_known()[country]) or "–"
        raise CalendarRefused("holidays", words % {"country": country, "region": region, "regions": known})
    days = country_holidays(country, subdiv=region or None, years=range(first, last + 1))
    return Holidays(country, region, tuple(sorted(day for day in days if first <= day.year <= last)))


@lru_cache(maxsize=1)
def _known() -> dict[str, list[str]]:
    from holidays import list_supported_countries

    return list_supported_countries(include_aliases=False)
