"""What time it is where a customer is: said, read off their country, or unknown."""

from datetime import UTC, datetime

import pytest

from beforehand.customers import whereabouts
from beforehand.customers.identity import Claim, describe, identify

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


def known(*said):
    """A customer of whom these were told, one after the other."""
    claim = Claim("email", "ada@example.org", True)
    identifier = identify([claim])[claim]
    for time, traits in enumerate(said, 1):
        describe([(identifier, time, traits)])
    return whereabouts.Identifier.objects.get(pk=identifier).customer_id


@pytest.mark.parametrize(
    ("traits", "zone"),
    [
        ({"timezone": "America/New_York"}, "America/New_York"),
        ({"time_zone": "Asia/Tokyo"}, "Asia/Tokyo"),
        ({"timezone": "America/New_York", "country": "JP"}, "America/New_York"),
        ({"country": "JP"}, "Asia/Tokyo"),
        ({"country": "japan"}, "Asia/Tokyo"),
        ({"country_code": "ke"}, "Africa/Nairobi"),
        ({"address": {"country": "India"}}, "Asia/Kolkata"),
        ({"country": "DE"}, "Europe/Berlin"),  # Büsingen has the same time
    ],
)
def test_it_is_known_by_zone_or_by_country(traits, zone):
    assert whereabouts.zone_of(known(traits), NOW).key == zone


@pytest.mark.parametrize(
    "traits",
    [
        {},
        {"country": "US"},  # many times
        {"country": "Atlantis"},
        {"country": 49},
        {"timezone": "Mars/Olympus"},
        {"timezone": "../../etc/passwd"},
        {"timezone": "x" * 5000},
        {"address": "Berlin"},
    ],
)
def test_what_is_not_known_is_not_guessed(traits):
    assert whereabouts.zone_of(known(traits), NOW) is None


def test_the_latest_word_counts():
    assert whereabouts.zone_of(known({"country": "JP"}, {"country": "KE"}), NOW).key == "Africa/Nairobi"
    assert (
        whereabouts.zone_of(known({"timezone": "Asia/Tokyo"}, {"time_zone": "Asia/Kolkata"}), NOW).key == "Asia/Kolkata"
    )


def test_without_tables_of_the_machine_nothing_is_known_of_countries(monkeypatch):
    monkeypatch.setattr(whereabouts, "_zones", dict)
    assert whereabouts.zone_of(known({"country": "JP"}), NOW) is None
