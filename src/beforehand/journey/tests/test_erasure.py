"""Somebody is erased: from the record, the lake, the journeys and the failed lane, and nobody else is touched."""

import json

import pytest
from django.conf import settings

from beforehand.customers.erasure import erase
from beforehand.customers.export import export
from beforehand.customers.identity import Claim, identify
from beforehand.customers.models import Customer, Erasure, Identifier
from beforehand.journey import journeys, lake
from beforehand.journey.models import DirtyCustomer, FailedMessage, Journey, Source, Touchpoint
from beforehand.journey.tests.people import ANA, NOON, ana_with_a_life, happened

pytestmark = pytest.mark.django_db(transaction=True)
TOM = Claim("user_id", "tom", True)


@pytest.fixture
def ana():
    pk = ana_with_a_life()
    happened(TOM, "Order Completed", "Order Completed")
    journeys.follow()
    lake.seal()
    source = Source.objects.get(name="shop")
    for n, who in enumerate(("ana", "tom")):
        body = json.dumps({"type": "track", "userId": who})
        FailedMessage.objects.create(source=source, request=n, received=NOON, reason="no_event", body=body)
    return Customer.objects.get(pk=pk)


def in_the_lake():
    with lake.reader() as reader:
        return {customer for (customer,) in reader.db.execute("select distinct customer from touchpoints").fetchall()}


def test_everything_about_one_goes_and_the_other_stays(ana):
    tom = identify([TOM])[TOM]
    erasure = erase(ana)
    assert list(Touchpoint.objects.values_list("identifier", flat=True).distinct()) == [tom]
    assert list(Journey.objects.values_list("customer", flat=True)) == [tom]
    assert in_the_lake() == {tom}
    assert [message.body for message in FailedMessage.objects.all()] == ['{"type": "track", "userId": "tom"}']
    assert erasure.manifest["touchpoints"]["touchpoints"] == 8
    assert erasure.manifest["lake"]["touchpoints"] == 8
    assert erasure.manifest["customers"]["identifiers"] == 2
    assert "ana" not in json.dumps(erasure.manifest).lower()


def test_no_file_of_the_lake_holds_the_erased(ana):
    number = ana.pk
    erase(ana)
    lake.tick()
    import duckdb

    files = [str(path) for path in settings.LAKE.rglob("*.parquet")]
    assert files
    rows = duckdb.execute("select distinct customer from read_parquet(?)", [files]).fetchall()
    assert (number,) not in rows


def test_erasing_again_and_what_comes_later(ana):
    erase(ana)
    assert erase(ana) is None
    happened(ANA, "Order Completed")
    journeys.follow()
    anew = Identifier.objects.get(value="ana").customer
    assert anew.pk != ana.pk
    assert Journey.objects.get(customer=anew).touchpoints == 1
    assert in_the_lake() == {anew.pk, identify([TOM])[TOM]}
    assert Erasure.objects.count() == 1
    assert not DirtyCustomer.objects.filter(customer=ana.pk).exists()


def test_an_export_holds_every_touchpoint_as_it_was_sent(ana):
    document = export(ana)
    assert len(document["touchpoints"]) == 8
    assert document["touchpoints"][0]["properties"] == {"total": 164.9, "currency": "EUR", "order_id": "48213"}
    assert json.dumps(document)
