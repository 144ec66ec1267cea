"""A contact is linked to the need that it is about and given its cause, from what was known when it happened."""

import random

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beforehand.journey.contacts import Understanding, causes, contacts_of
from beforehand.journey.contacts.effort import EFFORT_SQL, Effort, effort, efforts
from beforehand.journey.contacts.lexicon import Lexicon
from beforehand.journey.contacts.reading import Reader
from beforehand.journey.contacts.situation import names
from beforehand.journey.contacts.stems import keys_in, own_words
from beforehand.journey.needs.definition import Definition, Evidence
from beforehand.journey.needs.shapes import (
    DAY,
    SECOND,
    UNKNOWN,
    ContactTrace,
    Moment,
    NeedTrace,
    StepTrace,
    Traced,
    Trouble,
)
from beforehand.journey.promises.tracing import Rule

ORDER = Definition(
    "receive-my-order", "Receive my order", key="order_id", topics=("parcel", "order"), owner="logistics"
)
INVOICE = Definition("understand-an-invoice", "Understand an invoice", key="invoice_id", owner="billing")
SETUP = Definition("get-set-up", "Get set up", owner="product")
REFUND = Rule("Refund Promised", "refund", (Evidence("Refund Issued"),), "order_id")
KINDS = Understanding({one.kind: one for one in (ORDER, INVOICE, SETUP)}, [REFUND])


def need(kind=ORDER.kind, key="", days=0.0, opened_by=1, **facts):
    opened = int(days * DAY)
    return NeedTrace(kind, 1, key, opened, opened_by, [StepTrace("begun", opened)], **facts)


def says(days, text, id=100, name="Email Received", channel="email", **properties):
    return Moment(id, int(days * DAY), name, channel, properties={"text": text, **properties}, kind="contact")


def happens(days, name, id, kind="value", **properties):
    return Moment(id, int(days * DAY), name, properties=properties, kind=kind)


def linked(*moments, needs=()):
    """The contacts, each with the kind and key of its need, and the unknown needs that were opened."""
    found, opened = contacts_of(sorted(moments, key=lambda one: (one.time, one.id)), list(needs), KINDS)
    every = [*needs, *opened]
    return [(every[one.need].kind, every[one.need].key, one.linked_by) for one in found]


def only(*moments, needs=()):
    found, _opened = contacts_of(sorted(moments, key=lambda one: (one.time, one.id)), list(needs), KINDS)
    return found[-1]


@pytest.mark.parametrize(
    ("text", "properties"),
    [
        ("A question.", {"order_id": "A-1042"}),
        ("It is about A-1042.", {}),
        ("Order #1042, please.", {}),
        ("order a-1042 is not here", {}),
    ],
)
def test_a_key_in_properties_or_text_names_the_need(text, properties):
    needs = [need(key="A-1042"), need(key="A-1043", days=1, opened_by=2)]
    assert linked(says(3, text, **properties), needs=needs) == [("receive-my-order", "A-1042", "key")]


def test_a_key_that_no_need_has_is_not_taken_for_another():
    assert linked(says(3, "Where is my order?", order_id="A-9"), needs=[need(key="A-1")])[0][0] == UNKNOWN


def test_of_two_needs_with_one_key_the_topic_decides():
    back = Definition("return-it", "Return it", key="order_id")
    kinds = Understanding({ORDER.kind: ORDER, back.kind: back})
    needs = [need(key="7"), need("return-it", key="7", days=5, opened_by=2)]
    for text, kind in [("How do I send it back, order 7?", "return-it"), ("The parcel was not delivered.", ORDER.kind)]:
        (contact,), _ = contacts_of([says(6, text, order_id="7")], needs, kinds)
        assert needs[contact.need].kind == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("My parcel has a dent.", ORDER.kind),
        ("Das Paket ist noch unterwegs?", ORDER.kind),
        ("The courrier was late, what about the delivvery?", ORDER.kind),
        ("I do not understand the VAT on my bill.", INVOICE.kind),
        ("Die Rechnungsposition verstehe ich nicht.", INVOICE.kind),
        ("The installation does not get past the first step.", SETUP.kind),
    ],
)
def test_the_topic_of_a_text_names_the_need(text, kind):
    needs = [need(key="1"), need(INVOICE.kind, key="2", days=1, opened_by=2), need(SETUP.kind, days=1, opened_by=3)]
    assert linked(says(3, text), needs=needs)[0][::2] == (kind, "topic")


