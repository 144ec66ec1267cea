"""What time it is where a customer is, as far as that is known.

By the zone that was told of them, else by their country where all of it has one time. Which zones a country has is the
word of the machine's zone database (zone.tab, iso3166.tab).
"""

import zoneinfo
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from beforehand.customers.models import Identifier

ZONES = ("timezone", "time_zone")
COUNTRIES = ("country", "country_code")


def zone_of(customer: int, now: datetime) -> ZoneInfo | None:
    """The customer's zone by the latest word on it; None where nobody said one, nor a country with one time."""
    traits = Identifier.objects.filter(customer=customer).values_list("traits", "trait_times")
    zones, countries = [], []
    for said, times in traits:
        zones += [(times.get(name, 0), said[name]) for name in ZONES if isinstance(said.get(name), str)]
        countries += [(time, country) for time, country in _countries(said, times) if isinstance(country, str)]
    own = (_zone(name) for _time, name in sorted(zones, reverse=True))
    by_country = (_only(country, now) for _time, country in sorted(countries, reverse=True)[:1])
    return next((zone for zone in (*own, *by_country) if zone is not None), None)


def _countries(said: dict[str, Any], times: dict[str, int]) -> Iterable[tuple[int, Any]]:
    address = said.get("address")
    if isinstance(address, dict):
        yield times.get("address", 0), address.get("country")
    for name in COUNTRIES:
        yield times.get(name, 0), said.get(name)


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def _only(country: str, now: datetime) -> ZoneInfo | None:
    """The zone of a country, by its name or its code, where it is the same time in all of it now."""
    word = country.strip().casefold()
    zones = [zone for name in _zones().get(_codes().get(word, word), ()) if (zone := _zone(name))]
    return zones[0] if len({now.astimezone(zone).utcoffset() for zone in zones}) == 1 else None


@lru_cache(1)
def _codes() -> dict[str, str]:
    """Codes of countries by their English names."""
    return {line[1].casefold(): line[0].casefold() for line in _table("iso3166.tab") if len(line) > 1}


@lru_cache(1)
def _zones() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in _table("zone.tab"):
        if len(line) > 2:
            found.setdefault(line[0].casefold(), []).append(line[2])
    return found


def _table(name: str) -> list[list[str]]:
    """The lines of a table of the zone database; none where the machine has no such table."""
    places = [Path(place) / name for place in zoneinfo.TZPATH]
    text = next((place.read_text(encoding="utf-8") for place in places if place.is_file()), None)
    if text is None:
        try:
            text = (resources.files("tzdata.zoneinfo") / name).read_text(encoding="utf-8")
        except (ModuleNotFoundError, FileNotFoundError):
            text = ""
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
