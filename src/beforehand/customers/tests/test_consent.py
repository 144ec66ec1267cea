"""What a customer says about being written to is kept, by page and by command, and the latest word holds."""

import pytest
from click.testing import CliRunner
from django.urls import reverse

from beforehand.cli.customers import customers
from beforehand.customers.consent import may, note, say, standing
from beforehand.customers.models import Consent
from beforehand.customers.tests.cast import ANA, MAIL, NOON, customer_of, identifier_of, tie
from beforehand.team.models import AuditEntry

pytestmark = pytest.mark.django_db
SAID = {"purpose": "outreach", "given": "yes", "source": "on the phone", "remark": "asked twice"}


@pytest.fixture
def ana():
    tie(ANA, MAIL)
    return customer_of(ANA)


@pytest.fixture
def run(monkeypatch, ana):
    monkeypatch.setattr("beforehand.cli.customers.ready", lambda: None)
    return lambda *words: CliRunner().invoke(customers, ["consent", *words])


def test_a_member_notes_that_leave_is_given(client, ben, ana):
    client.force_login(ben)
    address = reverse("customers:consent", args=[ana.pk])
    assert client.post(address, SAID).url == reverse("journey:customer", args=[ana.pk])
    (word,) = standing(ana.pk)
    assert (word.purpose, word.given, word.record.evidence) == ("outreach", True, "on the phone: asked twice")
    assert word.record.member == ben and may(ana.pk, "outreach", "email")
    entry = AuditEntry.objects.first()
    assert (entry.verb, entry.subject, entry.member) == ("noted consent of", f"customer {ana.pk}", ben)
    client.post(address, {**SAID, "given": "no"})
    assert not may(ana.pk, "outreach", "email")
    page = client.get(reverse("journey:customer", args=[ana.pk])).content.decode()
    assert "asked twice" in page and "withdrawn" in page and address in page


def test_a_word_given_anew_outweighs_a_withdrawal_on_any_identifier(ana):
    note(identifier_of(MAIL), "survey", False, NOON, "email", "unsubscribed")
    say(ana, "survey", True, "by e-mail")
    assert may(ana.pk, "survey", "email")
    say(ana, "survey", False, "by e-mail")
    assert not may(ana.pk, "survey", "email") and not may(ana.pk, "survey", "text")
    assert Consent.objects.filter(evidence="unsubscribed", given=False).exists(), "nothing is written over"


@pytest.mark.parametrize("change", [{"purpose": "reply"}, {"given": ""}, {"source": ""}, {"remark": "x" * 201}])
def test_a_word_without_sense_is_refused(client, ada, ana, change):
    client.force_login(ada)
    answer = client.post(reverse("customers:consent", args=[ana.pk]), {**SAID, **change})
    assert answer.status_code == 422 and not Consent.objects.exists()


def test_who_may_not_see_customers_notes_nothing(client, vic, ana):
    client.force_login(vic)
    assert client.post(reverse("customers:consent", args=[ana.pk]), SAID).status_code == 403


def test_the_form_comes_alone_for_the_page_that_asks(client, ben, ana):
    client.force_login(ben)
    address = reverse("customers:consent", args=[ana.pk])
    assert "<html" in client.get(address).content.decode()
    part = client.get(address, HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in part and "<form" in part


def test_by_command(run, ana):
    assert "said nothing" in run("ana").output
    assert "outreach  given" in run("ana", "--give", "outreach", "--source", "on paper").output
    assert "outreach  withdrawn" in run("ana", "--withdraw", "outreach", "--source", "on paper").output
    assert "on paper" in run("ana").output
    for wrong in (["--give", "reply", "--source", "x"], ["--give", "survey"], ["--give", "a", "--withdraw", "a"]):
        assert run("ana", *wrong).exit_code == 2
