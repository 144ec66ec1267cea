"""Review, merge, export and erasure on pages: they work, refuse and explain."""

import io
import zipfile

import pytest
from django.urls import reverse

from beforehand.customers.merging import merge
from beforehand.customers.models import Customer, Erasure
from beforehand.customers.review import said, taken_back, waiting
from beforehand.customers.tests.cast import ANA, BEN, BROWSER, MAIL, customer_of, tie
from beforehand.lib import bus

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_accounts(monkeypatch):
    monkeypatch.setattr(bus, "_listeners", {})
    tie(ANA, MAIL)
    tie(ANA, BROWSER, time=1)
    tie(BEN, BROWSER, time=2)
    return customer_of(ANA), customer_of(BEN)


@pytest.fixture
def as_ada(client, ada):
    client.force_login(ada)
    return client


def addresses(ana, edge):
    one = {name: reverse(f"customers:{name}", args=[ana.pk]) for name in ("merge", "export", "erasure")}
    return one | {"review": reverse("customers:review"), "approval": reverse("customers:approval", args=[edge.pk])}


def test_the_review_list_shows_both_sides_and_why(as_ada, two_accounts):
    page = as_ada.get(reverse("customers:review")).content.decode()
    assert "ana@shop.example" in page and "ben" in page
    assert "would make two known accounts one customer" in page


@pytest.mark.parametrize("name", ["waiting", "claims", "said", "back", "nonsense"])
def test_every_list_opens_with_and_without_rows(as_ada, two_accounts, name):
    assert as_ada.get(reverse("customers:review"), {"list": name}).status_code == 200


def test_approve_and_undo_on_pages(as_ada, ada, two_accounts):
    as_ada.post(reverse("customers:approval", args=[waiting().get().pk]))
    assert customer_of(ANA) == customer_of(BEN)
    edge = said().get()
    assert edge.member == ada
    answer = as_ada.post(reverse("customers:revocation", args=[edge.pk]), {"next": "/customers/review?list=said"})
    assert answer.url == "/customers/review?list=said"
    assert customer_of(ANA) != customer_of(BEN)


def test_decline_and_restore_on_pages(as_ada, two_accounts):
    edge = waiting().get()
    as_ada.post(reverse("customers:revocation", args=[edge.pk]))
    assert not waiting()
    as_ada.post(reverse("customers:restoration", args=[taken_back().get().pk]))
    assert waiting().get() == edge


@pytest.mark.parametrize(
    "there", ["https://elsewhere.example/", "//elsewhere.example/", "a\0b", "/a\nb", "²", "http://["]
)
def test_next_never_leads_elsewhere(as_ada, two_accounts, there):
    answer = as_ada.post(reverse("customers:revocation", args=[waiting().get().pk]), {"next": there})
    assert answer.url == reverse("customers:review")


def test_merge_finds_shows_both_and_joins(as_ada, two_accounts, client):
    ana, ben = two_accounts
    address = reverse("customers:merge", args=[ana.pk])
    found = as_ada.get(address, {"q": "be"}, headers={"HX-Request": "true", "HX-Target": "found"}).content.decode()
    assert f"?with={ben.pk}" in found and "<html" not in found
    assert "one person?" in as_ada.get(address, {"with": ben.pk}).content.decode()
    answer = as_ada.post(address, {"with": ben.pk})
    assert answer.url == f"/customers/{customer_of(ANA).pk}"
    assert customer_of(ANA) == customer_of(BEN)


@pytest.mark.parametrize("other", ["", "x", "999999", "self", "9" * 40])
def test_merge_explains_what_cannot_be(as_ada, two_accounts, other):
    ana, _ben = two_accounts
    answer = as_ada.post(reverse("customers:merge", args=[ana.pk]), {"with": ana.pk if other == "self" else other})
    assert answer.url == reverse("customers:merge", args=[ana.pk])
    assert customer_of(ANA) != customer_of(BEN)


def test_an_export_comes_as_a_zip_that_nobody_keeps(as_ada, two_accounts):
    answer = as_ada.get(reverse("customers:export", args=[two_accounts[0].pk]))
    assert "customer.json" in zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert answer["Cache-Control"] == "no-store"


def test_an_erasure_wants_the_number_and_then_happens(as_ada, two_accounts):
    ana, _ben = two_accounts
    address = reverse("customers:erasure", args=[ana.pk])
    assert "cannot be undone" in as_ada.get(address).content.decode()
    refused = as_ada.post(address, {"number": "no"})
    assert refused.status_code == 422 and f"Type the number {ana.pk}" in refused.content.decode()
    assert 'value="no"' in refused.content.decode()
    assert as_ada.post(address, {"number": str(ana.pk)}).url == reverse("journey:customers")
    assert not Customer.objects.filter(pk=ana.pk).exists()
    assert Erasure.objects.count() == 1


def test_an_agent_may_not_merge_export_or_erase(client, ben, two_accounts):
    client.force_login(ben)
    for name, address in addresses(two_accounts[0], waiting().get()).items():
        answer = client.post(address) if name == "approval" else client.get(address)
        assert answer.status_code == 403, name


def test_a_manager_may_merge_and_not_erase(client, ben, two_accounts):
    ben.role = "manager"
    ben.save()
    client.force_login(ben)
    one = addresses(two_accounts[0], waiting().get())
    assert client.get(one["merge"]).status_code == client.get(one["review"]).status_code == 200
    assert client.get(one["erasure"]).status_code == client.get(one["export"]).status_code == 403


def test_nobody_sees_anything_without_logging_in(client, two_accounts):
    for address in addresses(two_accounts[0], waiting().get()).values():
        assert client.get(address).url.startswith("/account/login/")


def test_one_who_was_joined_to_another_is_not_merged_again(as_ada, two_accounts):
    ana, ben = two_accounts
    merge(ana, ben)
    gone = ben if customer_of(BEN) == ana else ana
    assert as_ada.get(reverse("customers:merge", args=[gone.pk])).status_code == 404
