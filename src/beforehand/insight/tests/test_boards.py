"""What the boards show, to whom, and what they do with questions that make no sense."""

import csv
import io
import re
from urllib.parse import quote

import pytest
from django.urls import reverse
from django.utils import timezone

from beforehand.insight import filters, measures
from beforehand.insight.query import Query
from beforehand.insight.run import run
from beforehand.insight.tests import shop
from beforehand.journey import lake

PAGES = {
    "web:home": 24,
    "insight:map": 24,
    "insight:table": 18,
    "insight:variants": 18,
    "insight:measures": 18,
    "insight:breaks": 22,
    "insight:stages": 23,
    "insight:scores": 20,
    "insight:segments": 19,
}
"""Every board with the most SQL statements that it may take, log-in, layout and snapshot included."""
LABELS = {"viewed": "Looked at a product", "added": "Put a product in the cart", "bought": "Order placed"}
"""What the starter catalogue calls the shop's touchpoints."""
INSIDE = re.compile(r'<script(?![^>]*\bsrc=)|\bstyle="|\bon(click|load)=')


@pytest.fixture
def data(db):
    shop.load(shop.visits())


@pytest.fixture
def board(client, ada):
    """The text of a page as the owner sees it."""
    client.force_login(ada)

    def open_(name, *args, query="", status=200, **headers):
        response = client.get(reverse(name, args=args) + query, **headers)
        assert response.status_code == status, response.content[:500]
        return b"".join(response.streaming_content).decode() if response.streaming else response.content.decode()

    return open_


@pytest.mark.parametrize("name", PAGES)
def test_a_board_opens_within_its_statements_and_says_nothing_that_the_policy_refuses(
    name, data, board, django_assert_max_num_queries
):
    shop.break_found()
    board(name)
    with django_assert_max_num_queries(PAGES[name]):
        page = board(name)
    assert page.count("<h1") == 1
    assert not INSIDE.search(page)
    assert "<script>alert" not in page


@pytest.mark.parametrize("slug", measures.all())
def test_every_measure_has_a_page_with_its_number_its_parts_and_its_rows(slug, data, board):
    page = board("insight:measure", slug)
    assert str(measures.all()[slug].definition).split(":")[0].split("“")[0][:40] in page.replace("&#x27;", "'")
    assert "How it is counted" in page and "<pre" in page
    assert not INSIDE.search(page)
    for part in ("line", "split", "rows"):
        assert "<html" not in board(f"insight:{part}", slug, HTTP_HX_REQUEST="true")


@pytest.mark.parametrize("name", ["web:home", "insight:map", "insight:measures", "insight:breaks", "insight:table"])
def test_without_any_touchpoint_a_board_says_how_to_begin(name, board):
    page = board(name)
    assert "No touchpoint has come in yet" in page
    assert "beforehand import" in page


@pytest.mark.parametrize("query", ["?days=no", "?from=2026-13-01", "?segment=x", "?from=2026-02-01&to=2026-01-01"])
def test_a_question_that_makes_no_sense_is_answered_with_the_usual_page_and_a_word(query, data, board):
    assert "banner near" in board("insight:map", query=query)


@pytest.mark.parametrize("query", ["?segment=plan:none", "?from=2001-01-01&to=2001-01-02"])
@pytest.mark.parametrize("name", ["web:home", "insight:map", "insight:table", "insight:variants", "insight:stages"])
def test_days_and_segments_without_touchpoints_are_no_error(name, query, data, board):
    board(name, query=query)


@pytest.mark.parametrize("slug", measures.all())
def test_a_measure_of_nothing_says_so(slug, data, board):
    page = board("insight:measure", slug, query="?segment=plan:none")
    assert "nothing to count" in page or "too few" in page or "stat-value" in page
    board("insight:split", slug, query="?segment=plan:none")


@pytest.mark.parametrize("part", ["split", "rows", "line"])
def test_a_part_of_a_measure_is_a_page_too_for_whoever_has_no_script(part, data, board):
    assert ("<html" in board(f"insight:{part}", "contact-rate")) is (part != "line")


