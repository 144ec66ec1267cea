"""Causes of contacts: answers that can be worked out by hand, and made-up shops whose truth is known."""

import json
import math
from decimal import Decimal
from types import SimpleNamespace

import duckdb
import numpy as np
import pytest
from django.utils import timezone

from beforehand.insight.causes import exposed, latest, run_search, timeline, victims
from beforehand.insight.causes.clocks import Clock, Limit, Mark, Pledge, clocks_of
from beforehand.insight.causes.excess import Counted, tail
from beforehand.insight.causes.finding import find
from beforehand.insight.causes.found import Cause
from beforehand.insight.causes.incidents import likelihood
from beforehand.insight.causes.landmarks import WINDOW
from beforehand.insight.causes.planted import shop
from beforehand.insight.causes.sharing import shares
from beforehand.insight.causes.storing import METHOD, is_due, is_of_another_configuration, newest
from beforehand.insight.causes.tendency import Tendency, _rates
from beforehand.insight.causes.words import sentence
from beforehand.insight.models import CauseSearch, ContactCause
from beforehand.insight.searching import SHORTEST
from beforehand.journey.contacts.costs import change

RECEIVE = Clock(
    "receive", "Receive my order", "order_id",
    tuple(Mark(name) for name in ("Order Completed", "Order Shipped", "Order Delivered")),
    (Mark("Delivery Delayed"),), (), "logistics",
)  # fmt: skip


def tables(made):
    db = duckdb.connect(config={"threads": 1})
    db.execute("set TimeZone = 'UTC'; set enable_progress_bar = false")
    made.load(db)
    return db


@pytest.fixture(scope="module")
def made():
    return shop(customers=1500, days=150, seed=7)


@pytest.fixture(scope="module")
def findings(made):
    return find(tables(made), [RECEIVE], costs={"": 5.0})


def named(findings, name):
    return [one for one in findings.causes if one.name == name]


def test_both_planted_troubles_are_blamed_and_rain_is_not(findings):
    assert {one.name for one in findings.found} == {"Delivery Delayed", "Payment Failed"}
    assert named(findings, "Rain")


def test_the_contacts_of_a_trouble_are_those_that_carry_its_mark(findings, made):
    for name, true in made.truth.items():
        blamed = [one for one in named(findings, name) if one.found]
        value = sum(one.value for one in blamed)
        half = math.sqrt(sum((one.value - one.low) ** 2 for one in blamed))
        assert abs(value - true) <= 1.5 * half, name  # three standard errors
        assert half < 0.3 * true


def test_the_courier_and_its_weeks_are_told(findings):
    """Parcels of West are late from day 60 to day 112 after 5 January."""
    incident = next(one for one in findings.found if one.name == "Delivery Delayed" and one.where)
    assert incident.where == (("courier", "West"),)
    assert "2026-02-26" <= incident.start <= "2026-03-14"
    assert "2026-04-18" <= incident.end <= "2026-05-04"
    assert incident.owner == "logistics"


def test_attributed_contacts_are_never_more_than_were_observed(findings):
    assert findings.attributed <= sum(one.observed for one in findings.found) <= findings.contacts


def test_customers_who_were_struck_and_did_not_write_are_counted(findings):
    for one in findings.found:
        assert 0 < one.silent < one.customers


def test_money_is_contacts_times_their_cost(findings):
    assert all(one.cost == pytest.approx(5 * one.value) for one in findings.found)


def test_rates_are_of_orders_customers_and_needs(findings):
    one = next(one for one in findings.found if one.kind == "receive")
    rates = findings.per_thousand(one)
    assert rates["customers"] == pytest.approx(1000 * one.value / findings.customers)
    assert rates["needs"] == pytest.approx(1000 * one.value / findings.threads["receive"])


def test_the_same_data_give_the_same_causes(findings, made):
    again = find(tables(made), [RECEIVE], costs={"": 5.0})
    assert [one.as_dict() for one in again.causes] == [one.as_dict() for one in findings.causes]


