"""The boards of needs and of causes: their numbers, who sees whom, and what they do without data."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.urls import reverse

from beforehand.insight import blamed
from beforehand.insight.causes.found import Cause
from beforehand.insight.causes.storing import METHOD, run_search
from beforehand.insight.models import Break, CauseSearch, ContactCause
from beforehand.insight.waits import wait
from beforehand.journey import catalogue
from beforehand.journey.models import Contact, Need
from beforehand.journey.tests.orders import LEO, followed, mia_waits, order

pytestmark = pytest.mark.django_db
NONSENSE = ["", "0", "-1", "x" * 3000, "\0", "1' or 1=1 --", "<script>", "9" * 30]
NOTHING = dict.fromkeys((one.name for one in fields(Cause)), 0.0)
FOUND = {
    "key": "Delivery Delayed", "name": "Delivery Delayed", "sort": "trouble", "kind": "receive-my-order", "step": "",
    "owner": "logistics", "where": (("region", "west"),), "start": "2026-10-01", "end": None, "ordinary": False,
    "value": 61.0, "low": 48.0, "high": 74.0, "observed": 80.0, "expected": 19.0, "found": True, "victims": 90.0,
    "customers": 70, "silent": 30, "cost": 305.0, "cost_low": 240.0, "cost_high": 370.0, "before": 1.0, "before_p": 0.5,
    "mediators": (("late: receive-my-order: delivered", 12),), "rank": 1,
}  # fmt: skip
CLEARED = {**FOUND, "key": "b", "name": "Sync Failed", "found": False}


@pytest.fixture
def mia(db):
    return mia_waits()


@pytest.fixture
def board(client, ada):
    """The text of a page as the owner sees it."""
    client.force_login(ada)

    def open_(name, *args, query="", status=200):
        response = client.get(reverse(name, args=args) + query)
        assert response.status_code == status, response.content[:500]
        return response.content.decode()

    return open_


@pytest.fixture
def search(mia):
    """A search that blamed one cause and cleared another."""
    search = CauseSearch.objects.create(
        finished=datetime.now(UTC),
        method=METHOD,
        payload={
            "contacts": 400, "attributed": 61.0, "customers": 900, "orders": 700, "threads": {"receive-my-order": 650},
            "spread": 1.0, "first": "2026-06-01", "last": "2026-11-01",
        },
    )  # fmt: skip
    contact = Contact.objects.get()
    struck = [[1, mia, (contact.time - timedelta(days=1)).isoformat(), 1]]
    struck.append([2, Need.objects.get(key="2001").customer_id, contact.time.isoformat(), 0])
    for rank, facts in enumerate((FOUND, CLEARED), 1):
        cause = Cause.from_dict(NOTHING | facts)
        ContactCause.objects.create(
            search=search, rank=rank, key=cause.key, found=cause.found, payload=cause.as_dict(), victims=struck
        )
    return search


def test_a_wait_counts_those_who_still_wait():
    seconds = np.array([10.0, 20.0, 30.0, 40.0])
    assert wait(seconds, np.array([True] * 4))[:2] == (20.0, 40.0)
    some = wait(seconds, np.array([True, False, True, False]))
    assert (some.half, some.nine, some.n, some.done) == (30.0, None, 4, 2)
    assert wait(np.zeros(0), np.zeros(0, bool)) == (None, None, 0, 0)


def test_a_wait_is_the_share_of_all_where_all_are_done():
    rng = np.random.default_rng(4)
    seconds = rng.exponential(100, 501)
    found = wait(seconds, np.ones(501, bool))
    ordered = np.sort(seconds)
    assert found.half == ordered[250] and found.nine == ordered[450]


def test_the_board_counts_what_is_open_and_stuck(mia, board):
    page = board("insight:needs")
    assert "3 open now, 1 of them stuck" in page
    assert page.count("<h1") == 1 and "Receive my order" in page


def test_the_page_of_a_kind_shows_the_path_and_who_is_stuck_with_the_reason(mia, board):
    catalogue.correct("Delivery Delayed", label="Parcel late")
    page = board("insight:need", "receive-my-order", query="?days=91").replace("\N{NO-BREAK SPACE}", " ")
    assert "1 here" in page and "1 stuck" in page and "longer than the 5 d that it should take" in page
    assert f"/customers/{mia}#need-" in page and "Where is my parcel?" in page
    assert "Parcel late" in page and "Delivery Delayed" not in page and "logistics" in page


def test_who_is_stuck_is_told_by_whether_they_may_still_be_met_in_time_and_by_step(mia, board):
    order(LEO, "3001", "Order Completed", "Order Packed", ago=4)
    followed()
    page = board("insight:need", "receive-my-order", query="?days=91").replace("\N{NO-BREAK SPACE}", " ")
    assert "2 needs; 1 may still be met in time" in page and ">asked<" in page
    assert page.index(">3001<") < page.index(">1002<") and "Given up when nothing moves it for 28 d" in page
    shipped = board("insight:need", "receive-my-order", query="?days=91&step=delivered")
    assert ">3001<" not in shipped and ">1002<" in shipped and "All steps" in shipped


def test_a_viewer_gets_the_numbers_and_no_names(mia, client, vic):
    client.force_login(vic)
    page = client.get("/needs/receive-my-order?days=91").content.decode()
    assert (
        "1 stuck" in page
        and "Mia Weber" not in page
        and "Where is my parcel?" not in page
        and 'href="/contacts' not in page
    )


def test_a_kind_that_is_not_there_is_not_found(mia, board):
    board("insight:need", "no-such-kind", status=404)
    board("insight:need_trend", "no-such-kind", status=404)
    assert "Not enough data" in board("insight:need_trend", "receive-my-order")


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_in_the_address_is_no_error(mia, board, search, nonsense):
    from urllib.parse import urlencode

    for key in ("days", "segment", "page", "show", "from"):
        query = "?" + urlencode({key: nonsense})
        board("insight:needs", query=query)
        board("insight:need", "receive-my-order", query=query)
        board("insight:cause", ContactCause.objects.first().pk, query=query)


def test_a_segment_narrows_the_needs(mia, board):
    assert "3 open now" in board("insight:needs", query="?segment=channel:web")
    assert "0 open now" in board("insight:needs", query="?segment=channel:phone")


def test_the_board_of_causes_has_owner_interval_money_share_and_the_silent(search, board):
    page = board("insight:causes")
    assert "Delivery late" in page or "Delivery Delayed" in page or "region west" in page
    for part in (
        "logistics",
        "[48–74]",
        "€305<",
        "15.2",
        "30 silent",
        "Too slow: Delivered 12×",
        "1 trouble that was judged",
    ):
        assert part in page.replace("\N{NARROW NO-BREAK SPACE}", " "), part


def test_a_segment_ranks_the_causes_by_whom_of_it_they_struck(search, board):
    page = board("insight:causes", query="?segment=channel:email")
    assert "1 of this segment" in page and "1 of them wrote" in page and "of all customers" in page
    assert "Nobody of this segment was struck" in board("insight:causes", query="?segment=channel:pigeon")


def test_the_board_of_breaks_has_the_excess_contacts_and_leads_to_the_cause(search, board):
    page = board("insight:breaks", query="?days=91")
    cause = ContactCause.objects.get(found=True)
    assert "excess contacts" in page and f'href="/causes/{cause.pk}"' in page and "[48–74]" in page
    assert not Break.objects.exists() and "Sync Failed" not in page


def test_causes_of_other_days_stand_apart(search, board):
    assert "In other days" not in board("insight:causes")
    assert "No cause that is blamed has days in this period" in board(
        "insight:causes", query="?from=2026-01-01&to=2026-01-31"
    )


def test_a_cause_leads_to_whom_it_struck_who_was_silent_and_to_the_contacts(search, mia, board):
    pk = ContactCause.objects.get(found=True).pk
    page = board("insight:cause", pk)
    assert "Mia Weber" in page and "Per 1,000 orders" in page and "is no second cause" in page
    silent = board("insight:cause", pk, query="?show=silent")
    assert "Mia Weber" not in silent and f"/customers/{Need.objects.get(key='2001').customer_id}" in silent
    contacts = board("insight:cause", pk, query="?show=contacts")
    assert f"/contacts/{Contact.objects.get().pk}" in contacts and "1.0" in contacts
    board("insight:cause", 99_999, status=404)


def test_a_cause_of_an_earlier_search_leads_to_that_of_the_latest(search, client, ada):
    client.force_login(ada)
    old = ContactCause.objects.get(found=True)
    again = CauseSearch.objects.create(finished=datetime.now(UTC), method=METHOD, payload=search.payload)
    new = ContactCause.objects.create(search=again, rank=1, key=old.key, found=True, payload=old.payload, victims=[])
    assert client.get(f"/causes/{old.pk}").url == f"/causes/{new.pk}"
    assert client.get(f"/causes/{ContactCause.objects.get(key='b').pk}").status_code == 404


def test_a_viewer_sees_causes_and_no_customers(search, mia, client, vic):
    client.force_login(vic)
    page = client.get(f"/causes/{ContactCause.objects.get(found=True).pk}").content.decode()
    assert "Per 1,000 orders" in page and "Mia Weber" not in page
    assert client.get("/causes").status_code == 200


def test_before_the_first_search_it_says_so_and_after_an_empty_one_that_nothing_is_to_blame(mia, board):
    assert "Nobody has searched yet" in board("insight:causes")
    run_search()
    assert "Nothing is to blame" in board("insight:causes")


def test_weeks_without_a_trouble_count_as_none():
    points = blamed.weeks([(1, 1, "2026-03-02T10:00:00+00:00", 0), (2, 2, "2026-03-18T10:00:00+00:00", 1)])
    assert [point.value for point in points] == [1.0, 0.0, 1.0] and blamed.weeks([]) == []


def test_the_palette_finds_kinds_of_need(mia, client, ada):
    client.force_login(ada)
    assert "/needs/receive-my-order" in client.get(reverse("web:palette"), {"q": "rec ord"}).content.decode()


def test_without_any_touchpoint_the_boards_say_how_to_begin(board):
    for name in ("insight:needs", "insight:causes"):
        assert "No touchpoint has come in yet" in board(name)
