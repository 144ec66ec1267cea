"""The measures of needs and contacts against answers worked out by hand."""

from datetime import UTC, date, datetime

import pytest

from beforehand.insight.query import Query
from beforehand.insight.run import rows, run
from beforehand.insight.tests.journeys import at, need, snapshot

approx = pytest.approx
START, END = date(2024, 1, 1), date(2024, 1, 31)
LATER = datetime(2024, 3, 1, tzinfo=UTC)


def contact(number, customer, time, of, **more):
    return {
        "id": number, "customer": customer, "time": time, "day": time.date(), "need": of, "kind": "order",
        "name": "help", "channel": "chat", "cause": "value", "owner": "", **more,
    }  # fmt: skip


NEEDS = [
    need(1, 1, at(0), met=at(4), noticed_by="us", lead=3600.0, first_contact=at(1)),
    need(2, 2, at(0), noticed_by="customer", lead=-60.0, first_contact=at(1)),
    need(3, 3, at(1), noticed_by="us"),
    need(4, 4, at(2)),
]
CONTACTS = [
    contact(11, 1, at(1), 1, cause="failure"),
    contact(12, 1, at(2), 1, cause="chase", channel="mail", repeat_of=11),
    contact(13, 1, at(3), 1, cause="chase", channel="mail", repeat_of=12),
    contact(14, 2, at(1), 2),
    contact(15, 2, at(40), 2, cause="rights"),
]
TOUCHPOINTS = [
    (1, at(0), "Order Completed"),
    (2, at(0), "Order Completed"),
    (2, at(1), "order_placed"),
    (3, at(1), "ad"),
    (1, at(2, 30), "answer"),
    (2, at(50), "answer"),
]


def ask(slug, touchpoints=TOUCHPOINTS, needs=NEEDS, steps=(), contacts=CONTACTS, as_of=LATER, end=END, **more):
    reader = snapshot(touchpoints, needs, steps, contacts)
    reader.db.execute("update catalogue set kind = 'service' where name = 'answer'")
    return run(Query(slug, START, end, as_of=as_of, **more), reader)


def test_failure_share_and_its_sisters():
    assert (ask("failure-share").value, ask("failure-share").n) == (approx(3 / 4), 4)
    assert ask("chase-rate").value == approx(2 / 4)
    assert ask("repeat-rate").value == approx(2 / 4)
    by_channel = {group.key[0]: group.value for group in ask("failure-share", by="channel").groups}
    assert by_channel == {"chat": 0.5, "mail": 1}


def test_contacts_by_cause():
    found = {group.label: group.value for group in ask("contacts-by-cause").groups}
    assert found == {"Failure": 1, "Chase: any news?": 2, "Value": 1}


def test_contacts_for_each_need_and_for_a_thousand_orders():
    per_need, per_order = ask("contacts-per-need"), ask("contacts-per-order")
    assert (per_need.value, per_need.n) == (1, 4)
    assert (per_order.value, per_order.n) == (approx(4000 / 3), 3)


def test_no_contact_for_forty_needs_has_an_upper_end():
    """Garwood: none of 40 may be up to 3.688879 / 40."""
    result = ask("contacts-per-need", needs=[need(n, n, at(0)) for n in range(1, 41)], contacts=[])
    assert (result.value, result.low, result.high) == approx((0, 0, 3.688879 / 40), abs=1e-6)


def test_effort():
    """The first need took three contacts, the second one in the period and one after it: 2 and 1 more."""
    assert (ask("explained-again").value, ask("explained-again").n) == (1.5, 2)
    assert ask("channel-changes").value == 0.5


def test_the_wait_for_an_answer_goes_on_where_there_is_none():
    """Contacts on days 1 and 2 of the first customer are answered on day 2, 10:30; the one on day 3 is not."""
    found = ask("wait-for-answer", contacts=CONTACTS[:3])
    assert found.extra["median"] == approx(86_400 + 1800)
    unanswered = (LATER.replace(tzinfo=None) - at(3)).total_seconds()
    assert found.extra["mean"] == approx((86_400 + 1800 + 1800 + unanswered) / 3)


def test_who_noticed_first_and_by_how_much():
    ratio, lead = ask("proactive-ratio"), ask("lead-time")
    assert (ratio.value, ratio.n) == (approx(2 / 3), 3)
    assert (lead.value, lead.n) == (3600, 1)


