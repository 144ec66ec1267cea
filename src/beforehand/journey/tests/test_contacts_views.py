"""Contacts on pages: the list, one with its cause, a person's word, and the sample that people judge."""

import pytest
from django.test import Client

from beforehand.journey import catalogue
from beforehand.journey.contacts.situation import names
from beforehand.journey.contacts.telling import LINKS, REASONS
from beforehand.journey.models import AuditDraw, AuditItem, Contact, Need, Touchpoint
from beforehand.journey.tests.orders import LEO, followed, mia_waits, order
from beforehand.team.models import AuditEntry

pytestmark = pytest.mark.django_db
NONSENSE = ["", "0", "-1", "x" * 5000, "\0", "1' or 1=1 --", "<script>", "9" * 30, "äöü", "value\n"]


@pytest.fixture
def contact(db):
    mia_waits()
    return Contact.objects.get()


@pytest.fixture
def as_ben(client, ben):
    client.force_login(ben)
    return client


def test_every_feature_of_a_situation_has_its_words():
    assert set(names()) - {"always"} <= set(REASONS)
    assert {"key", "topic", "open", "unknown"} <= set(LINKS)


def test_the_list_shows_what_they_said_why_and_about_what(as_ben, contact):
    shown = as_ben.get("/contacts").content.decode()
    assert "Where is my parcel?" in shown and "Receive my order 1002" in shown and "Mia Weber" in shown


def test_the_list_is_narrowed(as_ben, contact):
    def found(**asked):
        return "Where is my parcel?" in as_ben.get("/contacts", asked).content.decode()

    others = next(cause for cause in Contact.Cause.values if cause != contact.cause)
    assert found(cause=contact.cause) and not found(cause=others)
    assert found(kind="receive-my-order") and not found(kind="return-it")
    assert found(channel="email") and not found(channel="phone")
    assert not found(judged="1")
    assert found(q="PARCEL where") and not found(q="parcel invoice")
    day = contact.time.date().isoformat()
    assert found(**{"from": day, "to": day}) and not found(**{"from": "2020-01-01", "to": "2020-01-31"})
    assert found(segment="channel:email") and not found(segment="channel:phone")


def test_the_list_keeps_days_and_segment_while_it_is_narrowed(as_ben, contact):
    page = as_ben.get("/contacts?days=91&segment=channel:email&cause=failure").content.decode()
    assert '<input type="hidden" name="days" value="91">' in page and 'name="segment" value="channel:email"' in page
    part = as_ben.get("/contacts?days=91&q=parcel", headers={"HX-Request": "true"}).content.decode()
    assert 'id="contacts-bar" hx-swap-oob="true"' in part and "days=91&amp;q=parcel" in part


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_in_the_filters_is_no_error(as_ben, contact, nonsense):
    for key in ("cause", "kind", "channel", "owner", "judged", "q", "days", "from", "segment", "page"):
        assert as_ben.get("/contacts", {key: nonsense}).status_code == 200


def test_one_contact_says_what_speaks_for_its_cause(as_ben, contact):
    catalogue.correct("Delivery Delayed", label="Parcel late")
    assert "Parcel late" in as_ben.get("/contacts").content.decode()
    assert "Parcel late" in as_ben.get(f"/customers/{contact.customer_id}").content.decode()
    shown = as_ben.get(f"/contacts/{contact.pk}").content.decode()
    assert "Where is my parcel?" in shown and "Parcel late" in shown and "Delivery Delayed" not in shown
    assert f"{contact.probability:.2f}" in shown and "it names the number of this need" in shown


def test_a_persons_word_holds_and_can_be_taken_back(as_ben, ben, contact):
    before = contact.cause
    other = "rights" if before != "rights" else "value"
    asked = {"cause": other, "need": contact.need, "why": "She told me on the phone."}
    assert as_ben.post(f"/contacts/{contact.pk}/cause", asked).status_code == 302
    contact.refresh_from_db()
    assert (contact.cause, contact.probability) == (other, 1.0) and contact.overruled_by
    said = Touchpoint.objects.get(name="$contact_judged")
    assert said.properties["why"] == "She told me on the phone." and said.properties["member"] == ben.pk
    assert AuditEntry.objects.filter(member=ben, verb="judged").exists()
    shown = as_ben.get(f"/contacts/{contact.pk}").content.decode()
    assert "said by a person; the machine said" in shown
    as_ben.post(f"/contacts/{contact.pk}/cause", {"back": "1"})
    contact.refresh_from_db()
    assert contact.cause == before and not contact.overruled_by