def test_with_no_cause_planted_nobody_is_accused():
    for seed in range(20, 24):
        quiet = shop(customers=900, days=120, courier=False, cards=False, seed=seed)
        assert not find(tables(quiet), [RECEIVE]).found, seed


def test_without_contacts_or_without_troubles_there_is_nothing_to_find():
    db = tables(shop(customers=30, days=40, courier=False, cards=False, seed=1))
    db.execute("delete from touchpoints where name = 'Email Received'")
    assert find(db).causes == ()
    db = tables(shop(customers=30, days=40, courier=False, cards=False, seed=1))
    db.execute("delete from touchpoints where name = 'Rain'")
    assert find(db).causes == ()


def test_what_is_noted_because_somebody_wrote_is_not_blamed():
    """A complaint is filed after every third contact, and does nothing."""
    made = shop(customers=1200, days=120, courier=False, cards=False, seed=5)
    contacts = [row for row in made.rows if row[2] == "Email Received"]
    for customer, time, *_rest in contacts[::3]:
        made.add(customer, time + 60, "Complaint Filed")
    db = tables(made)
    db.execute("update catalogue set kind = 'failure' where name = 'Complaint Filed'")
    found = find(db, [RECEIVE])
    (complaint,) = named(found, "Complaint Filed")
    assert complaint.before > 3 and not complaint.found


def test_our_answers_to_contacts_foretell_no_contacts():
    """A kind of need that is met when the case is closed: every contact leads there, so it must not explain them."""
    made = shop(customers=600, days=100, seed=9)
    for customer, time, *_rest in [row for row in made.rows if row[2] == "Email Received"]:
        made.add(customer, time + 7200, "Case Resolved")
    db = tables(made)
    db.execute("update catalogue set kind = 'service' where name = 'Case Resolved'")
    plain = find(db, [RECEIVE])
    unknown = Clock("unknown", "Unknown", "", (Mark("Case Resolved"),), (), (), "")
    assert find(db, [RECEIVE, unknown]).causes == plain.causes


def test_what_follows_a_trouble_on_the_same_order_is_its_mediator():
    made = shop(customers=1200, days=120, cards=False, seed=6)
    late = [row for row in made.rows if row[2] == "Delivery Delayed"]
    for customer, time, _name, _channel, properties, _mark in late[::2]:
        made.add(customer, time + 3600, "Nobody Home", order_id=json.loads(properties)["order_id"])
    db = tables(made)
    db.execute("update catalogue set kind = 'failure' where name = 'Nobody Home'")
    clock = RECEIVE._replace(trouble=(*RECEIVE.trouble, Mark("Nobody Home")))
    found = find(db, [clock])
    assert {one.name for one in found.found} == {"Delivery Delayed"}
    assert all(one.mediators == (("Nobody Home", len(late[::2])),) for one in found.found)


def test_steps_that_take_too_long_and_broken_promises_are_candidates():
    """Every parcel of West comes days too late, which nobody notes; people write about it."""
    made = shop(customers=1200, days=120, courier=False, cards=False, seed=8)
    rng, moved = np.random.default_rng(0), []
    for row in made.rows:
        if row[2] == "Order Delivered" and "West" in row[4]:
            row = (row[0], row[1] + 8 * 86400, *row[2:])
            if rng.random() < 0.7:
                moved.append((row[0], row[1] - rng.uniform(0, 2) * 86400, "Email Received", "email", "{}", "late"))
        moved.append(row)
    made.rows = [row for row in moved if row[1] < 120 * 86400]
    slow = RECEIVE._replace(limits=(Limit("delivered", "Delivered", 6.0, ("Order Shipped",)),))
    found = find(tables(made), [slow]).found
    assert [one.sort for one in found][:1] == ["late"]
    promise = Pledge("Order Shipped", "delivery", "order_id", "", 6.0, (Mark("Order Delivered"),))
    found = find(tables(made), [RECEIVE], [promise]).found
    assert [one.sort for one in found][:1] == ["broken"]


