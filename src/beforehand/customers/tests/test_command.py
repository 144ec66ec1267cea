"""The command line says who is who in plain words."""

import json

import pytest
from click.testing import CliRunner

from beforehand.cli.customers import customers
from beforehand.customers.claims import Claim
from beforehand.customers.models import Customer
from beforehand.customers.review import waiting
from beforehand.customers.tests.cast import ANA, BEN, BROWSER, MAIL, customer_of, tie

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setattr("beforehand.cli.customers.ready", lambda: None)
    tie(ANA, MAIL)
    tie(ANA, BROWSER, time=1)
    tie(BEN, BROWSER, time=2)
    return lambda *words, **more: CliRunner().invoke(customers, [str(word) for word in words], **more)


def test_find_and_show(run):
    assert "ana@shop.example" in run("find", "ana").output
    shown = run("show", "ana@shop.example").output
    assert "user_id       ana  (proved)" in shown
    assert "sent together by our server" in shown


def test_an_identifier_that_is_another_ones_beginning_is_taken_at_its_word(run):
    tie(Claim("user_id", "anabel", True), Claim("anonymous_id", "b-9", False))
    assert "c-" not in run("show", "ana").output and "(proved)" in run("show", "ana").output


def test_merge_and_undo(run):
    merged = run("merge", "ana", customer_of(BEN).pk)
    assert customer_of(ANA) == customer_of(BEN)
    assert run("undo", merged.output.split()[-1]).output == "Taken back.\n"
    assert customer_of(ANA) != customer_of(BEN)


def test_review_approve_and_decline(run):
    edge = waiting().get()
    assert f"[{edge.pk}] " in run("review").output
    run("decline", edge.pk)
    assert "Nothing waits" in run("review").output


def test_approve_joins(run):
    assert "one customer now" in run("approve", waiting().get().pk).output
    assert customer_of(ANA) == customer_of(BEN)


def test_export_as_json_and_to_a_file(run, tmp_path):
    assert json.loads(run("export", "ana@shop.example").output)["customer"]["name"] == "ana@shop.example"
    assert run("export", "ben", "--to", tmp_path / "ben.zip").exit_code == 0
    assert (tmp_path / "ben.zip").read_bytes().startswith(b"PK")
    assert "cannot be written" in run("export", "ben", "--to", tmp_path / "no" / "ben.json").output


def test_erase_asks_first(run):
    assert run("erase", "ben", input="n\n").exit_code == 1
    assert customer_of(BEN)
    assert "1 identifiers" in run("erase", "ben", "--yes").output
    assert Customer.objects.filter(current=True).count() == 1


def test_it_explains_who_was_not_found_and_who_is_several(run):
    assert "no customer “zoe”" in run("show", "zoe").output
    tie(Claim("user_id", "bea", True), Claim("anonymous_id", "b-8", False))
    assert "more than one" in run("show", "be").output
    assert "no evidence number 99" in run("undo", 99).output
    assert "one and the same" in run("merge", "ana", "b-1").output
