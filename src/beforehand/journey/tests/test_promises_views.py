"""Promises on pages: the list and its rate, making one, another time, taking one back."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from beforehand.journey import promised
from beforehand.journey.models import Need, Promise, Touchpoint
from beforehand.journey.promises.making import make
from beforehand.journey.tests.orders import MIA, followed, mia_waits
from beforehand.journey.tests.people import happened

pytestmark = pytest.mark.django_db
NONSENSE = [
    "",
    "0",
    "x" * 5000,
    "\0",
    "1' or 1=1 --",
    "<script>",
    "9" * 30,
    "0001-01-01T00:00",
    "9999-12-31T23:59",
    "2026-02-30T10:00",
]


@pytest.fixture
def mia(db):
    return mia_waits()


@pytest.fixture
def as_ben(client, ben):
    client.force_login(ben)
    return client


@pytest.fixture
def promise(mia, ben):
    return make(mia, "A new lamp", timezone.now() + timedelta(days=3), ["Order Shipped"], ben)


def form(**changes):
    due = timezone.localtime(timezone.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    return {"what": "Refund", "due": due, "kept_by": "Refund Issued", "need": "", **changes}


def test_a_promise_is_made_on_the_customers_page(as_ben, ben, mia):
    need = Need.objects.get(key="1002")
    assert as_ben.get(f"/customers/{mia}/promises").status_code == 200
    answer = as_ben.post(f"/customers/{mia}/promises", form(need=need.pk))
    assert answer.url == f"/customers/{mia}"
    made = Promise.objects.get()
    assert (made.what, made.who, made.key, made.key_value) == ("Refund", str(ben), "order_id", "1002")
    assert (made.need_kind, made.need_opened_by) == (need.kind, need.opened_by)
    assert "Refund" in as_ben.get(f"/customers/{mia}").content.decode()
    happened(MIA, ("Refund Issued", {"order_id": "1001"}), start=timezone.now())
    followed()
    made.refresh_from_db()
    assert made.state == "open"
    happened(MIA, ("Refund Issued", {"order_id": "1002"}), start=timezone.now())
    followed()
    made.refresh_from_db()
    assert made.state == "kept"


@pytest.mark.parametrize("field", ["what", "due", "kept_by", "need"])
@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_is_refused_and_nothing_typed_is_lost(as_ben, mia, field, nonsense):
    answer = as_ben.post(
        f"/customers/{mia}/promises",
        form(what="To be kept in mind", **{field: nonsense}) if field != "what" else form(what=nonsense),
    )
    if answer.status_code == 422:
        assert field == "what" or "To be kept in mind" in answer.content.decode()
        assert not Promise.objects.exists()
    else:
        assert answer.status_code == 302 and Promise.objects.count() == 1


def test_another_customers_need_cannot_be_named(as_ben, mia):
    foreign = Need.objects.get(key="2001")
    assert as_ben.post(f"/customers/{mia}/promises", form(need=foreign.pk)).status_code == 422


def test_another_time_ends_the_old_promise(as_ben, promise):
    due = timezone.localtime(timezone.now() + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M")
    answer = as_ben.post(f"/promises/{promise.pk}/renegotiation", {"due": due, "why": "Out of stock"})
    promise.refresh_from_db()
    new = Promise.objects.get(replaces=promise.pk)
    assert promise.state == "renegotiated" and answer.url == f"/promises/{new.pk}"
    assert f"/promises/{new.pk}" in as_ben.get(f"/promises/{promise.pk}").content.decode()
    assert as_ben.post(f"/promises/{promise.pk}/renegotiation", {"due": due}).status_code == 422


def test_a_promise_is_taken_back_once(as_ben, promise):
    as_ben.post(f"/promises/{promise.pk}/withdrawal", {"why": "She found it"})
    promise.refresh_from_db()
    assert promise.state == "withdrawn"
    answer = as_ben.post(f"/promises/{promise.pk}/withdrawal", follow=True)
    assert "settled or ended meanwhile" in answer.content.decode()


def test_a_person_says_that_a_promise_was_kept_with_the_keyboard_s_form(as_ben, ben, promise):
    assert "Mark as kept" in as_ben.get(f"/promises/{promise.pk}").content.decode()
    as_ben.post(f"/promises/{promise.pk}/keeping", {"why": " I called her  myself."})
    promise.refresh_from_db()
    assert promise.state == "kept"
    said = Touchpoint.objects.get(pk=promise.settled_by)
    assert said.name == "Promise Kept" and said.properties["why"] == "I called her myself."
    assert "Mark as kept" not in as_ben.get(f"/promises/{promise.pk}").content.decode()
    again = as_ben.post(f"/promises/{promise.pk}/keeping", follow=True)
    assert "settled or ended meanwhile" in again.content.decode()


@pytest.mark.parametrize("deed", ["keeping", "withdrawal"])
@pytest.mark.parametrize("nonsense", ["x" * 301, "sent \0 twice"])
def test_a_reason_that_cannot_be_kept_is_refused_whole(as_ben, promise, deed, nonsense):
    answer = as_ben.post(f"/promises/{promise.pk}/{deed}", {"why": nonsense})
    assert answer.status_code == 422 and nonsense.strip("\0") in answer.content.decode()
    promise.refresh_from_db()
    assert promise.state == "open" and not Touchpoint.objects.filter(name__in=["Promise Kept", "Promise Withdrawn"])


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_a_time_that_is_none_is_refused(as_ben, promise, nonsense):
    answer = as_ben.post(f"/promises/{promise.pk}/renegotiation", {"due": nonsense})
    assert answer.status_code == 422 or nonsense.startswith("9999")


def test_the_list_has_its_states_and_its_rate(as_ben, ben, mia):
    now = timezone.now()
    make(mia, "Soon", now + timedelta(hours=5), ["Refund Issued"], ben)
    make(mia, "Later", now + timedelta(days=5), ["Refund Issued"], ben)
    Promise.objects.filter(what="Soon").update(state="open")
    late = make(mia, "Missed", now + timedelta(days=1), ["Refund Issued"], ben)
    Promise.objects.filter(pk=late.pk).update(due=now - timedelta(days=1), state="broken")

    def shown(**asked):
        text = as_ben.get("/promises", asked).content.decode()
        return {what for what in ("Soon", "Later", "Missed") if f">{what}<" in text}

    assert shown() == {"Soon", "Later"} and shown(show="risk") == {"Soon"} and shown(show="broken") == {"Missed"}
    assert shown(show="all", what="Later") == {"Later"} and shown(show="nonsense", page="x") == {"Soon", "Later"}
    rate = promised.Asked({}).rate(now)
    assert (rate.kept, rate.n) == (0, 1) and 0 <= rate.interval.low <= rate.interval.high < 1


def test_an_empty_list_says_how_a_promise_comes_about(as_ben, db):
    assert "Nothing was promised yet" in as_ben.get("/promises").content.decode()


def test_roles_and_forms_are_guarded(vic, ben, promise):
    viewer = Client()
    viewer.force_login(vic)
    posts = (f"/promises/{promise.pk}/withdrawal", f"/promises/{promise.pk}/renegotiation", "/customers/1/promises")
    assert {viewer.get("/promises").status_code, viewer.get(f"/promises/{promise.pk}").status_code} == {403}
    assert {viewer.post(path).status_code for path in posts} == {403}
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ben)
    assert {strict.post(path).status_code for path in posts} == {403}
    plain = Client()
    plain.force_login(ben)
    assert (
        plain.get("/promises/99999").status_code == 404 and plain.post("/promises/99999/withdrawal").status_code == 404
    )
    assert plain.get("/customers/99999/promises").status_code == 404
