"""Needs as rows: live and again, in order and late, joined and parted, killed in between: always the same."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beforehand.customers.identity import Claim, identify
from beforehand.customers.merging import merge, undo
from beforehand.customers.models import Identifier
from beforehand.journey import journeys, lake
from beforehand.journey.catalogue import correct
from beforehand.journey.lake import fact_files, layout
from beforehand.journey.models import Contact, Need, NeedChanged, NeedKind, ProjectionCursor
from beforehand.journey.needs import keeping, projection, rebuilding, storing
from beforehand.journey.needs.rows import CONTACT, NEED
from beforehand.journey.tests.needs import BUY, RECEIVE, SPOKEN, UNKNOWN, definition
from beforehand.journey.tests.people import NOON, happened

pytestmark = pytest.mark.django_db

PEOPLE = [Claim("user_id", f"u{n}", True) for n in range(3)] + [Claim("anonymous_id", "a", False)]
NAMES = [
    ("Order Completed", {"order_id": 1}),
    ("Order Completed", {"order_id": 2}),
    ("Order Packed", {"order_id": 1}),
    ("Order Delivered", {"order_id": 1}),
    ("Delivery Delayed", {"order_id": 2}),
    "Product Added",
    "Payment Given",
    ("Email Received", {"text": "where is my parcel"}),
    ("Email Received", {"order_id": 2}),
    "Page Viewed",
]
doings = st.lists(st.tuples(st.sampled_from(PEOPLE), st.integers(0, 400), st.sampled_from(NAMES)), max_size=12)
upkeep = st.lists(
    st.sampled_from([projection.follow, lake.seal, lake.compact, fact_files.fold, rebuilding.rebuild]), max_size=1
)
patient = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def kinds():
    NeedKind.objects.all().delete()
    for name, kind in SPOKEN.items():
        correct(name, kind=kind)
    keeping.keep_all(definition(one) for one in (RECEIVE, BUY, UNKNOWN))
    projection.follow()


@contextmanager
def example(tmp_path_factory):
    with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.LAKE", tmp_path_factory.mktemp("lake"))
        yield
        transaction.set_rollback(True)


def do(doing, upkeep=()):
    for who, hours, what in doing:
        happened(who, what, start=NOON + timedelta(hours=hours))
    for verb in upkeep:
        verb()


def rows():
    """Needs and contacts without the numbers of touchpoints, which differ with the order of arrival."""
    name = dict(Identifier.objects.values_list("pk", "value"))
    told = [field for field in NEED if field not in {"id", "customer_id", "opened_by", "met_by", "steps", "trouble"}]
    needs = [
        (name[need.customer_id], *(getattr(need, field) for field in told), [stay[:3] for stay in need.steps])
        for need in Need.objects.all()
    ]
    said = [field for field in CONTACT if field not in {"id", "customer_id", "need", "origin", "repeat_of"}]
    contacts = [
        (name[contact.customer_id], *(getattr(contact, field) for field in said)) for contact in Contact.objects.all()
    ]
    return sorted(needs, key=str), sorted(contacts, key=str)


def everything():
    """Every column of every row."""
    return sorted(Need.objects.values_list(*NEED), key=str), sorted(Contact.objects.values_list(*CONTACT), key=str)


def in_the_lake():
    with lake.reader() as reader:
        return [
            sorted(reader.db.execute(f"select * from {name}").fetchall(), key=str)
            for name in ("needs", "need_steps", "contacts")
        ]


@given(doings, st.lists(upkeep, min_size=12, max_size=12), st.randoms(use_true_random=False))
@patient
def test_late_and_out_of_order_gives_what_order_gives(tmp_path_factory, doing, verbs, chance):
    ordered = sorted(doing, key=lambda one: (one[1], str(one)))
    with example(tmp_path_factory):
        do(ordered)
        projection.follow()
        expected = rows()
    shuffled = list(ordered)
    chance.shuffle(shuffled)
    with example(tmp_path_factory):
        for one, upkeep_ in zip(shuffled, verbs, strict=False):
            do([one], upkeep_)
        projection.follow()
        if len({hours for _who, hours, _what in doing}) == len(doing):
            assert rows() == expected
        else:
            assert len(rows()[1]) == len(expected[1])


@given(doings, doings, upkeep, upkeep, upkeep, st.permutations(PEOPLE))
@patient
def test_a_merge_that_was_undone_leaves_no_trace(tmp_path_factory, before, after, first, second, third, order):
    with example(tmp_path_factory):
        identify(PEOPLE)
        do(before + after)
        projection.follow()
        expected = rows()
    with example(tmp_path_factory):
        identify(PEOPLE)
        do(before, first)
        edge = merge(*(Identifier.objects.get(pk=identify([who])[who]).customer for who in order[:2]))
        do(after, second)
        undo(edge)
        do([], third)
        projection.follow()
        assert rows() == expected


@given(doings, upkeep)
@patient
def test_a_rebuild_gives_what_following_gave(tmp_path_factory, doing, verbs):
    with example(tmp_path_factory):
        half = len(doing) // 2
        do(doing[:half], verbs)
        do(doing[half:])
        projection.follow()
        live, facts = everything(), in_the_lake()
        rebuilding.rebuild()
        assert everything() == live
        assert in_the_lake() == facts
        fact_files.make_again()
        assert in_the_lake() == facts
        assert not NeedChanged.objects.exists()


ORDER = {"order_id": 1}
PARCEL = {"text": "where is my parcel"}
REACHING = {
    "a chase of a contact": [
        (0, "Email Received", {"text": "how do I change my name"}),
        (10, "Email Received", {"text": "any news?"}),
    ],
    "a chase after the end, and after another order": [
        (0, "Order Completed", ORDER),
        (1, "Email Received", ORDER),
        (2, "Order Delivered", ORDER),
        (7, "Order Completed", {"order_id": 2}),
        (8, "Order Delivered", {"order_id": 2}),
        (11, "Email Received", {"text": "any news?"}),
    ],
    "the number of an order that is over": [
        (0, "Order Completed", ORDER),
        (2, "Order Delivered", ORDER),
        (60, "Email Received", ORDER),
    ],
    "the topic of an order that is over": [
        (0, "Order Completed", ORDER),
        (2, "Order Delivered", ORDER),
        (20, "Email Received", PARCEL),
    ],
    "an order that is taken up again": [
        (0, "Order Completed", ORDER),
        (50, "Email Received", PARCEL),
        (60, "Order Packed", ORDER),
        (61, "Order Delivered", ORDER),
    ],
    "an order that is taken up again while another goes on": [
        (0, "Order Completed", ORDER),
        (1, "Delivery Delayed", ORDER),
        (15, "Order Completed", {"order_id": 2}),
        (22, "Email Received", PARCEL),
        (26, "Order Packed", ORDER),
    ],
    "a number that another order had": [
        (0, "Order Completed", ORDER),
        (2, "Order Delivered", ORDER),
        (30, "Order Completed", {}),
        (31, "Delivery Delayed", ORDER),
        (32, "Order Delivered", {}),
    ],
    "a promise of long ago": [
        (0, "Refund Promised", ORDER | {"due": "2026-03-05T00:00:00Z"}),
        (20, "Order Completed", ORDER),
        (21, "Order Delivered", ORDER),
        (40, "Order Completed", ORDER),
        (50, "Email Received", {"text": "any news of my order?"}),
    ],
    "a promise in so many words": [
        (0, "Promise Made", {"what": "call", "due": "2026-03-05T00:00:00Z", "kept_by": ["Order Packed"]}),
        (40, "Order Completed", ORDER),
        (41, "Order Packed", ORDER),
        (42, "Email Received", PARCEL),
    ],
    "a step of an order between others": [
        (0, "Order Completed", ORDER),
        (1, "Order Completed", {"order_id": 2}),
        (2, "Order Delivered", {"order_id": 2}),
        (3, "Order Packed", ORDER),
        (30, "Product Added", {}),
        (31, "Payment Given", {}),
    ],
}


@pytest.mark.parametrize("story", REACHING.values(), ids=REACHING)
def test_each_touchpoint_reaches_back_as_far_as_it_matters_whenever_it_comes(story, tmp_path_factory):
    for last in range(len(story)):
        with example(tmp_path_factory):
            for day, name, said in [*story[:last], *story[last + 1 :], story[last]]:
                happened(PEOPLE[0], (name, said), start=NOON + timedelta(days=day))
                projection.follow()
            followed = everything()
            rebuilding.rebuild()
            assert everything() == followed


def test_following_says_how_much_there_was():
    happened(PEOPLE[0], *NAMES)
    assert projection.follow() == len(NAMES)
    assert projection.follow() == 0


def test_far_behind_everybody_is_traced_at_once(monkeypatch):
    for who in PEOPLE:
        happened(who, *NAMES)
    projection.follow()
    expected = everything()
    monkeypatch.setattr(projection, "MANY", 5)
    ProjectionCursor.objects.filter(name=projection.CURSOR).update(sequence=0)
    assert projection.follow() == len(PEOPLE) * (len(NAMES) - 1), "all that matters, once"
    assert everything() == expected


def test_a_step_that_is_killed_before_it_commits_has_done_nothing(monkeypatch):
    happened(PEOPLE[0], *NAMES)
    with monkeypatch.context() as patch:
        patch.setattr("beforehand.journey.needs.projection.NeedDue.objects", None)
        with pytest.raises(AttributeError):
            projection._step(keeping.book())
    assert not Need.objects.exists()
    projection.follow()
    assert Need.objects.exists()


@pytest.mark.parametrize("stop", ["_store", "_finish", "_lay_out"])
def test_a_rebuild_that_is_killed_anywhere_is_done_by_whoever_follows_next(stop, monkeypatch):
    for who in PEOPLE:
        happened(who, *NAMES)
    projection.follow()
    expected = everything(), in_the_lake()
    monkeypatch.setattr(rebuilding, "PART", 8)
    with monkeypatch.context() as patch:
        real, calls = getattr(rebuilding, stop), []

        def dies(*args):
            calls.append(args)
            if len(calls) == (2 if stop == "_store" else 1):
                raise KeyboardInterrupt
            return real(*args)

        patch.setattr(rebuilding, stop, dies)
        with pytest.raises(KeyboardInterrupt):
            rebuilding.rebuild()
    assert projection.follow() == 0, "the one that was stopped may still be at it"
    monkeypatch.setattr(projection, "STALE", 0)
    projection.follow()
    assert (everything(), in_the_lake()) == expected
    assert not ProjectionCursor.objects.filter(name=projection.REBUILD).exists()


def test_a_rebuild_writes_only_what_differs(monkeypatch):
    for who in PEOPLE:
        happened(who, *NAMES)
    projection.follow()
    expected = everything()
    gone, wrong, extra, kept = Need.objects.order_by("id")[:4]
    written = []
    monkeypatch.setattr(storing, "write", lambda *args, real=storing.write: (written.extend(args[2]), real(*args)))
    Need.objects.filter(pk=gone.pk).delete()
    Need.objects.filter(pk=wrong.pk).update(how="", contacts=7)
    Need.objects.filter(pk=extra.pk).update(id=extra.pk + 1)
    rebuilding.rebuild()
    assert everything() == expected
    assert {row[0] for row in written} == {gone.pk, wrong.pk, extra.pk}
    assert kept.pk not in {row[0] for row in written}


@pytest.mark.slow
def test_several_processes_give_what_one_gives(monkeypatch):
    for who in PEOPLE:
        happened(who, *NAMES)
    projection.follow()
    expected = everything(), in_the_lake()
    monkeypatch.setattr(rebuilding, "PART", 8)
    monkeypatch.setattr(rebuilding, "FEW", 0)
    Need.objects.all().delete()
    assert rebuilding.rebuild(processes=2) == 4 * (len(NAMES) - 1)
    assert (everything(), in_the_lake()) == expected


def test_a_rebuild_that_was_overtaken_writes_nothing_more(monkeypatch):
    happened(PEOPLE[0], *NAMES)
    real = rebuilding._lay_out

    def overtaken(*args):
        rebuilding._begin()
        return real(*args)

    monkeypatch.setattr(rebuilding, "_lay_out", overtaken)
    with pytest.raises(rebuilding.Overtaken):
        rebuilding.rebuild()
    assert not Need.objects.exists()


def test_a_customers_page_is_caught_up_alone():
    identifiers = [happened(who, *NAMES) for who in PEOPLE[:2]]
    customer = Identifier.objects.get(pk=identifiers[0]).customer_id
    projection.catch_up(customer)
    assert set(Need.objects.values_list("customer", flat=True)) == {customer}
    alone = everything()
    projection.follow()
    assert [row for row in everything()[0] if row[1] == customer] == alone[0]


def test_a_new_kind_is_traced_through_all_the_past():
    happened(PEOPLE[0], "Signed In", "Report Made")
    projection.follow()
    keeping.keep(
        definition({"kind": "report", "title": "Get a report", "opens": ["Signed In"], "meets": ["Report Made"]})
    )
    projection.follow()
    assert Need.objects.get(kind="report").how == "by_itself"


def test_a_name_that_turns_out_to_be_a_contact_is_one_in_the_past_too():
    happened(PEOPLE[0], ("Order Completed", {"order_id": 1}), ("Complaint Made", {"order_id": 1}))
    projection.follow()
    assert not Contact.objects.exists()
    correct("Complaint Made", kind="contact")
    projection.follow()
    assert Contact.objects.get().linked_by == "key"


def test_who_is_erased_leaves_no_need_behind():
    from beforehand.customers.erasure import erase

    first, second = (Identifier.objects.get(pk=happened(who, *NAMES)).customer for who in PEOPLE[:2])
    journeys.follow()
    projection.follow()
    lake.seal()
    fact_files.fold()
    old = [row.path for row in fact_files.live()]
    erase(first)
    assert set(Need.objects.values_list("customer", flat=True)) == {second.pk}
    assert {row[1] for table in in_the_lake() for row in table} == {second.pk}
    assert not {row.path for row in fact_files.live()} & set(old)


def test_a_fact_file_that_is_gone_is_told_and_made_again():
    happened(PEOPLE[0], *NAMES)
    projection.follow()
    expected = in_the_lake()
    fact_files.fold()
    (path,) = [layout.file_at(file.path) for file in fact_files.live() if file.table == "needs"]
    path.unlink()
    with pytest.raises(lake.LakeBroken, match="lake rebuild"):
        in_the_lake()
    assert str(path) in {difference.where for difference in lake.check()}
    lake.rebuild()
    assert in_the_lake() == expected
    assert lake.check() == []


def test_the_flag_that_must_not_bend():
    """Met within the horizon and no contact until a week after; nobody knows before horizon and week are over."""
    stories = {
        "calm": [(0, "Order Completed"), (3, "Order Delivered")],
        "late": [(0, "Order Completed"), (11, "Order Delivered")],
        "asked": [(0, "Order Completed"), (1, "Email Received"), (3, "Order Delivered")],
        "asked after": [(0, "Order Completed"), (3, "Order Delivered"), (9.9, "Email Received")],
        "long after": [(0, "Order Completed"), (3, "Order Delivered"), (10.1, "Email Received")],
        "open": [(0, "Order Completed")],
        "young": [(20, "Order Completed"), (21, "Order Delivered")],
        "end": [(36, "Page Viewed")],
    }
    for key, story in stories.items():
        for day, name in story:
            happened(Claim("user_id", key, True), (name, {"order_id": key}), start=NOON + timedelta(days=day))
    journeys.follow()
    projection.follow()
    with lake.reader() as reader:
        found = dict(reader.db.execute("select key, beforehand from needs").fetchall())
    assert found == {
        "calm": True,
        "late": False,
        "asked": False,
        "asked after": False,
        "long after": True,
        "open": False,
        "young": None,
    }
