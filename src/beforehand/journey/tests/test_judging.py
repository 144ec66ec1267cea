"""People judge contacts: their word is a touchpoint, a sample is drawn for them, and their agreement is counted."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from beforehand.customers.identity import Link, connect, identify
from beforehand.customers.merging import undo
from beforehand.customers.models import Edge
from beforehand.journey.contacts import audit, costs, judging
from beforehand.journey.contacts.audit import Judged, agreement_of, allot, kappa
from beforehand.journey.models import AuditItem, CatalogueEntry, Contact, Need, Touchpoint
from beforehand.journey.needs import projection
from beforehand.journey.needs.keeping import install_ready_made
from beforehand.journey.needs.rebuilding import rebuild
from beforehand.journey.tests.people import ANA, BROWSER, NOON, happened
from beforehand.lib.bus import emit
from beforehand.lib.fields import to_micros

DAY = timedelta(days=1)


@pytest.fixture
def ana(transactional_db):
    """Ana has ordered, waits, and has written that the parcel came in pieces."""
    install_ready_made()
    for name, kind in [("Mail In", "contact"), ("Order Completed", "value")]:
        CatalogueEntry.objects.create(name=name, version=99, kind=kind)
    happened(ANA, ("Order Completed", {"order_id": "1"}))
    wrote("My parcel came in pieces.", 3)
    projection.follow()
    return identify([ANA])[ANA]


def wrote(text, days, who=ANA):
    happened(who, ("Mail In", {"text": text}), start=NOON + days * DAY, channel="email")


def contact():
    return Contact.objects.order_by("time").first()


def test_a_word_is_a_touchpoint_and_a_rebuild_keeps_it(ana, ada):
    before = contact()
    assert before.cause == "failure"
    said = judging.judge(before, ada, cause="information", why="They only asked.")
    assert (said.cause, said.probability) == ("information", 1.0)
    word = Touchpoint.objects.get(name="$contact_judged")
    assert said.overruled_by == word.pk
    assert (word.properties["by"], word.properties["why"]) == ("Ada Osei", "They only asked.")
    assert said.evidence["machine"]["cause"] == "failure"
    rebuild()
    assert contact().cause == "information"


def test_a_word_travels_with_a_merge_and_its_undoing(ana, ada):
    wrote("How do I pair it?", 5, BROWSER)
    projection.follow()
    asked = Contact.objects.get(time=NOON + 5 * DAY)
    judging.judge(asked, ada, cause="value")
    ids = identify([ANA, BROWSER])
    connect([Link(ids[ANA], ids[BROWSER], True, 20, to_micros(NOON), "identify call")])
    projection.follow()
    asked = Contact.objects.get(pk=asked.pk)
    assert (asked.cause, asked.customer_id) == ("value", ana)
    undo(Edge.objects.get())
    projection.follow()
    asked = Contact.objects.get(pk=asked.pk)
    assert (asked.cause, asked.customer_id) == ("value", ids[BROWSER])


def test_taking_the_word_back_lets_the_machine_s_hold_again(ana, ada):
    judging.judge(contact(), ada, cause="information")
    assert judging.forget(contact(), ada).cause == "failure"


def test_a_contact_can_be_moved_to_another_need_of_the_customer_only(ana, ada):
    happened(ANA, ("Order Completed", {"order_id": "2"}), start=NOON - 2 * DAY)
    happened(BROWSER, ("Order Completed", {"order_id": "3"}))
    projection.follow()
    other = Need.objects.get(key="2")
    assert contact().need != other.pk
    assert judging.judge(contact(), ada, need=other).need == other.pk
    with pytest.raises(ValidationError, match="another customer"):
        judging.judge(contact(), ada, need=Need.objects.get(key="3"))


@pytest.mark.parametrize(("cause", "reason"), [("repeat", "is no cause"), ("", "Say the cause")])
def test_what_is_no_cause_is_refused(ana, ada, cause, reason):
    with pytest.raises(ValidationError, match=reason):
        judging.judge(contact(), ada, cause=cause)
    assert not Touchpoint.objects.filter(name="$contact_judged").exists()


def test_a_word_holds_at_once_inside_a_transaction_and_of_a_contact_loaded_before_a_merge(ana, ada):
    wrote("How do I pair it?", 5, BROWSER)
    projection.follow()
    asked = Contact.objects.order_by("-time").first()
    identifiers = identify([ANA, BROWSER])
    connect([Link(identifiers[ANA], identifiers[BROWSER], True, 3, to_micros(NOON), "log-in")])
    with transaction.atomic():
        said = judging.judge(asked, ada, cause="rights")
    assert said.cause == "rights" and said.customer_id != asked.customer_id
    assert judging.forget(asked, ada).cause != "rights"


def test_of_a_contact_that_was_erased_nothing_can_be_said(ana, ada):
    gone = contact()
    Touchpoint.objects.filter(pk=gone.pk).delete()
    with pytest.raises(ValidationError, match="no longer"):
        judging.judge(gone, ada, cause="rights")


def test_a_sample_is_drawn_judged_and_its_agreement_counted(ana, ada):
    for n in range(12):
        wrote("My parcel came in pieces.", 4 + n)
    wrote("Please delete all personal data that you hold about me.", 20)
    projection.follow()
    drawn = audit.draw(NOON, NOON + 30 * DAY, size=5, by=ada, seed=1)
    items = list(drawn.items.order_by("contact"))
    assert {item.stratum for item in items} == set(Contact.objects.values_list("cause", flat=True))
    assert sum(item.weight for item in items) == pytest.approx(Contact.objects.count())
    again = audit.draw(NOON, NOON + 30 * DAY, size=5, by=ada, seed=1)
    assert [one.contact for one in again.items.order_by("contact")] == [one.contact for one in items]
    for item in items:
        audit.verdict(item, ada, item.stratum if item.stratum != "rights" else "value", need_right=True)
    found = audit.agreement([drawn])
    assert (found.drawn, found.judged) == (5, 5)
    assert found.causes["rights"][1].value == 0
    assert found.causes["failure"][1].value == 1
    assert 0 < found.share.low < found.share.value < 1
    assert found.needs.value == 1
    assert Contact.objects.get(pk=next(one.contact for one in items if one.stratum == "rights")).cause == "value"


def test_a_contact_that_was_overruled_is_drawn_with_what_the_machine_had_said(ana, ada):
    before = contact()
    judging.judge(before, ada, cause="information")
    (item,) = audit.draw(NOON, NOON + 30 * DAY, by=ada).items.all()
    assert (item.stratum, item.probability) == ("failure", pytest.approx(before.probability, abs=1e-4))


def test_an_empty_period_has_nothing_to_draw(ana, ada):
    with pytest.raises(ValidationError, match="no contact"):
        audit.draw(NOON - 9 * DAY, NOON - 8 * DAY, by=ada)


def test_erasing_a_customer_erases_what_was_judged_of_them(ana, ada):
    audit.draw(NOON, NOON + 30 * DAY, by=ada)
    assert AuditItem.objects.count() == 1
    emit("customers.erase", customers=[ana], identifiers=[ana])
    assert not AuditItem.objects.exists()


@pytest.mark.parametrize(
    ("sizes", "size", "given"),
    [
        ({"a": 100, "b": 100}, 10, {"a": 5, "b": 5}),
        ({"a": 2, "b": 100}, 10, {"a": 2, "b": 8}),
        ({"a": 2, "b": 3}, 10, {"a": 2, "b": 3}),
        ({"a": 9, "b": 9, "c": 9}, 2, {"a": 1, "b": 1, "c": 0}),
    ],
)
def test_a_sample_is_shared_among_the_causes(sizes, size, given):
    assert allot(sizes, size) == given


def test_kappa_is_cohen_s():
    """The example of Cohen's coefficient on Wikipedia: 20 both yes, 5 and 10 apart, 15 both no; kappa 0.4."""
    table = {("value", "value"): 20, ("value", "rights"): 5, ("rights", "value"): 10, ("rights", "rights"): 15}
    judged = [Judged(a, 0.8, b, 1.0) for (a, b), n in table.items() for _ in range(n)]
    assert kappa(judged) == pytest.approx(0.4)
    assert kappa([]) is None
    assert kappa([Judged("value", 0.8, "value", 1.0)]) is None


