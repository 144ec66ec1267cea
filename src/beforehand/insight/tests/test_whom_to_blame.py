"""A shop's log with two planted troubles, from raw touchpoints to blame: payments that fail for some weeks, which
people write about, and a checkout that throws people on phones back to their cart, which they do not write about."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from beforehand.insight.breaks.storing import run_scan
from beforehand.insight.causes import run_search
from beforehand.insight.tests import shop
from beforehand.journey.catalogue import guess_missing
from beforehand.journey.models import NeedKind
from beforehand.journey.needs import keeping, propose
from beforehand.journey.needs.reading import read_yaml
from beforehand.journey.needs.rebuilding import rebuild

FIRST = datetime(2026, 1, 5, 9, tzinfo=UTC)
DAYS = 150
PAYMENTS = range(95, 116)
CHECKOUT = range(40, 71)


def visits():
    """Eighteen a day, of 260 customers: they look around, some buy, one in fifty asks something."""
    chance = random.Random(3)
    for day in range(DAYS):
        for _visit in range(18):
            who, platform = f"u{chance.randrange(260)}", chance.choice(["mobile", "desktop"])
            time = FIRST + timedelta(days=day, minutes=chance.randrange(600))
            for name in _way(chance, day, platform):
                yield shop.touchpoint(who, name, time, platform=platform)
                time += timedelta(seconds=30 + chance.expovariate(1 / 90))


def _way(chance, day, platform):
    way = [name for _ in range(chance.randint(1, 3)) for name in ("home", "search", "product_view")]
    way += ["support_chat"] * (chance.random() < 0.02)
    if chance.random() > 0.4:
        return way
    way += ["add_to_cart", "cart", "shipping_details"]
    if platform == "mobile" and day in CHECKOUT and chance.random() < 0.6:
        way += ["checkout_bug", "cart"]
        return way if chance.random() < 0.7 else [*way, "shipping_details", "payment_details", "purchase"]
    if chance.random() < 0.2:
        return way
    way.append("payment_details")
    if day in PAYMENTS and chance.random() < 0.5:
        return [*way, "payment_error", *["support_chat"] * (chance.random() < 0.6)]
    return [*way, "purchase"] if chance.random() < 0.8 else way


@pytest.fixture
def log(db):
    shop.load(visits())
    guess_missing()
    NeedKind.objects.all().delete()
    keeping.keep_all(read_yaml(propose.as_yaml(propose.propose())))
    rebuild(processes=1)


def test_what_brings_chats_is_blamed_and_what_only_loses_purchases_is_a_break(log):
    (bought,) = keeping.definitions()
    assert bought.title == "Complete a purchase" and bought.kind == "complete-a-purchase"
    assert {one.name for one in bought.trouble} == {"payment_error", "checkout_bug"}

    found = run_search()
    (blamed,) = found.found
    assert blamed.name == "payment_error" and blamed.kind == "complete-a-purchase"
    (bug,) = [one for one in found.causes if one.name == "checkout_bug"]
    assert not bug.found and bug.value < 0.1 * blamed.value

    breaks = [one for one in run_scan() if "platform=mobile" in one.segment]
    assert breaks, "the checkout on phones is no break"
    assert any(one.name == "shipping_details" and "cart" in one.to for one in breaks)