def test_without_topic_what_is_in_trouble_comes_before_what_is_merely_open():
    troubled = need(key="1", trouble=[Trouble(9, "Delivery Delayed", 2 * DAY)])
    needs = [troubled, need(SETUP.kind, days=1, opened_by=2)]
    assert linked(says(3, "Something went wrong."), needs=needs) == [("receive-my-order", "1", "open")]


def test_what_goes_wrong_later_says_nothing_about_an_earlier_contact():
    later = need(key="1", trouble=[Trouble(9, "Delivery Delayed", 5 * DAY)])
    contact = only(says(3, "Something went wrong."), needs=[later])
    assert contact.origin is None


def test_a_question_about_something_else_opens_an_unknown_need():
    found, opened = contacts_of([says(3, "Do you sell gift cards for children?")], [need(key="1")], KINDS)
    assert (found[0].need, found[0].linked_by) == (1, UNKNOWN)
    assert [(one.kind, one.opened, one.opened_by) for one in opened] == [(UNKNOWN, 3 * DAY, 100)]


def test_asking_again_stays_with_the_need_asked_about_before():
    needs = [need(key="1"), need(SETUP.kind, days=1, opened_by=2)]
    first, second = linked(says(3, "The installation fails."), says(5, "Any news?", id=101), needs=needs)
    assert first[0] == second[0] == SETUP.kind


def test_a_need_that_was_over_long_ago_is_not_reopened_by_its_topic():
    assert linked(says(90, "Is my parcel here?"), needs=[need(key="1", met=5 * DAY)])[0][0] == UNKNOWN
    assert linked(says(7, "Is my parcel here?"), needs=[need(key="1", met=5 * DAY)])[0][0] == ORDER.kind


LATE = need(key="1", trouble=[Trouble(9, "Delivery Delayed", 2 * DAY)])


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("The glass came in pieces and one leg is missing.", "failure"),
        ("Nach dem Update kommt nur noch eine Fehlermeldung.", "failure"),
        ("How do I pair the second device?", "information"),
        ("Wo finde ich die Bedienungsanleitung?", "information"),
        ("Which model would you recommend for a studio?", "value"),
        ("Wir möchten gerne drei weitere Plätze bestellen.", "value"),
        ("Erase everything that you have stored about me, as the GDPR demands.", "rights"),
        ("Hiermit kündige ich den Vertrag und widerrufe meine Einwilligung.", "rights"),
    ],
)
def test_words_give_the_cause(text, cause):
    contact = only(says(3, text))
    assert contact.cause == cause
    assert 0.5 < contact.probability <= 1
    assert contact.evidence["because"]


def test_the_same_question_is_information_in_time_and_failure_in_trouble():
    assert only(says(1, "When will my parcel come?"), needs=[need(key="1")]).cause == "information"
    late = only(says(3, "When will my parcel come? It should have been here."), needs=[LATE])
    assert (late.cause, late.origin, late.origin_name, late.owner) == ("failure", 9, "Delivery Delayed", "logistics")
    assert late.origin_step == "begun"


def test_asking_for_news_after_a_silence_is_a_chase_and_links_to_the_contact_before():
    contacts = [says(3, "My parcel is late."), says(5, "Any news? I have not heard from you.", id=101)]
    chase = only(*contacts, needs=[LATE])
    assert (chase.cause, chase.repeat_of, chase.origin) == ("chase", 100, 9)


def test_a_repeat_keeps_its_cause():
    contacts = [says(3, "How do I install it?"), says(5, "I wrote before. How do I install it?", id=101)]
    again = only(*contacts, needs=[need(SETUP.kind)])
    assert (again.cause, again.repeat_of) == ("information", 100)


def test_after_the_window_of_repeats_a_contact_stands_for_itself():
    contacts = [says(3, "My parcel is late."), says(11, "My parcel is late.", id=101)]
    assert only(*contacts, needs=[LATE]).repeat_of is None


def test_a_broken_promise_is_where_a_chase_comes_from():
    moments = [
        happens(1, "Refund Promised", 50, order_id="1", due="1970-01-04T00:00:00Z"),
        says(2, "Any news about order 1?", id=100),
        says(5, "Any update? I have heard nothing.", id=101),
    ]
    chase = only(*moments, needs=[need(key="1")])
    assert (chase.cause, chase.origin, chase.origin_name) == ("chase", 50, "refund")