def test_nobody_sees_a_board_without_logging_in(client, data):
    for name in PAGES:
        response = client.get(reverse(name))
        assert response.status_code == 302 and response["Location"].startswith("/account/login/")


def test_a_viewer_sees_numbers_but_no_customer(client, vic, data):
    client.force_login(vic)
    page = client.get(reverse("insight:measure", args=["touchpoints"])).content.decode()
    assert "The rows" not in page
    for name in ("rows", "rows-csv"):
        assert client.get(reverse(f"insight:{name}", args=["touchpoints"])).status_code == 403
    flow = client.get(reverse("insight:flow") + "?start=Product Viewed&next=Product Added")
    assert b"The latest" not in flow.content and flow.status_code == 200


def test_the_home_board_opens_with_contacts_where_there_are_any(data, board):
    page = board("web:home")
    assert "Contacts per 1,000 active customers" in page
    with lake.reader() as reader:
        chosen = filters.of({}, reader, timezone.localdate())
        value = run(Query("contact-rate", chosen.start, chosen.end), reader).value
    assert f'value="{value}"' in page


def test_the_home_board_opens_with_customers_where_nothing_is_a_contact(board, db):
    shop.load(row for row in shop.visits() if "Ticket" not in row[1])
    assert "Active customers" in board("web:home")


def test_the_home_board_says_when_messages_wait(data, board):
    from beforehand.journey.models import FailedMessage, Source

    assert "could not be read" not in board("web:home")
    FailedMessage.objects.create(source=Source.objects.first(), reason="bad", received=1, body="{")
    assert "could not be read" in board("web:home")


def test_the_map_names_what_it_draws_and_links_it(data, board):
    page = board("insight:map")
    assert LABELS["viewed"] in page and LABELS["bought"] in page
    url = reverse("insight:touchpoint", args=["Product Added"])
    assert f'href="{url}' in page and f'aria-label="{LABELS["added"]},' in page
    assert "&lt;script&gt;" in page


def test_a_break_is_marked_on_the_map_and_drains_to_service(data, board):
    assert 'class="drain-note"' not in board("insight:map")
    shop.break_found()
    page = board("insight:map")
    assert 'class="drain-note"' in page and 'class="break"' in page and "+30" in page
    assert "One break" in page


def test_a_break_of_other_days_is_not_on_the_map(data, board):
    shop.break_found(start="2020-01-01", end="2020-02-01")
    assert 'class="break"' not in board("insight:map")
    assert "In other days" in board("insight:breaks")


def test_a_break_has_a_page_with_its_weeks_and_its_customers(data, board):
    found = shop.break_found()
    page = board("insight:break", found.pk)
    assert "customers with plan “pro” who reached “Put a product in the cart” came more often to" in page
    assert "0.002" in page
    weeks = board("insight:course", found.pk, HTTP_HX_REQUEST="true")
    assert "<svg" in weeks and ">pro<" in weeks and "the others" in weeks


def test_a_break_leads_to_the_customers_behind_it(data, board, client):
    found = shop.break_found(segment="plan=free")
    (address,) = re.findall(r'href="(/customers\?break=\d+)"', board("insight:break", found.pk))
    listed = client.get(address).content.decode()
    # Those of plan free (every third) who wrote to us (every fourth) in the break's twenty days.
    struck = {f"u{number}" for number in range(40) if number % 12 == 0 and number % 25 < 20}
    assert struck <= set(re.findall(r"u\d+", listed))


def test_a_touchpoint_leads_to_its_customers(data, board, client):
    panel = board("insight:touchpoint", "Order Completed", HTTP_HX_REQUEST="true")
    (address,) = re.findall(r'href="(/customers\?name=[^"]+)"', panel)
    assert "u1" in re.findall(r"u\d+", client.get(address.replace("&amp;", "&")).content.decode())