def stay(of, step, entered, **more):
    return {"need": of, "customer": of, "kind": "order", "version": 1, "step": step, "entered": entered, **more}


STEPS = [
    stay(1, "packed", at(0), left_at=at(1), outcome="done"),
    stay(1, "shipped", at(1), left_at=at(4), outcome="done"),
    stay(2, "packed", at(0), left_at=at(3), outcome="done"),
    stay(2, "shipped", at(3), stuck_at=at(10)),
    stay(3, "packed", at(1), stuck_at=at(40)),
]


@pytest.mark.django_db
def test_stuck_now_is_as_of_the_end_of_the_period():
    now = ask("stuck-now", steps=STEPS)
    assert {group.label: (group.value, group.n) for group in now.groups} == {
        "Receive my order → Shipped": (1, 1),
        "Receive my order → Packed": (0, 1),
    }
    assert (now.value, now.n) == (1, 2)
    assert ask("stuck-now", steps=STEPS, end=date(2024, 1, 5)).value == 0
    assert ask("stuck-now", steps=STEPS, end=date(2024, 2, 20)).value == 2


@pytest.mark.django_db
def test_how_long_stuck_needs_have_stood_and_what_a_step_usually_takes():
    stood = ask("stuck-for", steps=STEPS)
    assert stood.value == (datetime(2024, 2, 1) - at(3)).total_seconds()  # noqa: DTZ001
    usual = {group.label: group.value for group in ask("step-time", steps=STEPS).groups}
    assert usual == {"Receive my order → Packed": 2 * 86_400, "Receive my order → Shipped": 3 * 86_400}


def test_service_share_of_touchpoints():
    """One of five touchpoints of January is ours: the first answer."""
    assert ask("service-share").value == approx(1 / 5)


def test_service_share_of_waiting_counts_one_wait_once():
    """The first need was open for four days; its three contacts on days 1, 1.5 and 2 wait for one answer on day 2,
    10:30. The second had no contact and was met after six days."""
    needs = [need(1, 1, at(0), met=at(4)), need(2, 2, at(0), met=at(6))]
    contacts = [contact(11, 1, at(1), 1), contact(12, 1, at(1, 720), 1), contact(13, 1, at(2), 1)]
    result = ask("service-share-of-waiting", needs=needs, contacts=contacts)
    assert result.value == approx((86_400 + 1800) / (10 * 86_400))


def answered(customers, of=lambda contacts, failures: 5 - contacts - failures):
    """Customers who answer how satisfied they are; every second had a contact, every third a failure."""
    for n in range(1, customers + 1):
        contacts, failures = n % 2, 1 if n % 3 == 0 else 0
        if failures:
            yield (n, at(1), "error", "web")
        yield (n, at(3), "csat", "web", f'{{"score": {of(contacts, failures)}, "max": 5}}')


def made(customers):
    return [contact(10_000 + n, n, at(2), n) for n in range(1, customers + 1) if n % 2]


def test_service_share_of_satisfaction_is_what_service_explains():
    """A contact and a failure cost a point each; their variances are 1/4 and 2/9: 9/17 of what is explained."""
    result = ask("service-share-of-satisfaction", list(answered(300)), [], contacts=made(300))
    assert result.value == approx((1 / 4) / (1 / 4 + 2 / 9), abs=0.02)
    assert result.low < result.value < result.high and result.extra["explained"] == approx(1)


def test_what_chance_explains_or_few_answers_tell_gives_no_share():
    few = ask("service-share-of-satisfaction", list(answered(80)), [], contacts=made(80))
    nothing = list(answered(300, of=lambda contacts, failures: 3))
    assert few.value is None and few.n == 80 and not few.enough
    assert ask("service-share-of-satisfaction", nothing, [], contacts=made(300)).value is None


def test_the_rows_of_a_ratio_list_what_is_counted_and_what_it_is_counted_among():
    reader = snapshot(TOUCHPOINTS, NEEDS, contacts=CONTACTS)
    found = rows(Query("contacts-per-need", START, END, as_of=LATER), reader=reader)
    value = found.columns.index("value")
    assert sorted(row[value] for row in found.rows) == [0] * 4 + [1] * 4