def test_agreement_counts_each_contact_for_those_that_it_stands_for():
    judged = [Judged("failure", 0.9, "failure", 9.0)] * 10 + [Judged("rights", 0.6, "value", 1.0)] * 10
    found = agreement_of(judged, 25)
    assert found.share.value == pytest.approx(0.9)
    assert found.share.low < 0.8
    assert [(band.low, band.n, band.right.value) for band in found.bands] == [(0.5, 10, 0.0), (0.9, 10, 1.0)]


def test_nobody_has_judged_yet():
    found = agreement_of([], 10)
    assert (found.judged, found.kappa, found.bands) == (0, None, [])


@pytest.mark.django_db
def test_a_contact_costs_what_its_channel_is_set_to(ada):
    assert costs.cost_of("phone", costs.costs()) == Decimal("8.00")
    assert costs.cost_of("pigeon", costs.costs()) == Decimal("5.00")
    costs.change("phone", Decimal("11.50"), by=ada)
    costs.change("", Decimal("3"), by=ada)
    assert costs.cost_of("phone", costs.costs()) == Decimal("11.50")
    assert costs.cost_of("pigeon", costs.costs()) == Decimal("3.00")
    for wrong in ["-1", "NaN", "1e9"]:
        with pytest.raises(ValidationError):
            costs.change("phone", Decimal(wrong), by=ada)