@pytest.mark.parametrize(
    "changes",
    [
        {"segment": ""},
        {"to": "", "kind": "dead_end", "measure": "stop"},
        {"kind": "wait", "measure": "wait", "unit": "seconds", "value": 900.0, "baseline": 300.0},
        {"start": None},
        {"pause": None},
        {"measure": "seen"},
    ],
)
def test_every_kind_of_break_can_be_drawn(changes, data, board):
    found = shop.break_found(**changes)
    board("insight:breaks")
    board("insight:break", found.pk)
    board("insight:course", found.pk)
    board("insight:map")


def test_the_panel_of_a_touchpoint_says_what_follows(data, board):
    panel = board("insight:touchpoint", "Product Added", HTTP_HX_REQUEST="true")
    assert "<html" not in panel
    assert "What follows" in panel and LABELS["bought"] in panel and "50.0" in panel
    board("insight:touchpoint", "Never Seen", status=404)
    odd = board("insight:touchpoint", shop.ODD)
    assert "<script>alert" not in odd


def test_a_flow_has_its_waits_and_its_customers(data, board):
    panel = board("insight:flow", query="?start=Product Viewed&next=Product Added", HTTP_HX_REQUEST="true")
    assert "7\u00a0min" in panel and "How long it took" in panel and "The latest" in panel
    board("insight:flow", query="?start=Product Viewed&next=Nowhere", status=404)
    board("insight:flow", status=404)


def test_transitions_come_as_a_file_that_no_spreadsheet_runs(data, board):
    rows = list(csv.reader(io.StringIO(board("insight:transitions", query="?days=365"))))
    assert rows[0] == ["from", "to", "n", "median_seconds", "mean_seconds", "p90_seconds"]
    first = next(row for row in rows if row[:2] == ["Product Viewed", "Product Added"])
    assert int(first[2]) == 80 and float(first[3]) == 420.0
    assert not any(cell.startswith("=") for row in rows for cell in row)


def test_rows_come_as_a_file(data, board):
    rows = list(csv.reader(io.StringIO(board("insight:rows-csv", "touchpoints", query="?days=365"))))
    assert "customer" in rows[0]
    assert len(rows) - 1 == sum(1 for _ in shop.visits())


def test_the_table_is_sorted_by_the_column_asked_for(data, board):
    assert 'aria-sort="descending"' in board("insight:table", query="?sort=p90")
    board("insight:table", query="?sort=nonsense&page=99999")


def test_the_segments_menu_leads_back_to_the_board_that_asked(data, board):
    page = board("insight:segments", query="?for=/measures&days=7", HTTP_HX_REQUEST="true")
    assert 'href="/measures?days=7&amp;segment=plan%3Apro"' in page
    for elsewhere in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        assert "evil" not in board("insight:segments", query=f"?for={quote(elsewhere)}")
        assert "javascript:" not in board("insight:segments", query=f"?for={quote(elsewhere)}")


def test_a_segment_narrows_every_number(data, board):
    whole, part = (board("insight:table", query=query) for query in ("?days=365", "?days=365&segment=plan:free"))
    assert whole != part
    assert "plan: free" in part


def test_the_report_is_one_file_to_take_away(data, board):
    page = board("insight:report", query="?days=90")
    assert page.lstrip().lower().startswith("<!doctype html") and "http://" not in page.replace("http://www.w3.org", "")


def test_a_measure_that_there_is_not_is_not_found(data, board):
    board("insight:measure", "no-such-measure", status=404)


def test_the_rows_of_a_measure_can_be_only_those_that_count(data, board):
    every, hits = (board("insight:rows", "contact-rate", query=f"?days=91{more}") for more in ("", "&rows=hits"))
    assert "Only those that count" in every and 'class="faint">no' in every
    assert 'class="faint">no' not in hits and "yes</td>" in hits
    csv_rows = list(csv.DictReader(io.StringIO(board("insight:rows-csv", "contact-rate", query="?days=91&rows=hits"))))
    assert csv_rows and {row["value"] for row in csv_rows} == {"1"}
    assert "Only those that count" not in board("insight:rows", "transitions")