def test_htmx_gets_the_part_in_place(as_ben, contact):
    part = as_ben.get(f"/contacts/{contact.pk}", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part and f'id="judged-{contact.pk}"' in part
    asked = {"cause": "value", "need": contact.need, "why": ""}
    answer = as_ben.post(f"/contacts/{contact.pk}/cause", asked, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and "toast" in answer.content.decode()


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_in_the_form_is_refused_and_changes_nothing(as_ben, contact, nonsense):
    for asked in ({"cause": nonsense}, {"cause": "value", "need": nonsense or "x"}):
        assert as_ben.post(f"/contacts/{contact.pk}/cause", asked).status_code == 422
    assert not Touchpoint.objects.filter(name="$contact_judged").exists()


def test_another_customers_need_cannot_be_chosen(as_ben, contact):
    foreign = Need.objects.get(key="2001")
    answer = as_ben.post(f"/contacts/{contact.pk}/cause", {"cause": "value", "need": foreign.pk})
    assert answer.status_code == 422 and "2001" not in answer.content.decode()


def test_what_is_not_there_is_not_found(as_ben, contact):
    for path in ("/contacts/999999", "/contacts/999999/cause", "/contacts/audits/99", "/contacts/audits/1/items/1"):
        assert as_ben.post(path).status_code in {404, 405}
        assert as_ben.get(path).status_code in {404, 405}


def test_only_who_may_see_customers_sees_contacts_and_forms_are_guarded(vic, ben, contact):
    viewer = Client()
    viewer.force_login(vic)
    paths = ("/contacts", f"/contacts/{contact.pk}", "/contacts/audits")
    assert {viewer.get(path).status_code for path in paths} == {403}
    assert viewer.post(f"/contacts/{contact.pk}/cause", {"cause": "value"}).status_code == 403
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ben)
    assert strict.post(f"/contacts/{contact.pk}/cause", {"cause": "value"}).status_code == 403
    assert strict.post("/contacts/audits", {"days": 28, "size": 5}).status_code == 403


def test_a_sample_is_judged_one_by_one_without_the_machines_word(as_ben, contact):
    order(LEO, "2001", "Mail Received", ago=0.1, text="Has it left?", channel="email")
    followed()
    drawn = as_ben.post("/contacts/audits", {"days": 28, "size": 10})
    draw = AuditDraw.objects.get()
    assert drawn.url == f"/contacts/audits/{draw.pk}" and draw.items.count() == 2
    assert "Begin" in as_ben.get(drawn.url).content.decode()
    for item in draw.items.order_by("pk"):
        path = f"/contacts/audits/{draw.pk}/items/{item.pk}"
        shown = as_ben.get(path).content.decode()
        assert "probability" not in shown and 'data-keys="1"' in shown
        answer = as_ben.post(path, {"cause": item.stratum, "need_right": "yes"})
        assert answer.status_code == 302
    assert not AuditItem.objects.filter(verdict="").exists()
    agreed = as_ben.get(f"/contacts/audits/{draw.pk}").content.decode()
    assert "2 of 2 contacts are judged" in agreed and "How far people and machine agree" in agreed
    assert "Same cause" in as_ben.get("/contacts/audits").content.decode()


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_in_a_sample_is_refused(as_ben, contact, nonsense):
    assert as_ben.post("/contacts/audits", {"days": nonsense, "size": nonsense}).status_code == 422
    assert as_ben.post("/contacts/audits", {"days": "7", "size": "3"}).status_code == 302
    item = AuditItem.objects.get()
    path = f"/contacts/audits/{item.draw_id}/items/{item.pk}"
    assert as_ben.post(path, {"cause": nonsense, "need_right": nonsense}).url == path
    item.refresh_from_db()
    assert item.verdict == ""


def test_a_period_without_contacts_gives_no_sample(as_ben, db):
    answer = as_ben.post("/contacts/audits", {"days": 1, "size": 5})
    assert answer.status_code == 422 and "no contact" in answer.content.decode()
    assert "No contacts yet" in as_ben.get("/contacts").content.decode()
