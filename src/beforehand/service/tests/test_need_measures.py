"""Measures of service that look at the need, not only at the thread: answers worked out by hand."""

from datetime import timedelta

import pytest
from django.db import transaction

from beforehand.journey.models import NeedKind
from beforehand.journey.needs import keeping, projection
from beforehand.journey.noting import note
from beforehand.journey.tests.needs import RECEIVE, UNKNOWN, definition
from beforehand.lib.fields import to_micros
from beforehand.service.acts import acting, asking
from beforehand.service.clocks.ledger import Kind
from beforehand.service.models import SolvedCheck
from beforehand.service.tests.desk import person
from beforehand.service.tests.test_measures import ANSWERS, ASKS, DONE, MONDAY, STATUS, ask, case, office

pytestmark = pytest.mark.django_db
ORDER = {"order_id": "7"}
SAID = {"shown": ORDER, "actor": "customer"}
__all__ = ["office"]


@pytest.fixture(autouse=True)
def needs():
    NeedKind.objects.all().delete()
    keeping.keep_all([definition(RECEIVE), definition(UNKNOWN)])
    projection.follow()


def orders(number, order="7"):
    when = to_micros(MONDAY - timedelta(days=1))
    with transaction.atomic():
        note(person(f"c{number}@example.org").pk, "Order Completed", {"order_id": order}, "web", "customer", when)


def solved(number, said=SAID):
    """Asked on Monday at nine, answered and done an hour later."""
    return case(number, (0, ASKS, dict(said)), (1, ANSWERS), (1, STATUS, dict(DONE)))


def reopened():
    projection.follow()
    found = ask("reopened")
    return found.n, found.extra["hits"]


def test_a_case_is_opened_again_by_its_need_in_whatever_thread_and_channel():
    for number in range(1, 6):
        orders(number)
        solved(number)
    case(1, (0, ASKS, dict(SAID)), channel="chat", begins=MONDAY + timedelta(days=2))  # the same order, by chat
    case(2, (0, ASKS, dict(SAID)), begins=MONDAY + timedelta(days=8))  # after the window
    case(
        3, (0, ASKS, {"shown": {"order_id": "8"}, "actor": "customer"}), begins=MONDAY + timedelta(days=2)
    )  # another order
    orders(4, "9")
    case(
        4, (0, ASKS, {"shown": {"order_id": "9"}, "actor": "customer"}), begins=MONDAY + timedelta(days=2)
    )  # another need of theirs
    assert reopened() == (5, 1)


def test_what_came_by_a_door_that_is_none_of_ours_counts_too():
    orders(1)
    solved(1)
    with transaction.atomic():
        when = to_micros(MONDAY + timedelta(days=3))
        note(person("c1@example.org").pk, "Message Received", ORDER, "phone", "customer", when)
    assert reopened() == (1, 1)


def test_thanks_elsewhere_and_what_needed_no_answer_open_nothing_again():
    orders(1)
    solved(1)
    talk = case(1, (0, ASKS, dict(SAID)), begins=MONDAY + timedelta(days=2))
    assert reopened() == (1, 1)
    with acting.act(talk) as doing:
        said = next(event.id for event in doing.events if event.kind == ASKS)
        doing.add(Kind.JUDGED, time=MONDAY + timedelta(days=2, hours=1), about=said, verdict="closing")
    assert reopened() == (1, 0)


def test_where_no_need_is_known_the_conversation_is_all_that_counts():
    solved(1, {"shown": {"text": "Hello"}, "actor": "customer"})
    case(1, (0, ASKS, {"shown": {"text": "Hello"}, "actor": "customer"}), begins=MONDAY + timedelta(days=2))
    solved(2)
    case(3, (0, ASKS), (1, ANSWERS), (1, STATUS, dict(DONE)), (30, ASKS))
    assert reopened() == (3, 1)


def asked(talk, solved=None):
    """They were asked two days after they came; a word of theirs came a day later."""
    put = MONDAY + timedelta(days=2)
    row = SolvedCheck.objects.create(conversation=talk, due=put, put=put)
    if solved is None:
        return
    row.answered, row.solved = put + timedelta(days=1), solved
    row.save()
    if not solved:
        with acting.act(talk) as doing:
            doing.add(Kind.INBOUND_HUMAN, name=asking.UNSOLVED, time=row.answered, channel="email", actor="customer")


def test_what_was_seen_at_the_first_contact_stands_beside_what_they_said():
    """Of nine cases eight look done at once. Of six who are asked five answer: one says no, one came twice."""
    for number in range(1, 8):
        talk = solved(number)
        if number <= 4:
            asked(talk, solved=number > 1)  # the first says that it is not solved
        elif number == 5:
            asked(talk)  # no answer
    twice = case(8, (0, ASKS, dict(SAID)), (1, ANSWERS), (3, ASKS, dict(SAID)), (4, ANSWERS), (4, STATUS, dict(DONE)))
    asked(twice, solved=True)
    solved(9)
    projection.follow()
    found = ask("first-contact-resolution")
    parts = {group.key[0]: (group.n, round(group.value * group.n)) for group in found.groups}
    assert parts == {"observed": (9, 8), "asked": (6, 5), "observed_asked": (5, 4), "said": (5, 3)}
    assert (found.n, found.extra["hits"]) == (9, 8)
    said = next(group for group in found.groups if group.key[0] == "said")
    assert (round(said.low, 3), round(said.high, 3)) == (0.231, 0.882)  # Wilson, by hand
    assert {group.label for group in found.groups} >= {"Who answered, of those asked"}


def test_a_call_on_the_phone_is_coming_again():
    solved(1)
    solved(2)
    with transaction.atomic():
        when = to_micros(MONDAY + timedelta(days=3))
        note(person("c1@example.org").pk, "Phone Call Received", {}, "phone", "customer", when)
    projection.follow()
    found = ask("first-contact-resolution")
    assert (found.n, found.extra["hits"]) == (2, 1)