def test_kinds_of_needs_become_clocks():
    step = SimpleNamespace
    evidence = step(name="Order Shipped", where=())
    kind = SimpleNamespace(
        kind="receive", title="Receive", key="order_id", owner="logistics",
        opens=(step(name="Order Completed", where=()),), meets=(step(name="Order Delivered", where=()),), ends=(),
        trouble=(step(name="Invoice Issued", where=(("wrong", ("true",)),)),),
        steps=(step(step="shipped", title="Shipped", evidence=(evidence,), target=2 * 86400.0, after=()),),
    )  # fmt: skip
    (clock,) = clocks_of([kind])
    assert clock.limits == (Limit("shipped", "Shipped", 2.0, ("Order Completed",)),)
    assert clock.trouble == (Mark("Invoice Issued", (("wrong", ("true",)),)),)


def pieces_of(times, causes, contacts, end=100.0):
    none, same = np.zeros(len(times), np.int64), np.ones(len(times), bool)
    struck = exposed.Struck(none + 1, np.array(times, float), np.array(causes), none, none, same)
    when = np.array(contacts, float)
    own = np.ones(len(when), np.int64)
    return exposed.cut(struck, max(causes) + 1, own, when, np.full(len(when), 2.0), end)


def test_a_window_is_cut_into_days_and_every_contact_is_counted_once():
    pieces = pieces_of([10.0, 15.5], [0, 1], [9.9, 10.2, 15.7, 29.4, 29.6])
    assert pieces.length.sum() == pytest.approx(WINDOW + 5.5)  # the second trouble comes 5.5 days after the first
    assert pieces.wrote.sum() == 3  # before and after do not count
    assert pieces.cost.sum() == 6.0
    both = (pieces.work >= 0).sum(1)
    assert set(both.tolist()) == {1, 2}
    assert (pieces.first[both == 2] == 0).all()  # what was to be expected follows from before the first


def test_a_window_ends_with_the_data():
    assert pieces_of([10.0], [0], [], end=13.5).length.tolist() == [1.0, 1.0, 1.0, 0.5]


def test_shares_of_an_excess_sum_to_one_and_go_to_the_stronger():
    alone = pieces_of(
        [10.0, 40.0, 70.0, 70.0], [0, 1, 0, 1], [*np.linspace(10.1, 13, 30), 41.0, *np.linspace(70.1, 73, 31)]
    )
    parts = shares(alone, np.full(len(alone.lag), 0.01))
    assert parts.sum(1) == pytest.approx(1.0)
    together = ((alone.work >= 0).sum(1) == 2) & (alone.lag < 3)
    assert (parts[together, 0] > 0.9).all()


def test_rates_of_sums_are_the_most_likely_ones():
    """Two causes of which each has rows of its own: the rates are plain shares."""
    causes = np.array([[2.0, 0.0], [4.0, 0.0], [0.0, 5.0]])
    assert _rates(causes, np.array([3.0, 3.0, 10.0])) == pytest.approx([1.0, 2.0])


def test_a_tendency_lies_between_what_was_written_and_what_is_usual():
    """Gamma-Poisson: shape 2 around 1, four contacts where two were to be expected: (2 + 4) / (2 / 1 + 2)."""
    one = Tendency(np.array([1]), np.array([4.0]), np.array([2.0]), np.array([1.0]), np.array([0.1]), 2.0)
    assert one.factor == pytest.approx([1.5])
    assert one.without(np.array([0]), np.array([1.0]), np.array([0.5])) == pytest.approx([(2 + 3) / (2 + 1.5)])


def test_the_likelihood_ratio_of_a_share_inside():
    """10 of 20 inside, 10 of 80 outside, against 20 of 100."""
    by_hand = 20 * math.log(0.5) + 10 * math.log(1 / 8) + 70 * math.log(7 / 8) - 20 * math.log(0.2) - 80 * math.log(0.8)
    assert likelihood(np.array(10), np.array(20), 20, 100) == pytest.approx(by_hand)
    assert likelihood(np.array(1), np.array(20), 20, 100) == 0.0


