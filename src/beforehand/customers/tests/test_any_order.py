"""Properties of identity, over edges that Hypothesis makes up."""

from contextlib import contextmanager
from itertools import pairwise

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from beforehand.customers.identity import Claim, Link, connect, describe, identify
from beforehand.customers.merging import merge, undo
from beforehand.customers.models import Customer, Edge, Identifier
from beforehand.customers.resolve import LIMITS, Node, Tie, resolve

CLAIMS = [
    *(Claim("user_id", f"u{n}", True) for n in range(3)),
    Claim("user_id", "u0", False),
    Claim("user_id", "u9", False),
    *(Claim("email", f"m{n}@shop.example", n % 2 == 0) for n in range(7)),
    *(Claim("anonymous_id", f"a{n}", False) for n in range(4)),
    Claim("phone", "+353155501234", True),
]
STRENGTHS = [Edge.Strength.CLAIMED, Edge.Strength.SENT, Edge.Strength.ALIAS, Edge.Strength.SIGNED]
places = st.integers(0, len(CLAIMS) - 1)
edges = st.tuples(places, places, st.sampled_from(STRENGTHS), st.integers(0, 3), st.booleans())
edge_lists = st.lists(edges, max_size=24)
names = st.dictionaries(st.sampled_from(["name", "firstName", "lastName", "email"]), st.sampled_from("xyz"))
sayings = st.lists(st.tuples(places, st.integers(0, 3), names), max_size=8)


@contextmanager
def example():
    """What happens inside leaves nothing behind."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def links(edge_list, ids):
    for first, second, strength, time, verified in edge_list:
        yield Link(ids[CLAIMS[first]], ids[CLAIMS[second]], verified, strength, time, f"{strength} at {time}")


def cut(items, cuts):
    """The list in pieces."""
    ends = sorted({0, len(items), *(cut % (len(items) + 1) for cut in cuts)})
    return [items[start:end] for start, end in pairwise(ends)]


def state():
    """All that is derived, told by names and not by ids."""
    claim = {i.pk: (i.kind, i.value, i.proved) for i in Identifier.objects.all()}
    names = {pk: (name, current) for pk, name, current in Customer.objects.values_list("pk", "name", "current")}
    customers = {claim[i.pk]: claim[i.customer_id] for i in Identifier.objects.all()}
    skipped = {
        (frozenset((claim[e.first_id], claim[e.second_id])), e.verified, e.strength, e.skipped)
        for e in Edge.objects.exclude(skipped="").filter(revocation=None)
    }
    return customers, {claim[pk]: named for pk, named in names.items()}, skipped


@pytest.fixture(autouse=True, scope="module")
def low_limits():
    """Few enough that a handful of edges exceeds them."""
    with pytest.MonkeyPatch.context() as patch:
        for kind, limit in {"email": 3, "anonymous_id": 2}.items():
            patch.setitem(LIMITS, kind, limit)
        yield


@pytest.mark.django_db
@settings(max_examples=25, deadline=None)
@given(edge_lists, sayings, st.randoms(use_true_random=False), st.lists(st.integers(0, 99), max_size=16))
def test_any_order_and_any_batching_give_the_same_customers(edge_list, said, random, cuts):
    with example():
        ids = identify(CLAIMS)
        connect(links(edge_list, ids))
        describe([(ids[CLAIMS[place]], time, traits) for place, time, traits in said])
        expected = state()
    with example():
        other_claims, other_edges, other_said = list(CLAIMS), list(edge_list), list(said)
        for items in (other_claims, other_edges, other_said):
            random.shuffle(items)
        ids = {}
        for piece in cut(other_claims, cuts):
            ids |= identify(piece)
        for piece in cut(other_said, cuts):
            describe([(ids[CLAIMS[place]], time, traits) for place, time, traits in piece])
        for piece in cut(other_edges, cuts):
            connect(links(piece, ids))
        assert state() == expected


@pytest.mark.django_db
@settings(max_examples=20, deadline=None)
@given(edge_lists, edge_lists, places, places)
def test_a_merge_that_was_undone_leaves_no_trace(before, after, one, other):
    with example():
        ids = identify(CLAIMS)
        connect(links(before, ids))
        connect(links(after, ids))
        expected = state()
    with example():
        ids = identify(CLAIMS)
        connect(links(before, ids))
        first, second = (Identifier.objects.get(pk=ids[CLAIMS[place]]).customer for place in (one, other))
        if first != second:
            everybody = list(Identifier.objects.filter(customer__in=[first, second]).values_list("pk", flat=True))
            edge = merge(first, second)
            assert len(set(Identifier.objects.filter(pk__in=everybody).values_list("customer", flat=True))) == 1
            connect(links(after, ids))
            undo(edge)
        else:
            connect(links(after, ids))
        assert state() == expected


@pytest.mark.django_db
@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(["null", "guest", "0000", " ", "Anonymous", "[object Object]"]), min_size=1))
def test_a_value_that_names_nobody_never_merges_anybody(values):
    with example():
        ids = identify([*CLAIMS, *(Claim(kind, v, True) for v in values for kind in ("user_id", "email", "external"))])
        assert set(ids) == set(CLAIMS)
        assert not Identifier.objects.exclude(pk__in=ids.values()).exists()


nodes = st.lists(
    st.tuples(st.sampled_from(["user_id", "email", "anonymous_id"]), st.sampled_from("abcdefgh"), st.booleans()),
    min_size=2,
    max_size=10,
    unique=True,
).map(
    lambda found: {
        n: Node(kind, value, proved and kind != "anonymous_id") for n, (kind, value, proved) in enumerate(found)
    }
)


@st.composite
def graphs(draw):
    people = draw(nodes)
    some = st.sampled_from(sorted(people))
    drawn = draw(
        st.lists(st.tuples(some, some, st.booleans(), st.sampled_from(STRENGTHS), st.integers(0, 3)), max_size=30)
    )
    pairs = {(min(a, b), max(a, b), verified): (strength, time) for a, b, verified, strength, time in drawn if a != b}
    return people, [Tie(n, *pair, *rest) for n, (pair, rest) in enumerate(pairs.items())]


@given(graphs())
def test_a_claim_never_joins_a_known_customer(graph):
    """Without the claims, no known customer would be another."""
    people, ties = graph
    leads, _ = resolve(people, ties)
    without, _ = resolve(people, [tie for tie in ties if tie.verified])
    for id, node in people.items():
        if node.proved and node.kind != "anonymous_id":
            group = {other for other in people if leads[other] == leads[id]}
            assert group == {other for other in people if without[other] == without[id]}


@given(graphs())
def test_two_accounts_never_become_one_without_a_member(graph):
    people, ties = graph
    leads, skipped = resolve(people, ties)
    for lead in set(leads.values()):
        accounts = {people[id].value for id in people if leads[id] == lead and people[id].kind == "user_id"}
        assert len(accounts) <= 1
    for tie in ties:
        assert (leads[tie.first] == leads[tie.second]) or tie.id in skipped


@given(graphs(), st.data())
def test_a_members_word_is_always_taken(graph, data):
    people, ties = graph
    one, other = sorted(data.draw(st.lists(st.sampled_from(sorted(people)), min_size=2, max_size=2, unique=True)))
    leads, skipped = resolve(people, [*ties, Tie(999, one, other, True, Edge.Strength.MEMBER, 9)])
    assert leads[one] == leads[other]
    assert 999 not in skipped
