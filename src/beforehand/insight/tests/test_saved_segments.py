"""Segments that members save: who is in them, in every number and list, and what the form asks."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from beforehand.customers.identity import Claim
from beforehand.insight import saved
from beforehand.insight.filters import choose
from beforehand.insight.models import SavedSegment
from beforehand.insight.query import Query
from beforehand.insight.run import run
from beforehand.insight.saved import Conditions
from beforehand.insight.segments import BadSegment, Segment, parse
from beforehand.insight.tests import shop
from beforehand.insight.tests.journeys import at, need, snapshot
from beforehand.journey import promised
from beforehand.journey.models import Promise
from beforehand.journey.promises.making import make
from beforehand.journey.tests.orders import mia_waits
from beforehand.journey.tests.people import happened
from beforehand.team.models import Member

TOUCHPOINTS = [
    (1, at(0), "ad", "web", '{"platform": "ios"}'),
    (1, at(1), "cart", "web"),
    (2, at(0), "ad", "web", '{"platform": "android", "plan": "pro"}'),
    (3, at(0), "ad", "web", '{"platform": "web"}'),
    (3, at(2), "help", "chat"),
]
NEEDS = [
    need(1, 1, at(0), met=at(1), contacts=1),
    need(2, 2, at(0), stuck_at=at(3)),
    need(3, 3, at(0), kind="setup"),
    need(4, 3, at(0), abandoned=at(2)),
]
CONTACTS = [
    {"id": 5, "customer": 3, "time": at(2), "day": at(2).date(), "need": 3, "kind": "setup", "cause": "failure"},
    {"id": 2, "customer": 1, "time": at(1), "day": at(1).date(), "need": 1, "kind": "order", "cause": "value"},
]
APRIL = datetime(2024, 4, 1, tzinfo=UTC)


def people(**asked):
    """The customers whose touchpoints are left, by the number of these."""
    reader = snapshot(TOUCHPOINTS, NEEDS, contacts=CONTACTS)
    names = {"touchpoints": "touchpoints", "needs": "needs", "contacts": "contacts"}
    found = reader.db.execute(saved.sql(Conditions(**asked), names, "timestamp '2024-04-01'")).fetchall()
    return sorted({customer for (customer,) in found})


def test_of_one_property_any_value_will_do_and_of_several_all_must_be_found():
    assert people(touchpoints=("platform:ios", "platform:android")) == [1, 2]
    assert people(touchpoints=("platform:android", "plan:pro")) == [2]
    assert people(touchpoints=("platform:ios", "plan:pro")) == []
    assert people(touchpoints=("channel:chat",)) == [3]


@pytest.mark.parametrize(("state", "who"), [("open", [2, 3]), ("stuck", [2]), ("met", [1]), ("contacted", [1])])
def test_needs_by_their_state(state, who):
    assert people(state=state) == who


def test_needs_by_kind_contacts_by_cause_and_all_together():
    assert people(kinds=("setup",)) == [3]
    assert people(kinds=("order", "setup"), state="open") == [2, 3]
    assert people(causes=("failure", "chase")) == [3]
    assert people(kinds=("setup",), causes=("value",)) == []
    assert people() == [1, 2, 3]


def test_a_value_with_a_quote_is_only_a_value():
    assert people(touchpoints=("platform:it's') or true --",)) == []


def test_a_measure_sees_all_that_these_customers_did(db):
    kept = saved.keep("Phones", Conditions(touchpoints=("platform:ios",)))
    reader = snapshot(TOUCHPOINTS, NEEDS, contacts=CONTACTS)
    segment = Segment("@", str(kept.pk))
    query = Query("touchpoints", date(2024, 1, 1), date(2024, 1, 31), segment, as_of=APRIL)
    assert run(query, reader).value == 2
    assert run(query.but(measure="needs-beforehand"), reader).n == 1
    assert run(query.but(measure="failure-share"), reader).n == 1


def test_an_address_names_it_by_its_number_and_the_bar_by_its_name(db):
    kept = saved.keep("Phones", Conditions(touchpoints=("platform:ios",)))
    assert parse(f"@{kept.pk}") == Segment("@", str(kept.pk))
    assert str(parse(f"@{kept.pk}")) == f"@{kept.pk}"
    chosen = choose({"segment": f"@{kept.pk}"}, [], date(2024, 1, 31))
    assert chosen.segment_label == "Phones" and chosen.query == f"?segment=%40{kept.pk}"


@pytest.mark.parametrize("text", ["@1", "@", "@x", "@99999999999999999999", "@-1", "@²"])
def test_one_that_is_not_there_is_said_and_left_out(db, text):
    with pytest.raises(BadSegment):
        parse(text)
    chosen = choose({"segment": text}, [], date(2024, 1, 31))
    assert chosen.segment is None and "no longer there" in chosen.problems[0]


@pytest.fixture
def page(client, ada, db):
    client.force_login(ada)
    return client


def form(**changes):
    return {"name": "Phones", "state": "", "touchpoints": ["platform:ios"], **changes}


def test_it_is_made_changed_and_removed_with_forms(page):
    shop.load(shop.visits())
    new = reverse("insight:new_segment")
    assert "plan:pro" in page.get(new).content.decode()
    made = page.post(new, form(touchpoints=["plan:pro"], causes=["failure"]), follow=True)
    assert "Phones" in made.content.decode() and "plan: pro" in made.content.decode()
    one = SavedSegment.objects.get()
    assert one.conditions == {"touchpoints": ["plan:pro"], "kinds": [], "state": "", "causes": ["failure"]}
    change = reverse("insight:saved_segment", args=[one.pk])
    assert "checked" in page.get(change).content.decode()
    page.post(change, form(name="Pros", touchpoints=["plan:pro"]))
    one.refresh_from_db()
    assert (one.name, one.conditions["causes"]) == ("Pros", [])
    page.post(reverse("insight:segment_removal", args=[one.pk]))
    assert not SavedSegment.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [form(touchpoints=[]), form(name=" "), form(name="x" * 81), form(touchpoints=["no:such"]), form(state="lost")],
)
def test_what_cannot_be_kept_is_refused_with_the_reason(page, wrong):
    shop.load(shop.visits())
    answer = page.post(reverse("insight:new_segment"), wrong)
    assert answer.status_code == 422 and not SavedSegment.objects.exists()
    page_text = answer.content.decode()
    assert 'class="error"' in page_text or "Tick something" in page_text


def test_two_cannot_have_one_name(page):
    shop.load(shop.visits())
    saved.keep("Phones", Conditions(state="open"))
    assert page.post(reverse("insight:new_segment"), form(name="phones", touchpoints=["plan:pro"])).status_code == 422


def test_whoever_may_not_configure_may_look_but_not_make(client, db):
    client.force_login(Member.objects.create_user("eve@example.com", "a long password", role=Member.Role.AGENT))
    assert client.get(reverse("insight:saved_segments")).status_code == 200
    assert client.get(reverse("insight:new_segment")).status_code == 403


def test_every_board_and_the_list_of_customers_can_be_narrowed_to_it(page):
    shop.load(shop.visits())
    one = saved.keep("Pros", Conditions(touchpoints=("plan:pro",)))
    query = f"?segment=@{one.pk}"
    for name in ("web:home", "insight:map", "insight:table", "insight:measures", "insight:needs", "insight:variants"):
        answer = page.get(reverse(name) + query)
        assert answer.status_code == 200 and "Pros" in answer.content.decode(), name
    assert "Pros" in page.get(reverse("insight:segments")).content.decode()
    listed = page.get(reverse("journey:customers") + query).content.decode()
    everybody = page.get(reverse("journey:customers")).content.decode()
    assert 0 < listed.count("/customers/") < everybody.count("/customers/")


def test_the_list_of_contacts_can_be_narrowed_to_it(page):
    mia_waits()
    hers = saved.keep("Waiting", Conditions(kinds=("receive-my-order",)))
    nobody = saved.keep("Returns", Conditions(kinds=("return-it",)))
    address = reverse("journey:contacts") + "?days=91&segment=@"
    assert "Where is my parcel?" in page.get(f"{address}{hers.pk}").content.decode()
    empty = page.get(f"{address}{nobody.pk}").content.decode()
    assert "Where is my parcel?" not in empty and "Returns" in empty


def test_the_list_of_promises_can_be_narrowed_to_it_and_to_days(page, ben):
    mia = mia_waits()
    make(mia, "A new lamp", timezone.now() + timedelta(days=3), ["Order Shipped"], ben)
    hers = saved.keep("Waiting", Conditions(kinds=("receive-my-order",)))
    nobody = saved.keep("Returns", Conditions(kinds=("return-it",)))
    address = reverse("journey:promises") + "?days=91&segment=@"
    listed = page.get(f"{address}{hers.pk}").content.decode()
    assert "A new lamp" in listed and "Waiting" in listed and f"segment=@{hers.pk}" in listed.replace("%40", "@")
    empty = page.get(f"{address}{nobody.pk}").content.decode()
    assert "A new lamp" not in empty and "Returns" in empty
    assert "A new lamp" not in page.get(reverse("journey:promises") + "?from=2020-01-01&to=2020-02-01").content.decode()


def test_of_a_segment_only_its_own_promises_count_as_kept(page, ben):
    mia = mia_waits()
    tom = happened(Claim("user_id", "tom", True), "Order Completed")
    now = timezone.now()
    for customer in (mia, tom):
        making = make(customer, "A call", now + timedelta(seconds=5), ["Called"], ben)
        state = "kept" if customer == mia else "broken"
        Promise.objects.filter(pk=making.pk).update(due=now - timedelta(hours=1), state=state)
    hers = saved.keep("Waiting", Conditions(kinds=("receive-my-order",)))
    asked = promised.Asked({"segment": f"@{hers.pk}", "days": "91"})
    assert asked.rate(now)[:2] == (1, 1)
    assert promised.Asked({}).rate(now)[:2] == (1, 2)
