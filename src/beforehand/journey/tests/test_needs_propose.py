"""Likely kinds are found in touchpoints, and what they would have been is said before they are kept."""

import random
from datetime import timedelta

import pytest

from beforehand.customers.identity import Claim
from beforehand.journey import journeys
from beforehand.journey.catalogue import correct, guess_missing
from beforehand.journey.models import NeedKind
from beforehand.journey.needs import keeping, preview, propose
from beforehand.journey.needs.reading import read_yaml
from beforehand.journey.tests.needs import RECEIVE, definition
from beforehand.journey.tests.people import NOON, happened

pytestmark = pytest.mark.django_db
FUNNEL = ["view_item", "add_to_cart", "cart", "payment_details", "purchase"]
MOVING_ON = [1.0, 0.4, 0.8, 0.8, 0.8]


@pytest.fixture
def shop():
    """Two hundred visits that look around and sometimes buy; each purchase is sent and delivered under its number."""
    chance = random.Random(5)
    for kind in ("purchase", "cart", "payment_details", "add_to_cart", "view_item"):
        correct(kind, kind="value")
    correct("support_chat", kind="contact")
    correct("payment_error", kind="failure")
    for number in range(200):
        who, start = Claim("user_id", f"u{number % 80}", True), NOON + timedelta(days=number / 4)
        way = [name for _ in range(chance.randint(1, 3)) for name in ("home", "search", "view_item")]
        for name, share in zip(FUNNEL[1:], MOVING_ON[1:], strict=True):
            if chance.random() > share:
                if name == "purchase":
                    way += ["payment_error", "support_chat"]
                break
            way.append(name)
        bought = way[-1] == "purchase"
        if bought:
            way[-1] = ("purchase", {"order": f"N-{number}"})
        happened(who, *way, start=start, step=timedelta(minutes=2))
        if bought:
            for name, days in (("parcel_sent", 1), ("parcel_delivered", 3)):
                happened(who, (name, {"order": f"N-{number}"}), start=start + timedelta(days=days))
    journeys.follow()
    guess_missing()


def test_the_needs_that_are_in_it_are_found(shop):
    found = {one.definition.meets[0].name: one for one in propose.propose()}
    assert set(found) == {"purchase", "parcel_delivered"}
    buy, receive = found["purchase"].definition, found["parcel_delivered"].definition
    assert buy.title == "Complete a purchase" and not buy.key
    assert [one.name for one in buy.opens] == ["add_to_cart"]
    assert [step.step for step in buy.steps] == ["cart", "payment-details", "purchase"]
    assert [one.name for one in buy.trouble] == ["payment_error"]
    assert found["purchase"].contacts > 0
    assert (receive.key, [one.name for one in receive.opens]) == ("order", ["purchase"])
    assert [step.step for step in receive.steps] == ["parcel-sent", "parcel-delivered"]
    assert found["parcel_delivered"].median == pytest.approx(3 * 86_400, rel=0.05)
    assert found["parcel_delivered"].met == 1.0


def test_what_is_proposed_can_be_loaded_as_it_is(shop):
    NeedKind.objects.all().delete()
    text = propose.as_yaml(propose.propose())
    assert text.startswith("# ")
    assert len(keeping.keep_all(read_yaml(text))) == 2


def test_where_nothing_leads_anywhere_nothing_is_proposed():
    chance = random.Random(1)
    for number in range(60):
        names = [f"page {chance.randint(1, 9)}" for _ in range(8)]
        happened(Claim("user_id", f"u{number}", True), *names)
    journeys.follow()
    assert propose.propose() == []


def test_the_preview_counts_what_the_kind_would_have_been():
    NeedKind.objects.all().delete()
    correct("Email Received", kind="contact")
    for number, days in enumerate([1, 2, 30, None]):
        who = Claim("user_id", f"u{number}", True)
        happened(who, ("Order Completed", {"order_id": number}))
        if days:
            happened(who, ("Order Delivered", {"order_id": number}), start=NOON + timedelta(days=days))
    happened(Claim("user_id", "u1", True), ("Email Received", {"order_id": 1}), start=NOON + timedelta(days=1))
    happened(Claim("user_id", "later", True), "Page Viewed", start=NOON + timedelta(days=60))
    found = preview.preview(definition(RECEIVE))
    assert (found.needs, found.met, found.contacted, found.known, found.beforehand) == (4, 3, 1, 4, 1)
    assert preview.preview(definition(RECEIVE), days=30).needs == 0
    assert not NeedKind.objects.exists()
