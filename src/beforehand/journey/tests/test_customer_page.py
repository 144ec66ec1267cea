"""A customer's page: who they are and all that happened, in few queries."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from beforehand.customers.identity import Claim, Link, connect, identify
from beforehand.customers.models import Edge
from beforehand.journey.needs import projection
from beforehand.journey.tests.people import ANA, BROWSER, NOON, ana_with_a_life, happened

pytestmark = pytest.mark.django_db
QUERIES = 20


@pytest.fixture
def ana(db):
    return ana_with_a_life()


@pytest.fixture
def as_ben(client, ben):
    client.force_login(ben)
    return client


def page(client, pk, **asked):
    answer = client.get(f"/customers/{pk}", asked)
    assert answer.status_code == 200
    return answer.content.decode()


def part(client, pk, **asked):
    return client.get(f"/customers/{pk}/timeline", asked, headers={"HX-Request": "true"}).content.decode()


def test_it_shows_who_and_what_over_all_identifiers(as_ben, ana):
    shown = page(as_ben, ana)
    assert "<h1>Ana Silva</h1>" in shown and "8 touchpoints" in shown and "March 2026" in shown
    for words in ("Order completed", "€164.90", "48213", "News sent", "Acme", "Bantry", "b-1"):
        assert words in shown
    assert "Is it &lt;lost&gt;?" in shown


def test_it_takes_few_queries_however_much_there_is(as_ben, ana):
    happened(ANA, *(["Order Completed"] * 120), step=timedelta(minutes=7))
    projection.follow()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page(as_ben, ana)
    assert len(queries) <= QUERIES, "\n".join(query["sql"][:120] for query in queries)


def test_kinds_are_counted_and_chosen(as_ben, ana):
    assert "Contacts <small>1</small>" in page(as_ben, ana)
    contacts = part(as_ben, ana, kind="contact")
    assert "Mail received" in contacts and "Order completed" not in contacts
    assert "<html" not in contacts


def test_a_channel_can_be_chosen(as_ben, ana):
    mail = part(as_ben, ana, channel="email")
    assert "Mail received" in mail and "Order completed" not in mail


def test_silence_is_said(as_ben, ana):
    assert "18 d 23 h" in page(as_ben, ana).replace("\N{NO-BREAK SPACE}", " ")


def test_earlier_goes_on_where_the_page_ended(as_ben, ana):
    happened(ANA, *[f"Step {n}" for n in range(120)], start=NOON - timedelta(days=9))
    seen, before = [], ""
    for number in range(10):
        if number and not before:
            break
        shown = part(as_ben, ana, before=before) if before else page(as_ben, ana)
        seen += [n for n in range(120) if f"<b>Step {n}</b>" in shown]
        before = shown.partition("before=")[2].partition('"')[0]
    assert sorted(seen) == list(range(120)) and not before


@pytest.mark.parametrize("before", ["x", "-", "1-", "-5", "9" * 60, "1-99999999999999999999999999"])
def test_nonsense_as_a_place_is_taken_calmly(as_ben, ana, before):
    assert as_ben.get(f"/customers/{ana}/timeline", {"before": before}).status_code == 200


def test_an_unknown_kind_is_no_page(as_ben, ana):
    assert as_ben.get(f"/customers/{ana}", {"kind": "nonsense"}).status_code == 404


def test_repeats_are_one_line(as_ben, ana):
    happened(ANA, *(["Basket Poked"] * 4), start=NOON + timedelta(days=30), step=timedelta(minutes=1))
    shown = page(as_ben, ana)
    assert shown.count("<b>Basket Poked</b>") == 1 and "4 times, from 12:00" in shown


def test_bookkeeping_is_not_part_of_a_life(as_ben, ana):
    happened(ANA, "$identify", start=NOON + timedelta(days=40))
    assert "$identify" not in page(as_ben, ana)


def test_it_is_up_to_date_without_the_projection(as_ben, ana):
    happened(ANA, "Just Now", start=NOON + timedelta(days=50))
    assert "Just Now" in page(as_ben, ana)


def test_the_number_of_one_who_was_joined_leads_to_the_customer(as_ben, ana):
    (browser,) = identify([BROWSER]).values()
    assert as_ben.get(f"/customers/{browser}").url == f"/customers/{ana}"


@pytest.mark.parametrize("known", ["user_id/ana", "anonymous_id/b-1", "user_id/%20ana"])
def test_other_systems_link_by_an_identifier(as_ben, ana, known):
    assert as_ben.get(f"/customers/as/{known}").url == f"/customers/{ana}"


@pytest.mark.parametrize("known", ["user_id/nobody", "user_id/null", "nonsense/ana", "email/ana"])
def test_an_identifier_of_nobody_is_not_found(as_ben, ana, known):
    assert as_ben.get(f"/customers/as/{known}").status_code == 404


def test_one_that_there_is_not_is_not_found(as_ben, ana):
    assert as_ben.get("/customers/99999999").status_code == 404
    assert as_ben.get(f"/customers/{'9' * 30}").status_code in {400, 404}


def test_a_customer_without_touchpoints_says_so(as_ben, db):
    (zoe,) = identify([Claim("user_id", "zoe", True)]).values()
    assert "Nothing has happened yet" in page(as_ben, zoe)


def test_only_who_may_configure_can_undo(as_ben, ana, ada, client):
    edge = Edge.objects.get()
    assert f"/customers/edges/{edge.pk}/revocation" not in page(as_ben, ana)
    client.force_login(ada)
    shown = page(client, ana)
    assert f"/customers/edges/{edge.pk}/revocation" in shown and f"/customers/{ana}/erasure" in shown


def test_a_claimed_identifier_says_that_it_is_only_claimed(as_ben, db):
    ids = identify([BROWSER, Claim("email", "x@home.example", False)])
    one, other = ids.values()
    connect([Link(one, other, False, 10, 1, "identify call")])
    assert ">claimed<" in page(as_ben, ids[Claim("email", "x@home.example", False)])


def test_a_viewer_may_not_see_customers(client, vic, ana):
    client.force_login(vic)
    for address in (f"/customers/{ana}", f"/customers/{ana}/timeline", "/customers", "/live"):
        assert client.get(address).status_code == 403


def test_nobody_sees_a_customer_without_logging_in(client, ana):
    for address in (f"/customers/{ana}", f"/customers/{ana}/timeline", "/customers", "/companies/1", "/live"):
        assert client.get(address).url.startswith("/account/login/")
