import random

import pytest

from beforehand.customers.models import Customer, Identifier
from beforehand.journey import journeys
from beforehand.journey.models import Journey, ProjectionCursor, Source, Touchpoint
from beforehand.journey.record import Row, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return [person(f"u{n}") for n in range(5)]


@pytest.fixture
def source():
    return Source.objects.create(name="till", kind=Source.Kind.SERVER)


def person(value):
    customer = Customer.objects.create()
    return Identifier.objects.create(id=customer.id, kind="user_id", value=value, customer=customer)


def put(source, identifier, *times, name="Order placed"):
    start = Touchpoint.objects.count()
    record([Row(source.id, f"m{start + n}", identifier.id, name, time, time) for n, time in enumerate(times)])


def summary():
    return {j.pk: j.touchpoints for j in Journey.objects.all()}


def from_the_record():
    """The projection worked out the slow and plain way."""
    found = {}
    for touchpoint in Touchpoint.objects.select_related("identifier"):
        if not touchpoint.name.startswith("$"):
            found.setdefault(touchpoint.identifier.customer_id, []).append(touchpoint.time)
    return {customer: (min(times), max(times), len(times)) for customer, times in found.items()}


def projected():
    return {j.pk: (j.first_time, j.last_time, j.touchpoints) for j in Journey.objects.all()}


def test_following_adds_up_what_is_new(people, source):
    put(source, people[0], 10, 20)
    assert journeys.follow() == 2
    put(source, people[0], 5, 30)
    put(source, people[1], 7)
    assert journeys.follow() == 3
    assert journeys.follow() == 0
    assert projected() == from_the_record()
    assert summary() == {people[0].customer_id: 4, people[1].customer_id: 1}


def test_bookkeeping_is_followed_but_not_counted(people, source):
    put(source, people[0], 10, name="$identify")
    assert journeys.follow() == 1
    assert summary() == {}
    assert ProjectionCursor.objects.get(name="journeys").sequence == Touchpoint.objects.get().id


def test_a_merge_and_its_undoing_leave_what_the_record_says(people, source):
    first, second = people[:2]
    put(source, first, 10, 20)
    put(source, second, 15)
    journeys.follow()
    second.customer_id = first.customer_id
    second.save()
    journeys.refresh({first.id, second.id})
    assert summary() == {first.id: 3}
    second.customer_id = second.id
    second.save()
    journeys.refresh({first.id, second.id})
    assert projected() == from_the_record()


def test_a_refresh_leaves_what_is_not_followed_yet_to_following(people, source):
    put(source, people[0], 10)
    journeys.follow()
    put(source, people[0], 20)
    journeys.refresh({people[0].id})
    assert summary() == {people[0].id: 1}
    journeys.follow()
    assert summary() == {people[0].id: 2}


def test_small_steps_give_what_one_large_step_gives(people, source, monkeypatch):
    monkeypatch.setattr(journeys, "STEP", 3)
    dice = random.Random(7)
    for identifier in people:
        put(source, identifier, *[dice.randrange(1000) for _ in range(dice.randrange(9))])
    Touchpoint.objects.filter(id__in=list(Touchpoint.objects.values_list("id", flat=True)[4:12])).delete()
    journeys.follow()
    assert projected() == from_the_record()
    assert journeys.rebuild() == Touchpoint.objects.count()
    assert projected() == from_the_record()
