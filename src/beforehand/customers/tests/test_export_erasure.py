"""Everything about a customer can be handed over, and removed in every room."""

import io
import json
import zipfile

import pytest

from beforehand.customers.consent import may, note, standing
from beforehand.customers.erasure import erase
from beforehand.customers.export import archive, export
from beforehand.customers.identity import belong, describe
from beforehand.customers.models import Customer, Edge, Erasure, Identifier, Membership
from beforehand.customers.tests.cast import ANA, BEN, BROWSER, MAIL, NOON, customer_of, identifier_of, member, tie
from beforehand.lib import bus
from beforehand.team.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(monkeypatch):
    """A customer whom the rooms above know as well."""
    listeners = {
        "customers.export": [lambda customers, identifiers: {"touchpoints": [f"of {n}" for n in sorted(identifiers)]}],
        "customers.erase": [
            lambda customers, identifiers: {"record": {"touchpoints": len(identifiers)}},
            lambda customers, identifiers: {"part": "intake", "messages": len(customers)},
        ],
    }
    monkeypatch.setattr(bus, "_listeners", listeners)
    tie(ANA, BROWSER)
    tie(ANA, MAIL)
    ana = identifier_of(ANA)
    describe([(ana.pk, 5, {"name": "Ana Silva"})])
    belong([(ana.pk, "acme", 5, {"name": "Acme"})])
    note(ana, "news", True, NOON, "email", "ticked a box")
    return customer_of(ANA)


def test_an_export_holds_what_every_room_knows(ana):
    ada = member()
    document = export(ana, by=ada)
    assert document["customer"]["name"] == "Ana Silva"
    assert {each["value"] for each in document["identifiers"]} == {"ana", "b-1", "ana@shop.example"}
    assert len(document["edges"]) == 2
    assert document["companies"][0]["company"] == "Acme"
    assert document["consents"][0]["evidence"] == "ticked a box"
    assert len(document["touchpoints"]) == 3
    assert AuditEntry.objects.get().member == ada


def test_an_export_can_be_packed(ana):
    with zipfile.ZipFile(io.BytesIO(archive(export(ana)))) as packed:
        assert json.loads(packed.read("customer.json"))["name"] == "Ana Silva"
        assert "touchpoints.json" in packed.namelist()


def test_an_erasure_leaves_numbers_and_nothing_about_the_person(ana):
    tie(BEN, BROWSER, time=9)
    ben, gone = customer_of(BEN), ana.pk
    erasure = erase(ana, by=member())
    assert erasure.manifest["record"] == {"touchpoints": 3}
    assert erasure.manifest["intake"] == {"messages": 3}
    assert erasure.manifest["customers"] == {"edges": 3, "memberships": 1, "consents": 1, "identifiers": 3}
    assert list(Identifier.objects.all()) == [identifier_of(BEN)]
    assert list(Customer.objects.all()) == [ben]
    assert not Edge.objects.exists() and not Membership.objects.exists()
    kept = json.dumps([erasure.manifest, list(AuditEntry.objects.values("verb", "subject", "detail"))])
    assert not any(name in kept for name in ("ana", "Silva", "b-1"))
    assert AuditEntry.objects.get().subject == f"customer {gone}"


def test_erasing_again_changes_nothing(ana):
    erase(ana)
    assert erase(ana) is None
    assert Erasure.objects.count() == 1


def test_what_arrives_after_an_erasure_begins_anew(ana):
    old = ana.pk
    erase(ana)
    assert customer_of(ANA).pk > old
    assert customer_of(ANA).name == "ana"


def test_the_stricter_consent_holds_after_a_merge(ana):
    note(identifier_of(MAIL), "news", False, NOON.replace(hour=1), "email", "unsubscribed")
    (word,) = standing(ana.pk)
    assert (word.given, word.record.evidence) == (False, "unsubscribed")
    assert not may(ana.pk, "news", "email")


def test_the_latest_word_of_one_person_holds(ana):
    note(identifier_of(ANA), "news", False, NOON.replace(hour=13), "email")
    note(identifier_of(ANA), "news", True, NOON.replace(hour=14), "email")
    assert may(ana.pk, "news", "email")
    assert not may(ana.pk, "news", "text")
    note(identifier_of(ANA), "news", False, NOON.replace(hour=15))
    assert not may(ana.pk, "news", "email"), "withdrawn for every channel"
