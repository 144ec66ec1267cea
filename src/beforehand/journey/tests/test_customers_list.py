"""The list of customers: in pages, found by words, picked out by a room above; and a company's page."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from beforehand.customers.identity import Claim, belong, identify
from beforehand.customers.models import Company
from beforehand.journey import account, journeys, lifeline, trend
from beforehand.journey.listing import Chosen
from beforehand.journey.tests.people import NOON, ana_with_a_life, happened
from beforehand.lib import bus
from beforehand.lib.fields import to_micros
from beforehand.team.models import Workspace

pytestmark = pytest.mark.django_db
QUERIES = 10  # one of them is whether the brake is pulled, which a process asks once a second


@pytest.fixture
def as_ben(client, ben):
    client.force_login(ben)
    return client


def people(count):
    Workspace.own()
    for n in range(count):
        happened(Claim("user_id", f"person-{n:03}", True), "Seen", start=NOON + timedelta(minutes=n // 2))
    journeys.follow()


def test_the_latest_seen_come_first_and_pages_neither_repeat_nor_leave_out(as_ben):
    people(120)
    seen, address = [], "/customers"
    while address:
        shown = as_ben.get(address).content.decode()
        seen += [int(row.partition("<")[0]) for row in shown.split(">person-")[1:]]
        address = shown.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
        address = address and "/customers" + address
    assert sorted(seen) == list(range(120))
    assert [n // 2 for n in seen] == sorted((n // 2 for n in seen), reverse=True)


def test_it_takes_few_queries_and_counts_nothing(as_ben):
    people(60)
    with CaptureQueriesContext(connection) as queries:
        as_ben.get("/customers")
    assert len(queries) <= QUERIES, "\n".join(query["sql"][:120] for query in queries)
    assert not [query for query in queries if query["sql"].lower().startswith("select count")]


def test_words_find_and_htmx_gets_the_part_alone(as_ben):
    ana_with_a_life()
    people(3)
    shown = as_ben.get("/customers", {"q": "ana s"}, headers={"HX-Request": "true"}).content.decode()
    assert "Ana Silva" in shown and "person-" not in shown and "<html" not in shown
    assert "begins with “zzz”" in as_ben.get("/customers", {"q": "zzz"}).content.decode()


def test_one_to_whom_nothing_has_happened_is_found_all_the_same(as_ben):
    identify([Claim("user_id", "quiet", True)])
    assert "quiet" in as_ben.get("/customers", {"q": "qui"}).content.decode()


def test_without_customers_it_says_how_to_begin(client, ada):
    client.force_login(ada)
    assert "Make a write key" in client.get("/customers").content.decode()


def test_a_room_above_picks_customers_out(as_ben, monkeypatch):
    ana = ana_with_a_life()
    people(2)
    chosen = Chosen("Customers with “Cart”", ["last week"], [(ana, to_micros(NOON))], 1)
    monkeypatch.setitem(bus._listeners, "customers.chosen", [lambda asked, before, limit: chosen])
    shown = as_ben.get("/customers", {"name": "Cart"}).content.decode()
    assert "Customers with “Cart”" in shown and "last week" in shown
    assert "Ana Silva" in shown and "person-" not in shown


@pytest.mark.parametrize("before", ["x", "1-", "-1", "9" * 70])
def test_nonsense_as_a_place_is_taken_calmly(as_ben, before):
    assert as_ben.get("/customers", {"before": before}).status_code == 200


def test_a_company_shows_its_people_and_what_they_did(as_ben):
    ana_with_a_life()
    happened(Claim("user_id", "tom", True), "Order Completed")
    belong([(identify([Claim("user_id", "tom", True)])[Claim("user_id", "tom", True)], "acme", 5, {"plan": "Pro"})])
    journeys.follow()
    acme = Company.objects.get()
    shown = as_ben.get(f"/companies/{acme.pk}").content.decode()
    for words in ("<h1>Acme</h1>", "2 people", "9 touchpoints", "Ana Silva", "tom", "Pro", "Purchase"):
        assert words in shown


def test_a_company_without_people_and_one_that_there_is_not(as_ben):
    lone = Company.objects.create(key="lone")
    assert "Nobody was seen here yet" in as_ben.get(f"/companies/{lone.pk}").content.decode()
    assert as_ben.get("/companies/99999").status_code == 404


def test_a_company_of_very_many_says_whom_it_shows(as_ben, monkeypatch):
    monkeypatch.setattr(account, "MOST_PEOPLE", 3)
    claims = [Claim("user_id", f"p{n}", True) for n in range(5)]
    for n, claim in enumerate(claims[1:]):
        happened(claim, "Order Completed", start=NOON + timedelta(days=n))
    ids = identify(claims)
    belong([(ids[claim], "acme", 5, {}) for claim in claims])
    journeys.follow()
    found = account.people_of(Company.objects.get())
    assert [str(person.customer) for person in found.shown] == ["p4", "p3", "p2"] and found.left_out == 2
    shown = as_ben.get(f"/companies/{Company.objects.get().pk}").content.decode()
    assert "Of 5 people the 3 who were seen last are shown" in shown and "3 of 5" in shown


def test_a_company_shows_each_stage_over_time(as_ben):
    claim = Claim("user_id", "tom", True)
    for day in (0, 1, 2, 60):
        happened(claim, "Order Completed", start=NOON + timedelta(days=day))
    belong([(identify([claim])[claim], "acme", 5, {})])
    journeys.follow()
    touchpoints = lifeline.of_customers([identify([claim])[claim]])
    (course,) = trend.by_stage(lifeline.read(touchpoints), NOON + timedelta(days=60))
    assert course.total == 4 and len(course.bars) == 2
    assert course.bars[0].height > course.bars[1].height and course.bars[0].x < course.bars[1].x
    assert course.said.startswith("3 touchpoints in the first half")
    assert 'class="course"' in as_ben.get(f"/companies/{Company.objects.get().pk}").content.decode()