def judged(days, id, **said):
    return Moment(id, int(days * DAY), "$contact_judged", actor="company", properties={"contact": 100, **said})


def test_a_person_s_word_holds_and_the_machine_s_stays_as_evidence():
    moments = [says(3, "My parcel came in pieces.", order_id="1"), judged(4, 200, cause="information")]
    contact = only(*moments, needs=[need(key="1")])
    assert (contact.cause, contact.probability, contact.overruled_by) == ("information", 1.0, 200)
    assert contact.evidence["machine"]["cause"] == "failure"


def test_saying_the_same_confirms_and_overrules_nothing():
    moments = [says(3, "My parcel came in pieces.", order_id="1"), judged(4, 200, cause="failure")]
    contact = only(*moments, needs=[need(key="1")])
    assert (contact.cause, contact.probability, contact.overruled_by) == ("failure", 1.0, None)
    assert contact.evidence["judged"] == 200


def test_a_person_can_move_a_contact_to_another_need_and_take_it_back():
    needs = [need(key="1"), need(SETUP.kind, days=1, opened_by=2)]
    moved = judged(4, 200, need={"kind": SETUP.kind, "opened_by": 2})
    contact = only(says(3, "My parcel came in pieces."), moved, needs=needs)
    assert (contact.need, contact.overruled_by) == (1, 200)
    contact = only(says(3, "My parcel came in pieces."), moved, judged(5, 201, forget=True), needs=needs)
    assert (contact.need, contact.overruled_by) == (0, None)


def test_the_latest_word_holds_on_each_point():
    needs = [need(key="1"), need(SETUP.kind, days=1, opened_by=2)]
    words = [
        judged(4, 200, cause="rights"),
        judged(5, 201, need={"kind": SETUP.kind, "opened_by": 2}),
        judged(6, 202, cause="value"),
    ]
    contact = only(says(3, "My parcel came in pieces."), *words, needs=needs)
    assert (contact.cause, contact.need, contact.overruled_by) == ("value", 1, 202)


def test_what_comes_after_a_contact_changes_neither_its_need_nor_its_cause():
    """But for a person's word: what was said of it when it came is said of it still."""
    chance = random.Random(4)
    texts = ["Any news?", "My parcel is late.", "How do I install it?", "Please delete my data.", "Invoice 2 is wrong."]
    for _ in range(40):
        moments = [says(chance.uniform(1, 20), chance.choice(texts), id=100 + n) for n in range(6)]
        moments.sort(key=lambda one: (one.time, one.id))
        needs = [LATE, need(INVOICE.kind, key="2", days=2, opened_by=2), need(SETUP.kind, days=4, opened_by=3)]
        whole, _ = contacts_of(moments, needs, KINDS)
        for n in range(1, 7):
            known = [one for one in needs if one.opened <= moments[n - 1].time]
            early, _ = contacts_of(moments[:n], known, KINDS)
            told = [(one.touchpoint, one.cause, one.probability, one.repeat_of) for one in early]
            assert told == [(one.touchpoint, one.cause, one.probability, one.repeat_of) for one in whole[:n]]


def test_a_contact_without_text_is_explained_by_what_happened():
    contact = only(happens(2.5, "Phone Call Received", 100, kind="contact"), needs=[LATE])
    assert (contact.cause, contact.linked_by, contact.origin) == ("failure", "open", 9)


def test_chances_are_chances():
    for features in [{}, {"always": 1.0}, dict.fromkeys(names(), 1.0), {"unheard of": 9.0}]:
        found = causes.chances(features)
        assert sum(found) == pytest.approx(1)
        assert min(found) > 0


def test_every_feature_has_its_weights():
    assert set(causes.weights()) == set(names())


def test_quoted_mail_and_signatures_are_not_what_the_customer_says():
    text = "Thanks, all is well.\n\nOn Monday, 2 March, Support wrote:\n> Your refund failed.\n"
    assert own_words(text).strip() == "Thanks, all is well."
    assert own_words("Alles gut.\n\nAm 2. März schrieb Support:\n> Fehler").strip() == "Alles gut."


def test_numbers_are_taken_out_so_that_like_texts_are_read_once():
    assert keys_in("Order A-12 of 3.4.") == (["a-12", "3", "4"], "Order # of #.#.")
    reader = Reader({ORDER.kind: ORDER})
    assert reader.read({"text": "Where is 123?"})[0] is reader.read({"text": "Where is 77?"})[0]