def test_an_interval_is_that_of_the_contacts_that_would_have_come_anyway():
    counted = Counted(observed=100.0, expected=40.0, variance=25.0, p=0.0)
    assert counted.interval() == pytest.approx((60.0, 60 - 1.959964 * 5, 60 + 1.959964 * 5))
    assert counted._replace(variance=10_000.0).interval().high == 100.0
    assert counted.less(5.0, 11.0).interval() == pytest.approx((55.0, 55 - 1.959964 * 6, 55 + 1.959964 * 6))


def test_the_chance_of_a_count_is_that_of_a_poisson_one():
    """P(X >= 5) for a mean of 2 is 0.0527; the gamma with the same mean and variance is near it."""
    assert tail(5.0, 2.0, 2.0) == pytest.approx(0.0527, abs=0.01)
    assert tail(0.0, 3.0, 3.0) == 1.0


def test_a_cause_survives_json(findings):
    for one in findings.causes:
        assert Cause.from_dict(json.loads(json.dumps(one.as_dict()))) == one


def test_the_sentence_says_what_how_many_whom_and_what_it_cost(findings):
    one = next(one for one in findings.found if one.where)
    said = sentence(one, {"Delivery Delayed": "Parcel late"}, "GBP")
    assert f" at a cost of £{one.cost:,.0f}." in said
    assert said.startswith("Parcel late, courier West (")
    assert f"{one.customers:,}".replace(",", "") in said.replace(" ", "").replace("\u202f", "").replace(",", "")


@pytest.mark.django_db
def test_a_search_is_kept_with_the_rows_behind_each_cause(made):
    reader = SimpleNamespace(db=tables(made), through=9, version=3)
    found = run_search(reader)
    kept = latest()
    assert [one.key for one in kept.causes] == [one.key for one in found.causes]
    assert kept.contacts == found.contacts
    rows = victims(found.found[0].key)
    assert rows and [row.time for row in rows] == sorted((row.time for row in rows), reverse=True)
    assert {row.customer for row in rows} <= set(range(1, 1501))


@pytest.mark.django_db
def test_a_change_of_costs_kinds_or_rules_asks_for_another_search(made, monkeypatch):
    run_search(SimpleNamespace(db=tables(made), through=9, version=3))
    CauseSearch.objects.update(started=timezone.now() - 2 * SHORTEST, through=0)
    assert not is_of_another_configuration(newest()) and not is_due()
    change("phone", Decimal("11.50"))
    assert is_of_another_configuration(newest()) and is_due()
    CauseSearch.objects.update(started=timezone.now())
    assert not is_due()  # not at once: another change may follow


@pytest.mark.django_db
def test_what_another_method_kept_is_not_read():
    search = CauseSearch.objects.create(through=9, method=METHOD - 1, finished=timezone.now(), payload={"old": 1})
    ContactCause.objects.create(search=search, rank=1, found=True, key="late", payload={"old": 1}, victims=[])
    assert latest() is None and victims("late") == []


@pytest.mark.django_db
def test_nothing_is_due_without_data():
    assert latest() is None and not is_due() and victims("anything") == []


def test_of_very_many_touchpoints_a_share_of_the_customers_stands_for_all(monkeypatch, findings, made):
    monkeypatch.setattr(timeline, "MOST", len(made.rows) // 2)
    sample = find(tables(made), [RECEIVE], costs={"": 5.0})
    for name in made.truth:
        whole = sum(one.value for one in named(findings, name) if one.found)
        part = [one for one in named(sample, name) if one.found]
        half = math.sqrt(sum((one.value - one.low) ** 2 for one in part))
        assert abs(sum(one.value for one in part) - whole) < 2 * half
