"""The home board: the share of needs that was met beforehand first, and what holds it down."""

from dataclasses import fields
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from beforehand.customers.models import Customer
from beforehand.insight import homeboard, saved
from beforehand.insight.causes.found import Cause
from beforehand.insight.causes.storing import METHOD
from beforehand.insight.models import CauseSearch, ContactCause
from beforehand.insight.result import Result
from beforehand.insight.saved import Conditions
from beforehand.insight.tests import shop
from beforehand.journey.models import Promise, Touchpoint
from beforehand.journey.needs import keeping, projection
from beforehand.journey.promises.standing import standing
from beforehand.lib.fields import to_micros

SAID = {
    "key": "Delivery Delayed", "name": "Delivery Delayed", "kind": "receive-my-order", "owner": "logistics",
    "value": 61.0, "low": 50.0, "high": 72.0, "customers": 80, "silent": 30, "cost": 427.0, "cost_low": 350.0,
    "cost_high": 504.0, "found": True, "where": (), "mediators": (), "start": None, "end": None, "ordinary": False,
}  # fmt: skip
EMPTY = {"str": "", "float": 0.0, "int": 0}
CAUSE = Cause(**{one.name: EMPTY.get(str(one.type), 0) for one in fields(Cause)} | SAID)


def orders(customers=40):
    """Forty orders: three in four arrive, one in four customers asks first."""
    now = timezone.now().replace(hour=9, minute=0, second=0, microsecond=0)
    for number in range(customers):
        day = now - timedelta(days=40 + number % 10)
        who, order = f"u{number}", f"o{number}"
        yield shop.touchpoint(who, "Order Completed", day, order_id=order)
        yield shop.touchpoint(who, "Order Packed", day + timedelta(hours=5), order_id=order)
        if number % 4 == 0:
            yield shop.touchpoint(who, "Support Ticket Opened", day + timedelta(days=1), "email", order_id=order)
        if number % 4 != 3:
            yield shop.touchpoint(who, "Order Delivered", day + timedelta(days=2), order_id=order)
    yield shop.touchpoint("late", "Page Viewed", now)


@pytest.fixture
def needs(db):
    keeping.install_ready_made()
    shop.load(orders())
    projection.follow()


@pytest.fixture
def home(client, ada):
    client.force_login(ada)
    return lambda query="?days=60": client.get(reverse("web:home") + query).content.decode()


def test_it_opens_with_needs_met_beforehand_and_a_sentence_to_be_read_aloud(needs, home):
    page = home()
    assert page.index("Needs met beforehand") < page.index("What holds it down") < page.index("Stuck now")
    assert "Of 100 things that customers set out to get done, 50 were done" in page
    assert 'value="0.5"' in page and "needs" in page
    assert "The first search for causes has not run yet" in page
    assert page.count("<h1") == 1 and "style=" not in page


def test_what_holds_it_down_comes_with_contacts_and_money(needs, home):
    search = CauseSearch.objects.create(finished=timezone.now(), method=METHOD, payload={"contacts": 100})
    ContactCause.objects.create(search=search, rank=1, key=CAUSE.key, found=True, payload=CAUSE.as_dict())
    page = home()
    assert "Delivery Delayed" in page or "delayed" in page
    assert "<b>61</b>" in page and "[50–72]" in page and "€427" in page and "logistics" in page


def test_a_search_that_blames_nobody_says_so(needs, home):
    CauseSearch.objects.create(finished=timezone.now(), method=METHOD, payload={"contacts": 100})
    assert "Nothing is to blame" in home()


def test_without_needs_it_invites_and_shows_the_board_of_contacts(db, home):
    shop.load(shop.visits())
    page = home("")
    assert "Choose kinds of need" in page and "Contacts per 1,000 active customers" in page


def test_the_bar_is_as_long_as_the_needs_and_what_was_met_beforehand_is_the_number():
    now = Result(
        "needs-beforehand", "", "share", "up", "", "", 0.7, 0.6, 0.8, 100, False, True, [], [], timezone.now(), 1, "",
        {"ways": {"late": [0.1, 0, 0], "by_itself": [0.6, 0, 0], "guided": [0.1, 0, 0], "contacted": [0.2, 0, 0]}},
    )  # fmt: skip
    ways = homeboard.ways(now)
    assert [(way.label, way.tone) for way in ways] == [
        ("By itself", "p1"), ("With a guide", "p2"), ("Had to contact us", "q1"), ("Not in time", "q2"),
    ]  # fmt: skip
    assert sum(way.share for way in ways if way.beforehand) == pytest.approx(now.value)
    assert ways[-1].x + ways[-1].width == pytest.approx(1000, abs=3)


def test_promises_are_listed_late_ones_first_and_the_share_that_was_kept_is_told(db, ada, home):
    shop.load([shop.touchpoint("u1", "Page Viewed", timezone.now())])
    now = timezone.now()
    customer = Customer.objects.first()
    states = {-30: "kept", -29: "kept", -28: "kept_late", -1: "broken", 0.5: "open", 5: "open"}
    for number, (days, state) in enumerate(states.items(), 1):
        settled = now if state.startswith("kept") else None
        due = now + timedelta(days=days)
        Promise.objects.create(
            id=number, customer=customer, made=due, what=f"p{days}", due=due, state=state, settled=settled
        )
    found = standing(to_micros(now - timedelta(days=60)), to_micros(now))
    assert [one.promise.what for one in found.due] == ["p-1", "p0.5"]
    assert (found.late, found.soon, found.n, found.kept.value) == (1, 1, 4, 0.5)
    assert found.due[0].late and found.due[1].near
    nobody = standing(to_micros(now - timedelta(days=60)), to_micros(now), among=lambda customers: set())
    assert (nobody.due, nobody.late, nobody.soon, nobody.n) == ([], 0, 0, 0)
    same = standing(to_micros(now - timedelta(days=60)), to_micros(now), among=lambda customers: customers)
    assert (len(same.due), same.late, same.soon, same.n, same.kept) == (2, 1, 1, 4, found.kept)


def test_a_segment_narrows_the_causes_and_the_promises(needs, home):
    now = timezone.now()
    writers = saved.keep("Writers", Conditions(touchpoints=("channel:email",)))
    asked = Touchpoint.objects.filter(channel="email").values_list("identifier__customer", flat=True)
    other = Customer.objects.exclude(pk__in=list(asked)).first()
    search = CauseSearch.objects.create(finished=now, method=METHOD, payload={"contacts": 100})
    struck = [[1, asked[0], now.isoformat(), 1], [2, asked[1], now.isoformat(), 0], [3, other.pk, now.isoformat(), 0]]
    ContactCause.objects.create(
        search=search, rank=1, key="a", found=True, payload=CAUSE.as_dict(), victims=struck
    )  # fmt: skip
    Promise.objects.create(
        id=1, customer=other, made=now, what="to call back", due=now - timedelta(days=1), state="broken"
    )  # fmt: skip
    everybody, some = home(), home(f"?days=60&segment=@{writers.pk}")
    assert "to call back" in everybody and "of this segment" not in everybody
    assert "to call back" not in some and "2 of this segment" in some and "1 of them wrote" in some