@pytest.mark.parametrize(
    "properties", [{}, {"text": None}, {"text": 5}, {"text": ""}, {"tags": [1, None]}, {"text": "…"}]
)
def test_what_is_no_text_says_nothing(properties):
    assert only(Moment(1, DAY, "Chat Started", properties=properties, kind="contact")).cause in causes.CAUSES


def test_a_very_long_text_is_read_quickly():
    import time

    start = time.perf_counter()
    KINDS.reader.read({"text": "why is my parcel late " * 100_000})
    KINDS.reader.read({"text": "> \n" * 100_000 + "-- " + "On x" * 5_000})
    assert time.perf_counter() - start < 1


def test_a_phrase_may_have_a_gap():
    lexicon = Lexicon({"back": ["send .. back"]})
    assert lexicon.score("Can I send the lamp back?")[0] == {"back": 1.0}
    assert lexicon.score("I send greetings to all of you and hope for a day back")[0] == {}


def test_a_phrase_of_several_labels_counts_less_for_each():
    lexicon = Lexicon({"a": ["*receipt"], "b": ["*receipt", "*bill"]}, rare=["a", "b"])
    assert lexicon.score("receipt")[0] == {"a": 1.0, "b": 1.0}
    assert lexicon.score("bill")[0] == {"b": 2.0}


def test_effort_counts_explaining_again_changing_channel_and_waiting():
    hour = 3_600 * SECOND
    contacts = [(0, "email"), (5 * hour, "chat"), (30 * hour, "chat")]
    assert effort(contacts, [10 * hour, 31 * hour], 100 * hour) == Effort(2, 1, 11 * 3_600)
    assert effort(contacts[:1], [], 4 * hour) == Effort(0, 0, 4 * 3_600)
    assert effort([], [hour], 2 * hour) == Effort()
    assert effort(contacts[::-1], [31 * hour, 10 * hour], 100 * hour) == Effort(2, 1, 11 * 3_600)


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 1), st.sampled_from(["email", "chat"])), max_size=8),
    st.lists(st.integers(0, 40), max_size=5),
    st.lists(st.one_of(st.none(), st.integers(0, 45)), min_size=4, max_size=4),
)
@settings(max_examples=60, deadline=None)
def test_effort_in_sql_is_effort_in_python(asked, answered, ends):
    """Two ways to the same number: the pure function of a trace, and the query over the tables of the lake."""
    hour = 3_600 * SECOND
    when = [None if end is None else end * hour for end in ends]
    needs = [need(met=when[0], abandoned=when[1]), need(SETUP.kind, opened_by=2, met=when[2], abandoned=when[3])]
    contacts = [ContactTrace(n, hours * hour, "Mail", channel, of) for n, (hours, of, channel) in enumerate(asked)]
    answers = [Moment(100 + n, hours * hour, "Answer", kind="service") for n, hours in enumerate(answered)]
    expected = efforts(Traced(needs, contacts), answers, 42 * hour)
    db = duckdb.connect()
    db.execute("create table catalogue as select 'Answer' as name, 'service' as kind")
    db.execute("create table touchpoints (customer bigint, name varchar, time timestamp)")
    db.execute("create table needs (need bigint, met timestamp, abandoned timestamp)")
    db.execute("create table contacts (id bigint, customer bigint, need bigint, time timestamp, channel varchar)")
    for moment in answers:
        db.execute("insert into touchpoints values (1, 'Answer', make_timestamp(?))", [moment.time])
    for place, one in enumerate(needs):
        db.execute(
            "insert into needs values (?, make_timestamp(?), make_timestamp(?))", [place, one.met, one.abandoned]
        )
    for one in contacts:
        row = [one.touchpoint, one.need, one.time, one.channel]
        db.execute("insert into contacts values (?, 1, ?, make_timestamp(?), ?)", row)
    rows = db.execute(EFFORT_SQL.format(as_of=f"make_timestamp({42 * hour})")).fetchall()
    found = {place: Effort(int(again), int(changes), float(waited)) for place, again, changes, waited in rows}
    assert [found.get(place, Effort()) for place in range(2)] == expected


def test_what_we_send_is_no_contact_of_theirs():
    sent = Moment(100, 3 * DAY, "Email Received", "email", "company", {"text": "Any news?"}, "contact")
    assert contacts_of([sent], [], KINDS) == ([], [])
