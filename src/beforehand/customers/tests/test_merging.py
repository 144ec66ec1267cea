"""A member's word: joining, taking back, approving and declining."""

import itertools

import pytest

from beforehand.customers.identity import Claim, connect, identify
from beforehand.customers.merging import CannotMerge, approve, decline, merge, restore, undo
from beforehand.customers.models import Edge, Identifier, Revocation
from beforehand.customers.review import said, taken_back, waiting
from beforehand.customers.tests.cast import ANA, BEN, BROWSER, MAIL, customer_of, link, member, tie
from beforehand.team.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_accounts():
    tie(ANA, BROWSER, time=1)
    tie(BEN, BROWSER, time=2)


def test_a_member_may_join_two_accounts_and_undo_gives_both_their_old_ids(two_accounts):
    ada, ana, ben = member(), customer_of(ANA), customer_of(BEN)
    edge = merge(ana, ben, by=ada)
    assert customer_of(BEN) == customer_of(ANA) == customer_of(BROWSER)
    assert edge.member == ada
    assert list(said()) == [edge]
    undo(edge, by=ada, reason="a mistake")
    assert (customer_of(ANA), customer_of(BEN)) == (ana, ben)
    assert list(said()) == []
    assert [entry.verb for entry in AuditEntry.objects.order_by("id")] == ["merged", "undid"]


def test_a_merge_can_be_made_again_after_it_was_undone(two_accounts):
    first = merge(customer_of(ANA), customer_of(BEN))
    undo(first)
    assert merge(customer_of(ANA), customer_of(BEN)) == first
    assert customer_of(ANA) == customer_of(BEN)
    assert not Revocation.objects.exists()


def test_what_was_joined_already_is_refused_in_plain_words():
    tie(ANA, MAIL)
    with pytest.raises(CannotMerge, match="one and the same"):
        merge(customer_of(ANA), customer_of(MAIL))


def test_a_customer_who_was_joined_meanwhile_is_refused(two_accounts):
    ana, ben = customer_of(ANA), customer_of(BEN)
    other = customer_of(MAIL)
    merge(ana, ben)
    with pytest.raises(CannotMerge, match="meanwhile"):
        merge(max(ana, ben, key=lambda one: one.pk), other)


def test_a_merge_takes_along_what_a_visitor_only_claimed():
    claimed = Claim("email", "ana@home.example", False)
    tie(BROWSER, claimed, verified=False, strength=Edge.Strength.CLAIMED)
    edge = merge(customer_of(ANA), customer_of(BROWSER))
    assert customer_of(claimed) == customer_of(BROWSER) == customer_of(ANA)
    undo(edge)
    assert customer_of(claimed) == customer_of(BROWSER) != customer_of(ANA)
    assert Edge.objects.filter(revocation=None).count() == 1


def test_whoever_claims_the_same_later_is_not_taken_along():
    claimed = ANA._replace(proved=False)
    tie(BROWSER, claimed, verified=False, strength=Edge.Strength.CLAIMED)
    merge(customer_of(ANA), customer_of(BROWSER))
    thief = Claim("anonymous_id", "b-2", False)
    tie(thief, claimed, verified=False, strength=Edge.Strength.CLAIMED)
    assert customer_of(thief) != customer_of(ANA)


def test_the_review_list_holds_what_was_skipped_until_somebody_decides(two_accounts):
    (edge,) = waiting()
    assert {edge.first.value, edge.second.value} == {"ben", "b-1"}
    revocation = decline(edge)
    assert not waiting()
    assert [each.revocation for each in taken_back()] == [revocation]
    restore(edge)
    approve(waiting().get())
    assert customer_of(BEN) == customer_of(ANA)
    assert not waiting()


def test_undoing_an_approval_puts_it_back_into_the_review_list(two_accounts):
    edge = waiting().get()
    undo(approve(edge))
    assert list(waiting()) == [edge]


def test_evidence_can_be_taken_back_and_what_hung_on_it_falls_apart():
    tie(ANA, BROWSER)
    undo(Edge.objects.get())
    assert customer_of(ANA) != customer_of(BROWSER)
    assert customer_of(BROWSER).current
    connect([link(ANA, BROWSER, time=9)])
    assert customer_of(ANA) != customer_of(BROWSER), "the same evidence again does not undo a member's word"


def test_mere_claims_are_kept_apart_in_the_review_list():
    tie(ANA, Claim("email", "x@home.example", False), verified=False, strength=Edge.Strength.CLAIMED)
    assert not waiting()
    assert waiting("claim").count() == 1


def test_a_long_chain_is_one_customer():
    chain = [Claim("anonymous_id", f"b-{n}", False) for n in range(60)]
    ids = identify(chain)
    connect([link(one, other) for one, other in itertools.pairwise(chain)])
    assert set(Identifier.objects.values_list("customer_id", flat=True)) == {ids[chain[0]]}
