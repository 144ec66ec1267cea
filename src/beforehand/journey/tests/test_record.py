import pytest
from django.db import transaction

from beforehand.customers.models import Customer, Identifier
from beforehand.journey.models import CatalogueEntry, Source, Touchpoint
from beforehand.journey.record import Row, clean_json, message_key, record, touchpoints_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    customer = Customer.objects.create(name="Ada")
    Identifier.objects.create(id=customer.id, kind="user_id", value="ada", customer=customer)
    return customer


@pytest.fixture
def source():
    return Source.objects.create(name="till", kind=Source.Kind.SERVER)


def row(source, identifier, message_id="m1", name="Order placed", time=1_000_000, **more):
    return Row(source.id, message_id, identifier.id, name, time, time, **more)


def test_a_repeat_is_recorded_once(ada, source):
    rows = [row(source, ada), row(source, ada), row(source, ada, "m2")]
    assert record(rows) == 2
    assert record(rows) == 0
    assert Touchpoint.objects.count() == 2


def test_the_same_message_id_of_another_source_is_another_touchpoint(ada, source):
    other = Source.objects.create(name="site", kind=Source.Kind.BROWSER)
    assert record([row(source, ada), row(other, ada)]) == 2


def test_sequence_numbers_follow_the_order_given(ada, source):
    record([row(source, ada, f"m{n}", time=100 - n) for n in range(50)])
    assert [t.message_id for t in Touchpoint.objects.order_by("id")] == [f"m{n}" for n in range(50)]


@pytest.mark.parametrize("count", [1, 89, 90, 91, 250])
def test_however_many_go_into_one_statement_each_is_there_once_and_in_order(ada, source, count):
    record([row(source, ada, f"m{n}") for n in range(0, count, 7)])
    there = Touchpoint.objects.count()
    rows = [row(source, ada, f"m{n}") for n in range(count)]
    assert record([*rows, *rows]) == count - there
    fresh = Touchpoint.objects.order_by("id").values_list("message_id", flat=True)[there:]
    assert list(fresh) == [f"m{n}" for n in range(count) if n % 7]


def test_nothing_to_record_is_no_error(ada):
    assert record([]) == 0


@pytest.mark.django_db(transaction=True)
def test_recording_outside_a_transaction_is_refused(ada, source):
    with pytest.raises(transaction.TransactionManagementError):
        record([row(source, ada)])


def test_what_a_database_cannot_hold_is_made_holdable(ada, source):
    record(
        [
            row(
                source,
                ada,
                name="a\0b\ud800" + "c" * 500,
                channel="x" * 99,
                place="y" * 999,
                properties='{"k": "\\u0000", "back": "\\\\u0000"}',
            )
        ]
    )
    found = Touchpoint.objects.get()
    assert found.name == "a\ufffdb\ufffd" + "c" * 196
    assert (len(found.channel), len(found.place)) == (40, 400)
    assert found.properties == {"k": "\ufffd", "back": "\\u0000"}


def test_json_without_a_nul_stays_as_it_was():
    assert clean_json('{"a":"é\\\\u0000"}') == '{"a":"é\\\\u0000"}'


def test_two_overlong_message_ids_stay_two(ada, source):
    long = "x" * 300
    assert message_key(long + "1") != message_key(long + "2")
    assert len(message_key(long)) == 200
    assert record([row(source, ada, long + "1"), row(source, ada, long + "2")]) == 2


def test_a_timeline_spans_all_identifiers_newest_first_without_bookkeeping(ada, source):
    phone = Identifier.objects.create(
        id=Customer.objects.create(current=False).id, kind="anonymous_id", value="phone", customer=ada
    )
    record([row(source, ada, f"a{n}", time=n) for n in (1, 3, 5)])
    record([row(source, phone, f"p{n}", time=n) for n in (2, 3, 4)])
    record([row(source, ada, "i", name="$identify", time=9)])
    assert [t.message_id for t in touchpoints_of(ada.id)] == ["a5", "p4", "p3", "a3", "p2", "a1"]


def test_a_timeline_is_read_in_pages_without_gaps(ada, source):
    record([row(source, ada, f"m{n}", time=n // 3) for n in range(20)])
    seen, before = [], None
    while page := touchpoints_of(ada.id, before=before, limit=7):
        seen += [t.message_id for t in page]
        before = (page[-1].time, page[-1].id)
    assert seen == [f"m{n}" for n in reversed(range(20))]


def test_a_timeline_can_be_narrowed_by_kind_and_channel(ada, source):
    CatalogueEntry.objects.create(name="Wrote to us", version=1, kind="value")
    CatalogueEntry.objects.create(name="Wrote to us", version=2, kind="contact")
    record([row(source, ada, "1", name="Wrote to us", channel="email"), row(source, ada, "2", channel="web")])
    assert [t.message_id for t in touchpoints_of(ada.id, kinds=["contact"])] == ["1"]
    assert [t.message_id for t in touchpoints_of(ada.id, channels=["web"])] == ["2"]
    assert touchpoints_of(ada.id, kinds=["value"], channels=["email"]) == []
