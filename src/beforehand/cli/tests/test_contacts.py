"""`beforehand contacts` shows, overrules, audits and prices."""

from datetime import timedelta

import pytest
from click.testing import CliRunner

from beforehand.cli import cli
from beforehand.journey.models import CatalogueEntry, Contact
from beforehand.journey.needs import projection
from beforehand.journey.needs.keeping import install_ready_made
from beforehand.journey.tests.people import ANA, NOON, happened


@pytest.fixture
def contact(transactional_db, monkeypatch):
    monkeypatch.setattr("beforehand.cli.contacts.ready", lambda: None)
    install_ready_made()
    for name, kind in [("Mail In", "contact"), ("Order Completed", "value")]:
        CatalogueEntry.objects.create(name=name, version=99, kind=kind)
    happened(ANA, ("Order Completed", {"order_id": "1"}))
    happened(ANA, ("Mail In", {"text": "My parcel came in pieces."}), start=NOON + timedelta(days=3), channel="email")
    projection.follow()
    return Contact.objects.get()


def run(*words):
    return CliRunner().invoke(cli, ["contacts", *map(str, words)])


def test_a_contact_is_shown_with_what_it_was_judged_by(contact):
    shown = run("show", contact.pk)
    assert shown.exit_code == 0
    assert "cause:  failure" in shown.output
    assert "receive-my-order 1" in shown.output
    assert "something is wrong" in shown.output


def test_a_cause_is_overruled_and_the_word_taken_back(contact, ada):
    said = run("overrule", contact.pk, "--cause", "value", "--by", ada.email, "--why", "A joke.")
    assert said.output == f"Contact {contact.pk}: value, 100 % sure.\n"
    assert "a person says so; the machine had said “failure”" in run("show", contact.pk).output
    assert "failure" in run("overrule", contact.pk, "--forget").output


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["show", 99], "There is no contact 99."),
        (["overrule", "{}"], "Say the cause"),
        (["overrule", "{}", "--need", 99], "There is no need 99."),
        (["overrule", "{}", "--cause", "value", "--by", "nobody@example.com"], "There is no member"),
        (["audit", "draw", "--from", "2020-01-01", "--to", "2020-01-02"], "There is no contact in this period."),
        (["audit", "judge", 9, 9, "value", "--by", "ada@example.com"], "is not in sample"),
        (["cost", "phone", "much"], "is no amount"),
        (["cost", "--", "phone", "-3"], "costs nothing or more"),
    ],
)
def test_what_cannot_be_done_says_why(contact, ada, words, reason):
    told = run(*[str(word).format(contact.pk) for word in words])
    assert told.exit_code == 1
    assert reason in told.output


def test_an_audit_from_the_draw_to_the_agreement(contact, ada):
    drawn = run("audit", "draw", "--from", "2026-03-01", "--to", "2026-03-31", "--by", ada.email)
    assert f"{contact.pk:>10}  My parcel came in pieces." in drawn.output
    sample = drawn.output.split("Sample ")[1].split(".")[0]
    assert run("audit", "agreement").output == "0 of 1 judged.\n"
    judged = run("audit", "judge", sample, contact.pk, "failure", "--by", ada.email, "--need-right")
    assert judged.exit_code == 0
    told = run("audit", "agreement", sample).output
    assert "1 of 1 judged." in told
    assert "cause agreed: 100 % [21–100]" in told
    assert "need right:   100 %" in told


def test_costs_are_listed_and_set(contact):
    assert "phone             €8.00" in run("cost").output
    assert run("cost", "phone", "11.5").output == "phone            €11.50\n"
    assert run("cost", "others", "2").output == "others            €2.00\n"
