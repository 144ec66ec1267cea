"""A promise is kept, kept late or broken whatever the order in which its touchpoints arrive."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from beforehand.customers.identity import Link, connect, identify
from beforehand.customers.models import Edge
from beforehand.journey.models import Promise, Touchpoint
from beforehand.journey.needs.definition import Evidence
from beforehand.journey.needs.shapes import DAY, Moment
from beforehand.journey.promises import making, projection, rules
from beforehand.journey.promises.tracing import Rule, Rules, moment_in, promises_of
from beforehand.journey.tests.people import ANA, BROWSER, NOON, happened
from beforehand.lib.bus import emit
from beforehand.lib.fields import to_micros

REFUND = Rule("Refund Promised", "refund", (Evidence("Refund Issued"),), "order_id")
RULES = Rules([REFUND])
START = to_micros(NOON)


def moments(*what):
    """(days after the start, name, properties) into moments, numbered as given."""
    found = [Moment(n, START + int(days * DAY), name, properties=of) for n, (days, name, of) in enumerate(what, 1)]
    return sorted(found, key=lambda moment: (moment.time, moment.id))


def due(days):
    return (NOON + timedelta(days=days)).isoformat()


def states(*what, as_of=100.0):
    return [promise.state(START + int(as_of * DAY)) for promise in promises_of(moments(*what), RULES)]


PROMISED = (0, "Refund Promised", {"order_id": "7", "due": due(3)})


@pytest.mark.parametrize(
    ("later", "state"),
    [
        ([(2, "Refund Issued", {"order_id": "7"})], "kept"),
        ([(3, "Refund Issued", {"order_id": "7"})], "kept"),
        ([(4, "Refund Issued", {"order_id": "7"})], "kept_late"),
        ([(2, "Refund Issued", {"order_id": "8"})], "broken"),
        ([(-1, "Refund Issued", {"order_id": "7"})], "broken"),
        ([], "broken"),
        ([(1, "Promise Withdrawn", {"promise": 1})], "withdrawn"),
        ([(5, "Promise Withdrawn", {"promise": 1})], "broken"),
        ([(1, "Promise Withdrawn", {"promise": 9})], "broken"),
        ([(1, "Promise Withdrawn", {"promise": 1}), (2, "Refund Issued", {"order_id": "7"})], "withdrawn"),
    ],
)
def test_what_comes_later_says_what_became_of_it(later, state):
    assert states(PROMISED, *later) == [state]


def test_before_it_is_due_it_is_open_and_from_then_on_broken():
    assert states(PROMISED, as_of=2.9) == ["open"]
    assert states(PROMISED, as_of=3) == ["broken"]


def test_another_time_is_another_promise():
    later = [(2, "Promise Renegotiated", {"promise": 1, "due": due(9)}), (8, "Refund Issued", {"order_id": "7"})]
    assert states(PROMISED, *later) == ["renegotiated", "kept"]
    second = promises_of(moments(PROMISED, *later), RULES)[1]
    assert (second.replaces, second.what, second.key_value) == (1, "refund", "7")


def test_another_time_agreed_too_late_leaves_the_first_promise_broken():
    later = [(4, "Promise Renegotiated", {"promise": 1, "due": due(9)})]
    assert states(PROMISED, *later, as_of=5) == ["broken", "open"]


def test_a_chain_of_renegotiations_can_go_by_the_promise_s_own_reference():
    chain = [
        (0, "Promise Made", {"promise_id": "p-1", "what": "call", "due": due(1), "kept_by": ["Phone Call Made"]}),
        (0.5, "Promise Renegotiated", {"promise_id": "p-1", "due": due(2)}),
        (1.5, "Promise Renegotiated", {"promise_id": "p-1", "due": due(3)}),
        (2.5, "Phone Call Made", {}),
    ]
    assert states(*chain) == ["renegotiated", "renegotiated", "kept"]


def test_without_a_due_time_the_rule_says_within_how_long():
    (promise,) = promises_of(moments((0, "Refund Promised", {"order_id": "7"})), RULES)
    assert promise.due == START + 7 * DAY


def test_the_rule_in_force_when_it_was_made_decides():
    newer = REFUND._replace(kept_by=(Evidence("Money Sent"),), since=START + DAY)
    two = Rules([REFUND, newer])
    told = moments(
        PROMISED,
        (2, "Refund Promised", {"order_id": "8", "due": due(9)}),
        (3, "Money Sent", {"order_id": "7"}),
        (3, "Money Sent", {"order_id": "8"}),
        (3, "Refund Issued", {"order_id": "7"}),
    )
    assert [promise.settled_by for promise in promises_of(told, two)] == [5, 4]


EVENTS = st.lists(
    st.tuples(
        st.integers(0, 12),
        st.sampled_from(["Refund Promised", "Refund Issued", "Promise Renegotiated", "Promise Withdrawn", "Other"]),
        st.fixed_dictionaries(
            {
                "order_id": st.sampled_from(["7", "8"]),
                "promise": st.integers(1, 8),
                "due": st.sampled_from([due(3), due(6)]),
            }
        ),
    ),
    max_size=9,
)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(6))
def test_whatever_the_order_of_arrival_the_rows_are_the_same(seed):
    """Touchpoints recorded in any order, in groups, with catching up in between: as if they had come in order."""
    chance = random.Random(seed)
    names = ["Refund Promised", "Refund Issued", "Promise Renegotiated", "Promise Withdrawn"]
    events = [
        (
            hour,
            chance.choice(names),
            {"order_id": chance.choice("78"), "promise_id": chance.choice("pq"), "due": due(2)},
        )
        for hour in chance.sample(range(90), 14)
    ]
    expected = [
        (promise.made, promise.key_value, promise.state(START + 100 * DAY))
        for promise in promises_of(moments(*((hour / 24, name, of) for hour, name, of in events)), RULES)
    ]
    arriving = list(events)
    chance.shuffle(arriving)
    for hour, name, of in arriving:
        happened(chance.choice([ANA, BROWSER]), (name, of), start=NOON + timedelta(hours=hour))
        if chance.random() < 0.4:
            projection.follow()
        if chance.random() < 0.1:
            ids = identify([ANA, BROWSER])
            connect([Link(ids[ANA], ids[BROWSER], True, 20, START, "identify call")])
    ids = identify([ANA, BROWSER])
    connect([Link(ids[ANA], ids[BROWSER], True, 20, START, "identify call")])
    projection.follow()
    found = Promise.objects.order_by("made").values_list("made", "key_value", "state")
    assert [(to_micros(made), key, state) for made, key, state in found] == expected


@given(EVENTS)
def test_later_touchpoints_never_change_what_was_known_before(events):
    """Seen from day 6, a promise is the same whether what came after is known or not."""
    told = moments(*events)
    as_of = START + 6 * DAY
    known = [moment for moment in told if moment.time <= as_of]
    then = [(promise.made_by, promise.state(as_of)) for promise in promises_of(known, RULES)]
    now = [(promise.made_by, promise.state(as_of)) for promise in promises_of(told, RULES) if promise.made <= as_of]
    assert now == then


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-03-04T12:00:00+00:00", datetime(2026, 3, 4, 12, tzinfo=UTC)),
        ("2026-03-04T12:00:00Z", datetime(2026, 3, 4, 12, tzinfo=UTC)),
        ("2026-03-04", datetime(2026, 3, 4, 23, 59, 59, 999999, tzinfo=UTC)),
        (1_772_625_600, datetime(2026, 3, 4, 12, tzinfo=UTC)),
        (1_772_625_600_000, datetime(2026, 3, 4, 12, tzinfo=UTC)),
    ],
)
def test_due_times_as_they_are_written(written, moment):
    assert moment_in(written) == to_micros(moment)


@pytest.mark.parametrize("written", [None, "", "soon", True, [], "2026-13-40"])
def test_what_is_no_time_is_none(written):
    assert moment_in(written) is None


def rows():
    return list(Promise.objects.order_by("id").values_list("what", "state", "customer_id"))


@pytest.mark.django_db
def test_rows_follow_touchpoints_and_a_rebuild_gives_the_same():
    ana = happened(ANA, ("Refund Promised", {"order_id": "7", "due": due(3)}), "Other")
    projection.follow()
    assert rows() == [("refund", "broken", ana)]
    happened(ANA, ("Refund Issued", {"order_id": "7"}), start=NOON + timedelta(days=1))
    projection.follow()
    assert rows() == [("refund", "kept", ana)]
    before = list(Promise.objects.values())
    projection.rebuild()
    assert list(Promise.objects.values()) == before


@pytest.mark.django_db
def test_evidence_that_arrives_before_its_promise_counts_by_its_time():
    happened(ANA, ("Refund Issued", {"order_id": "7"}), start=NOON + timedelta(days=1))
    projection.follow()
    happened(ANA, ("Refund Promised", {"order_id": "7", "due": due(3)}))
    projection.follow()
    assert [state for _what, state, _who in rows()] == ["kept"]


@pytest.mark.django_db
def test_a_merge_brings_evidence_and_undoing_it_takes_it_away():
    happened(ANA, ("Refund Promised", {"order_id": "7", "due": due(3)}))
    happened(BROWSER, ("Refund Issued", {"order_id": "7"}), start=NOON + timedelta(days=1))
    projection.follow()
    assert [state for _what, state, _who in rows()] == ["broken"]
    ids = identify([ANA, BROWSER])
    connect([Link(ids[ANA], ids[BROWSER], True, 20, to_micros(NOON), "identify call")])
    assert [state for _what, state, _who in rows()] == ["kept"]
    from beforehand.customers.merging import undo

    undo(Edge.objects.get())
    assert [state for _what, state, _who in rows()] == ["broken"]


@pytest.mark.django_db
def test_a_promise_is_made_renegotiated_and_withdrawn_with_its_touchpoint(ada):
    ana = happened(ANA, "Other")
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    promise = making.make(ana, "call back", tomorrow, ["Phone Call Made"], by=ada)
    assert (promise.state, promise.who, promise.customer_id) == ("open", "Ada Osei", ana)
    assert Touchpoint.objects.get(pk=promise.pk).name == "Promise Made"
    second = making.renegotiate(promise, tomorrow + timedelta(days=1), by=ada, why="The customer asked.")
    promise.refresh_from_db()
    assert (promise.state, second.state, second.replaces) == ("renegotiated", "open", promise.pk)
    assert making.withdraw(second, by=ada).state == "withdrawn"
    before = list(Promise.objects.values())
    projection.rebuild()
    assert list(Promise.objects.values()) == before


@pytest.mark.django_db
def test_a_person_s_word_that_it_was_kept_stands_through_a_rebuild_and_is_late_after_the_day(ada):
    ana = happened(ANA, "Other")
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    first, other = (making.make(ana, what, tomorrow, ["Phone Call Made"], by=ada) for what in ("call", "write"))
    assert making.keep(first, by=ada, why="I spoke with her.").state == "kept"
    assert Promise.objects.get(pk=other.pk).state == "open"
    before = list(Promise.objects.values())
    projection.rebuild()
    assert list(Promise.objects.values()) == before
    with pytest.raises(making.NotPossible):
        making.keep(first, by=ada)


@pytest.mark.django_db
def test_what_cannot_be_promised_is_refused_with_the_reason(ada):
    ana = happened(ANA, "Other")
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    for what, when, kept_by, reason in [
        (" ", tomorrow, ["Call"], "what is promised"),
        ("call", tomorrow, [], "by which touchpoint"),
        ("call", datetime.now(UTC) - timedelta(days=1), ["Call"], "future"),
        ("call", tomorrow.replace(tzinfo=None), ["Call"], "time zone"),
    ]:
        with pytest.raises(making.NotPossible, match=reason):
            making.make(ana, what, when, kept_by, by=ada)
    promise = making.make(ana, "call", tomorrow, ["Call"], by=ada)
    making.withdraw(promise, by=ada)
    with pytest.raises(making.NotPossible, match="settled or ended"):
        making.renegotiate(promise, tomorrow, by=ada)


@pytest.mark.django_db
def test_a_promise_that_cannot_be_rowed_leaves_no_touchpoint(ada, monkeypatch):
    ana = happened(ANA, "Other")
    monkeypatch.setattr(making, "refresh", lambda customers: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        making.make(ana, "call", datetime.now(UTC) + timedelta(days=1), ["Call"], by=ada)
    assert not Touchpoint.objects.filter(name="Promise Made").exists()


@pytest.mark.django_db
def test_time_alone_breaks_a_promise():
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    promise = making.make(happened(ANA, "Other"), "call", tomorrow, ["Phone Call Made"])
    assert projection.mark_due() == 0
    assert projection.mark_due(to_micros(tomorrow)) == 1
    promise.refresh_from_db()
    assert promise.state == "broken"


@pytest.mark.django_db
def test_a_rule_of_the_company_replaces_the_ready_made_one_from_its_day_on(ada):
    rules.change("Refund Promised", "money", ["Money Sent"], START, by=ada, key="order_id")
    happened(ANA, ("Refund Promised", {"order_id": "7", "due": due(3)}))
    happened(ANA, ("Money Sent", {"order_id": "7"}), start=NOON + timedelta(days=1))
    projection.follow()
    assert [(what, state) for what, state, _who in rows()] == [("money", "kept")]
    for name, kept_by, reason in [
        ("$x", ["A"], "Name the touchpoint"),
        ("A", [], "by which"),
        ("A", ["A"], "cannot keep"),
    ]:
        with pytest.raises(ValidationError, match=reason):
            rules.change(name, "it", kept_by, START, by=ada)


@pytest.mark.django_db
def test_a_rule_that_is_off_makes_no_promise(ada):
    rules.change("Refund Promised", "refund", [], START, by=ada, off=True)
    happened(ANA, ("Refund Promised", {"order_id": "7", "due": due(3)}))
    projection.follow()
    assert rows() == []


@pytest.mark.django_db
def test_promises_are_told_and_erased_with_their_customer():
    ana = happened(ANA, ("Refund Promised", {"order_id": "7", "due": due(3)}))
    projection.follow()
    with transaction.atomic():
        told = emit("customers.export", customers=[ana], identifiers=[ana])
        promises = next(part["promises"] for part in told if "promises" in part)
        assert [one["what"] for one in promises] == ["refund"]
        emit("customers.erase", customers=[ana], identifiers=[ana])
    assert rows() == []
