"""Needs carried on from their rows: whatever comes next, the same as when everything is traced from the beginning."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beforehand.customers.models import Identifier
from beforehand.journey.catalogue import correct
from beforehand.journey.models import Need, NeedKind
from beforehand.journey.needs import keeping, projection, rebuilding, retracing
from beforehand.journey.tests.needs import BUY, NAMES, RECEIVE, SPOKEN, UNKNOWN, definition, orders
from beforehand.journey.tests.people import NOON, happened
from beforehand.journey.tests.test_needs_projection import PEOPLE, everything, example, patient

pytestmark = pytest.mark.django_db
ORDER, OTHER = {"order_id": 1}, {"order_id": 2}


@pytest.fixture(autouse=True)
def kinds():
    NeedKind.objects.all().delete()
    for name, kind in SPOKEN.items():
        correct(name, kind=kind)
    keeping.keep_all(definition(one) for one in (RECEIVE, BUY, UNKNOWN))
    projection.follow()


@pytest.fixture
def resumed(monkeypatch):
    """The customers whose needs were carried on."""
    found = []

    def noted(*args, real=retracing.carried_on):
        done = real(*args)
        found.extend(done)
        return done

    monkeypatch.setattr(retracing, "carried_on", noted)
    return found


def everybody_is_followed():
    projection.follow()


def a_page_is_looked_at():
    for customer in Identifier.objects.values_list("customer", flat=True):
        projection.catch_up(customer)


steps = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE[:2]),
        st.integers(0, 60),
        st.sampled_from(NAMES),
        orders,
        st.sampled_from([everybody_is_followed, everybody_is_followed, a_page_is_looked_at, None]),
    ),
    min_size=3,
    max_size=20,
)


@given(steps)
@patient
def test_step_by_step_gives_what_a_rebuild_gives(tmp_path_factory, taken):
    with example(tmp_path_factory):
        quarter = 0
        for who, gap, name, said, then in taken:
            quarter += gap
            happened(who, (name, said), start=NOON + timedelta(hours=6 * quarter))
            if then:
                then()
        projection.follow()
        followed = everything()
        rebuilding.rebuild()
        assert everything() == followed


CARRIED = {
    "a step": [(0, "Order Completed", ORDER), (1, "Order Packed", ORDER)],
    "its end": [(0, "Order Completed", ORDER), (1, "Order Packed", ORDER), (3, "Order Delivered", ORDER)],
    "that it was cancelled": [(0, "Order Completed", ORDER), (1, "Order Cancelled", ORDER)],
    "its end, of which we told": [
        (0, "Order Completed", ORDER),
        (1, "Delivery Delayed", ORDER),
        (2, "Notice Sent", ORDER),
        (4, "Order Delivered", ORDER),
    ],
    "its end, at which a person worked": [
        (0, "Order Completed", ORDER),
        (1, "Email Sent", ORDER),
        (4, "Order Delivered", ORDER),
    ],
    "its end, after help": [(0, "Product Added", {}), (1, "Guide Read", {}), (2, "Order Completed", {})],
    "its end, after a contact": [
        (0, "Order Completed", ORDER),
        (1, "Email Received", ORDER),
        (4, "Order Delivered", ORDER),
    ],
    "the end of what only a contact told": [
        (0, "Email Received", {"text": "do you sell cards"}),
        (1, "Case Resolved", {}),
    ],
    "a going back": [(0, "Order Completed", ORDER), (1, "Order Packed", ORDER), (2, "Order Packed", ORDER)],
    "one of two": [
        (0, "Order Completed", ORDER),
        (1, "Order Completed", OTHER),
        (2, "Order Packed", OTHER),
        (3, "Order Packed", ORDER),
    ],
    "one of two that nobody names": [
        (0, "Order Completed", ORDER),
        (1, "Order Completed", OTHER),
        (2, "Order Packed", ORDER),
        (3, "Order Shipped", {}),
    ],
    "another one after the first fell silent": [(0, "Product Added", {}), (30, "Product Added", {})],
    "what is nobody's need": [(0, "Order Completed", ORDER), (1, "Email Sent", {})],
}
RETRACED = {
    "that a customer speaks": [(0, "Order Completed", ORDER), (1, "Email Received", ORDER)],
    "that a number is seen again": [(0, "Order Completed", ORDER), (40, "Order Packed", ORDER)],
    "that something came late": [(2, "Order Completed", ORDER), (1, "Order Packed", ORDER)],
    "that we told of one of two without naming it": [
        (0, "Order Completed", ORDER),
        (1, "Order Completed", OTHER),
        (2, "Delivery Delayed", ORDER),
        (3, "Notice Sent", {}),
        (4, "Order Delivered", ORDER),
    ],
}


def followed_at_last(story):
    for day, name, said in story:
        happened(PEOPLE[0], (name, said), start=NOON + timedelta(days=day))
        projection.follow()


@pytest.mark.parametrize("story", CARRIED.values(), ids=CARRIED)
def test_what_comes_in_order_is_added_to_the_needs_as_they_are(story, resumed):
    followed_at_last(story[:-1])
    resumed.clear()
    followed_at_last(story[-1:])
    assert resumed
    followed = everything()
    rebuilding.rebuild()
    assert everything() == followed


@pytest.mark.parametrize("story", RETRACED.values(), ids=RETRACED)
def test_what_hangs_on_the_past_is_traced_from_there(story, resumed):
    followed_at_last(story[:-1])
    resumed.clear()
    followed_at_last(story[-1:])
    assert not resumed
    followed = everything()
    rebuilding.rebuild()
    assert everything() == followed


def test_what_a_page_has_shown_already_is_not_counted_twice(resumed):
    followed_at_last([(0, "Order Completed", ORDER), (1, "Order Packed", ORDER)])
    happened(PEOPLE[0], ("Order Packed", ORDER), start=NOON + timedelta(days=2))
    a_page_is_looked_at()
    shown = everything()
    (stay,) = [stay for stay in Need.objects.get().steps if stay[5]]
    resumed.clear()
    projection.follow()
    assert everything() == shown
    assert stay[5] == 1
    assert not resumed


def test_a_page_that_was_overtaken_writes_nothing_old(monkeypatch):
    followed_at_last([(0, "Order Completed", ORDER)])
    happened(PEOPLE[0], ("Order Packed", ORDER), start=NOON + timedelta(days=1))
    customer = Need.objects.get().customer_id

    def overtaken(*args, real=projection.traced_again):
        found = real(*args)
        monkeypatch.setattr(projection, "traced_again", real)
        happened(PEOPLE[0], ("Order Shipped", ORDER), start=NOON + timedelta(days=2))
        projection.follow()
        return found

    monkeypatch.setattr(projection, "traced_again", overtaken)
    projection.catch_up(customer)
    assert Need.objects.get().step == "delivered"
