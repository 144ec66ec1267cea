"""Where a customer's needs stand, on their page."""

from datetime import timedelta

import pytest
from django.test import Client

from beforehand.journey import standing
from beforehand.journey.models import Contact, Need, Promise
from beforehand.journey.promises.making import make
from beforehand.journey.tests.orders import LEO, MIA, NOW, followed, mia_waits, order

pytestmark = pytest.mark.django_db


@pytest.fixture
def mia(db):
    return mia_waits()


@pytest.fixture
def as_ben(client, ben):
    client.force_login(ben)
    return client


def page(client, pk):
    answer = client.get(f"/customers/{pk}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_open_need_is_a_path_with_what_is_done_where_they_are_and_what_comes(mia):
    needs = standing.of_customer(mia)
    fresh = next(one for one in needs.open if one.need.key == "1001")
    assert [stop.state for stop in fresh.stops] == ["done", "done", "here", ""]
    assert (fresh.next, fresh.stuck) == ("Shipped", False) and "should take" in fresh.stops[-1].about


def test_who_is_stuck_stands_first_with_the_reason(mia):
    first = standing.of_customer(mia).open[0]
    assert first.need.key == "1002" and first.stuck and first.stops[-1].late
    assert first.reason == "longer than the 5\N{NO-BREAK SPACE}d that it should take"


def test_a_need_brings_its_contacts_and_promises(mia, ben):
    make(mia, "A new parcel", NOW + timedelta(days=2), ["Order Shipped"], ben, ("order_id", "1002"))
    first = standing.of_customer(mia).open[0]
    assert [one.name for one in first.contacts] == ["Mail Received"]
    assert [one.what for one in first.promises] == ["A new parcel"]


def test_what_is_over_is_counted_and_said_to_be_beforehand_only_without_a_contact(mia):
    over = standing.of_customer(mia).over
    assert (over.count, over.met) == (1, 1) and over.beforehand == 1
    done = next(one for one in standing.ended_of(mia) if one.need.key == "1000")
    assert done.beforehand and done.took and done.took < timedelta(days=1)
    contact = Contact.objects.get()
    Need.objects.filter(pk=done.need.pk).update(first_contact=contact.time)
    assert next(one for one in standing.ended_of(mia) if one.need.key == "1000").beforehand
    Need.objects.filter(pk=done.need.pk).update(first_contact=done.need.opened)
    assert not next(one for one in standing.ended_of(mia) if one.need.key == "1000").beforehand


def test_the_page_says_it_all_and_escapes_what_customers_wrote(as_ben, mia):
    order(MIA, "<b>9</b>", "Order Completed", ago=0.1)
    followed()
    shown = page(as_ben, mia)
    assert "1 need stuck" in shown and "Open needs" in shown and "stuck since" in shown
    assert "&lt;b&gt;9&lt;/b&gt;" in shown and "<b>9</b>" not in shown


def test_a_page_catches_its_customer_up_before_it_is_shown(as_ben, mia):
    order(MIA, "1001", "Order Shipped", ago=0.01)
    assert "Shipped" in page(as_ben, mia)
    assert Need.objects.get(key="1001").step == "delivered"


def test_a_contact_on_the_timeline_says_why_with_its_probability(as_ben, mia):
    contact = Contact.objects.get()
    shown = page(as_ben, mia)
    assert f'href="/contacts/{contact.pk}"' in shown and f"{contact.probability:.2f}" in shown


def test_a_customer_without_needs_has_a_page_without_them(as_ben, mia):
    from beforehand.customers.identity import Claim, identify

    (nobody,) = identify([Claim("user_id", "nobody", True)]).values()
    assert "Open needs" not in page(as_ben, nobody)


def test_promises_are_at_risk_in_their_last_day_and_broken_after_it():
    due = {True: timedelta(hours=3), False: timedelta(days=4)}
    soon, later = (Promise(state="open", due=NOW + due[near]) for near in (True, False))
    assert [standing.risk(one, NOW) for one in (soon, later)] == ["at_risk", "open"]
    assert standing.risk(soon, NOW + timedelta(hours=4)) == "broken"


def test_another_customers_needs_stay_on_their_own_page(as_ben, mia):
    leo = Need.objects.get(key="2001").customer_id
    assert "2001" in page(as_ben, leo) and "2001" not in page(as_ben, mia)
    assert LEO.value not in page(as_ben, mia)


def test_what_is_over_comes_when_the_fold_is_opened(as_ben, mia):
    assert "1 need that is over" in page(as_ben, mia)
    part = as_ben.get(f"/customers/{mia}/needs", headers={"HX-Request": "true"}).content.decode()
    assert "Receive my order</a> 1000" in part and "beforehand" in part and "<html" not in part
    assert as_ben.get(f"/customers/{mia}/needs?page=7").status_code == 200
    assert as_ben.get("/customers/99999/needs").status_code == 404


def test_a_viewer_sees_no_customer(client, vic, mia):
    client.force_login(vic)
    assert client.get(f"/customers/{mia}").status_code == 403
    assert Client().get(f"/customers/{mia}").status_code == 302
