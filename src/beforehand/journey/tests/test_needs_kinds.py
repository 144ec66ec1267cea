"""Kinds of need: out of YAML and back, checked before they are kept, in versions."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from beforehand.journey.models import NeedKind, ProjectionCursor
from beforehand.journey.needs import keeping, projection
from beforehand.journey.needs.book import Book, Version
from beforehand.journey.needs.checking import check
from beforehand.journey.needs.durations import duration_text, seconds_in
from beforehand.journey.needs.reading import BadKind, data_of, read, read_yaml, write_yaml
from beforehand.journey.tests.needs import BUY, RECEIVE, definition, happened
from beforehand.lib.fields import from_micros
from beforehand.team.models import AuditEntry

EXAMPLE = """
kind: receive-my-order
title: Receive my order
key: order_id
opens: [Order Completed]
meets: Order Delivered
steps:
  - {step: packed, title: Packed, evidence: [Order Packed], target: 1 day, help: [{kind: article, slug: where}]}
  - step: shipped
    evidence: {name: Order Shipped, where: {courier: [West, North], paid: true}}
topics: [parcel, 42]
horizon: 14 days
"""


def reasons(**changes):
    """Why a kind is refused when it is changed like that."""
    try:
        found = check(definition(RECEIVE, **changes))
    except BadKind as bad:
        return " ".join(bad.reasons)
    return " ".join(one.text for one in found if one.refused)


def warnings(kind, *others, seen=()):
    return " ".join(one.text for one in check(kind, others, seen) if not one.refused)


def test_a_kind_is_read_as_it_is_written():
    (one,) = read_yaml(EXAMPLE)
    packed, shipped = one.steps
    assert (one.kind, one.key, one.horizon, one.target) == ("receive-my-order", "order_id", 14 * 86_400, None)
    assert (packed.target, packed.after, packed.help[0].slug) == (86_400, (), "where")
    assert (shipped.title, shipped.after) == ("shipped", ("packed",))
    assert shipped.evidence[0].where == (("courier", ("West", "North")), ("paid", ("true",)))
    assert one.meets[0].name == "Order Delivered" and one.topics == ("parcel", "42")


@pytest.mark.parametrize("kind", keeping.ready_made(), ids=lambda one: one.kind)
def test_every_ready_made_kind_is_sound_and_comes_back_as_it_was(kind):
    others = [one for one in keeping.ready_made() if one.kind != kind.kind]
    assert not [one for one in check(kind, others) if one.refused]
    assert read_yaml(write_yaml([kind])) == [kind]
    assert read(yaml.safe_load(yaml.safe_dump(data_of(kind)))) == kind


def nested(text, depth=24):
    """YAML whose text, written out, would fill every memory."""
    return "\n".join(["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, depth)), text])


@pytest.mark.parametrize(
    "part",
    ["title: *a23", "topics: [*a23]", "topics: *a23", "horizon: *a23", "opens: [{name: x, where: {y: [*a23]}}]",
     "opens: *a23", "steps: [{step: a, evidence: [b], after: *a23}]", "steps: [{step: a, help: [*a23]}]"],
)  # fmt: skip
def test_lists_in_lists_are_refused_before_anybody_writes_them_out(part):
    with pytest.raises(BadKind) as refused:
        read_yaml(nested(f"kind: x\n{part}"))
    assert len(str(refused.value)) < 40_000


def test_a_long_list_is_refused():
    with pytest.raises(BadKind, match="at most 200 entries; there are 201"):
        read({"kind": "x", "topics": [str(n) for n in range(201)]})


@given(st.integers(1, 10**7).map(float) | st.floats(0.001, 10**7).map(lambda seconds: float(f"{seconds:g}")))
def test_a_duration_comes_back_as_it_was(seconds):
    assert seconds_in(duration_text(seconds)) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"), [("2 weeks", 1_209_600), ("1.5 h", 5_400), ("90 min", 5_400), ("3", None), ("soon", None)]
)
def test_durations_are_written_as_people_write_them(text, seconds):
    assert seconds_in(text) == seconds


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"meets": []}, "can never be met"),
        ({"opens": []}, "Nothing opens it"),
        ({"meets": [{"name": "Order Delivered", "where": {"store": []}}]}, "can never be met"),
        ({"meets": ["Order Completed"]}, "opens and meets"),
        ({"ends": ["Order Delivered"]}, "both meets and ends"),
        ({"steps": [{"step": "packed"}]}, "Nothing shows that the step “packed” is done"),
        ({"steps": [{"step": "a", "evidence": "X", "target": "0 days"}]}, "zero"),
        ({"target": "0 hours"}, "zero"),
        ({"horizon": "0 days"}, "zero"),
        ({"horizon": "soon"}, "is no duration"),
        ({"horizon": 0}, "a duration of zero"),
        ({"patience": "9999999 weeks"}, "ten years is the longest"),
        ({"owner": "x" * 61}, "at most 60 signs"),
        ({"horizon": 14}, "is no duration"),
        ({"steps": [{"step": "a", "evidence": "X", "after": ["a"]}]}, "circle: a → a"),
        (
            {
                "steps": [
                    {"step": "a", "evidence": "X", "after": ["c"]},
                    {"step": "b", "evidence": "Y", "after": ["a"]},
                    {"step": "c", "evidence": "Z", "after": ["b"]},
                ]
            },
            "in a circle",
        ),
        ({"steps": [{"step": "a", "evidence": "X", "after": ["z"]}]}, "“z”, which is no step"),
        ({"steps": [{"step": "a", "evidence": "X"}, {"step": "a", "evidence": "Y"}]}, "Two steps"),
        ({"steps": ["packed"]}, "step 1"),
        ({"kind": "Receive It"}, "short name in small letters"),
        ({"title": ""}, "no title"),
        ({"opens": [{"where": {"a": 1}}]}, "opens: write the name"),
        ({"open": ["X"]}, "“open” means nothing here. Did you mean “opens”?"),
    ],
)
def test_a_kind_that_cannot_be_is_refused_with_the_reason(changes, said):
    assert said in reasons(**changes)


@pytest.mark.parametrize(
    "text",
    ["", "a: [", "- 1", "just words", "kind: x\nsteps: 5", "!!python/object/apply:os.getcwd []", "x" * 2_000_000],
)
def test_what_is_no_kind_is_refused_in_plain_words(text):
    with pytest.raises(BadKind):
        read_yaml(text)


def test_a_circle_is_told_in_its_order():
    assert "a → b → a" in reasons(
        steps=[{"step": "a", "evidence": "X", "after": ["b"]}, {"step": "b", "evidence": "Y", "after": ["a"]}]
    )


def test_two_kinds_that_are_the_same_need_are_refused():
    twin = definition(RECEIVE, kind="twin")
    assert "count twice" in " ".join(one.text for one in check(twin, [definition(RECEIVE)]) if one.refused)


def test_two_kinds_that_open_alike_are_pointed_out():
    other = definition(RECEIVE, kind="other", meets=["Order Unpacked"])
    assert "opens “receive” too" in warnings(other, definition(RECEIVE))
    apart = definition(RECEIVE, kind="other", meets=["Order Unpacked"], opens=[{"name": "Other Thing"}])
    assert not warnings(apart, definition(RECEIVE))


def test_conditions_that_exclude_each_other_claim_nothing_together():
    web = definition(BUY, opens=[{"name": "Product Added", "where": {"store": "web"}}])
    shop = definition(BUY, kind="shop", opens=[{"name": "Product Added", "where": {"store": ["high street", "mall"]}}])
    assert not warnings(web, shop)
    assert "opens “buy” too" in warnings(definition(BUY, kind="shop", meets=["Paid"]), web)


def test_a_target_beyond_the_horizon_is_pointed_out():
    assert "later than its horizon" in warnings(definition(RECEIVE, target="30 days"))


def test_names_that_were_never_seen_are_pointed_out():
    assert "“Order Delivered”" in warnings(definition(RECEIVE), seen={"Order Completed"})


def test_what_a_kind_means_does_not_hang_on_the_order_in_which_it_is_written():
    (one,) = read_yaml(EXAMPLE)
    turned = dict(reversed(yaml.safe_load(EXAMPLE).items()))
    assert read(turned) == one


@pytest.mark.django_db
class TestKept:
    @pytest.fixture(autouse=True)
    def empty(self):
        NeedKind.objects.all().delete()

    def test_a_new_record_has_the_ready_made_kinds(self):
        keeping.install_ready_made()
        assert {one.slug for one in keeping.in_force()} == {one.kind for one in keeping.ready_made()}
        numbers = [one.number for one in keeping.in_force()]
        assert len(set(numbers)) == len(numbers) and NeedKind.objects.get(slug="unknown").number == 0

    def test_a_kind_that_is_refused_is_not_kept(self):
        with pytest.raises(BadKind, match="can never be met"):
            keeping.keep(definition(RECEIVE, meets=[]))
        assert not NeedKind.objects.exists()

    def test_all_or_none(self):
        with pytest.raises(BadKind):
            keeping.keep_all([definition(RECEIVE), definition(BUY, meets=[])])
        assert not NeedKind.objects.exists()

    def test_a_change_is_a_new_version_and_the_same_is_none(self, ada):
        first, _ = keeping.keep(definition(RECEIVE), ada)
        again, _ = keeping.keep(definition(RECEIVE), ada)
        second, _ = keeping.keep(definition(RECEIVE, title="Get my parcel"), ada)
        assert (first.version, again.pk, second.version, second.number) == (1, first.pk, 2, first.number)
        assert AuditEntry.objects.filter(verb="kept need kind").count() == 2

    def test_a_kind_that_has_needs_goes_on_from_now(self):
        from beforehand.customers.identity import Claim
        from beforehand.journey.tests.people import NOON
        from beforehand.journey.tests.people import happened as record

        keeping.keep(definition(RECEIVE))
        record(Claim("user_id", "u", True), ("Order Completed", {"order_id": 1}), start=NOON)
        projection.follow()
        second, _ = keeping.keep(definition(RECEIVE, title="Get my parcel"))
        second.refresh_from_db()
        assert second.since > from_micros(0)
        assert not ProjectionCursor.objects.filter(name=projection.REBUILD).exists()
        third, _ = keeping.keep(definition(RECEIVE, title="For all the past"), since=0)
        assert third.since == 0
        assert ProjectionCursor.objects.filter(name=projection.REBUILD).exists()

    def test_off_means_that_nothing_opens_any_more(self):
        keeping.keep(definition(RECEIVE))
        keeping.switch_off("receive")
        assert keeping.definitions() == []
        assert keeping.book().ways["receive"][-1].off
        again, _ = keeping.keep(definition(RECEIVE))
        assert not again.off and again.version == 3

    def test_the_book_is_the_same_in_another_process(self):
        keeping.install_ready_made()
        book = keeping.book()
        again = Book(**book.facts())
        assert again.names == book.names and again.bare == book.bare and "Product Viewed" in book.bare
        assert "Order Completed" not in book.bare


def test_what_is_asked_of_a_name_is_known_without_its_properties():
    from beforehand.journey.needs.trace import trace

    known = Book([Version(definition(BUY))], {}, {}, {"buy": 1})
    assert known.bare >= {"Product Added", "Address Given"}
    assert trace(happened((0, "Product Added"), (1, "Order Completed")), known).needs[0].met
