"""The pickers on a page of another room lead back to that page, and say what it shows."""

import re

import pytest
from django.urls import reverse

from beforehand.insight.tests import shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def bar(client, ada):
    client.force_login(ada)
    return lambda query: client.get(f"{reverse('insight:filterbar')}?{query}&for=/customers").content.decode()


def test_a_page_that_was_asked_for_nothing_shows_all_of_the_data(bar):
    shop.load(shop.visits())
    page = bar("q=")
    assert "<b>All of the data</b>" in page
    assert "<b>All customers</b>" in page


def test_what_was_chosen_stands_on_the_buttons_and_stays_in_the_links(bar):
    shop.load(shop.visits())
    page = bar("days=7&segment=plan:pro&name=Order+Completed")
    assert "<b>Last 7 days</b>" in page and "<b>plan: pro</b>" in page
    links = [set(link.split("&amp;")) for link in re.findall(r'href="\?([^"]*)"', page)]
    assert {"segment=plan%3Apro", "name=Order+Completed", "days=28"} in links
    assert "for=%2Fcustomers" in page.split("hx-get", 1)[1], "the segments' menu leads back to the page"
    assert "for=" not in page.split("hx-get", 1)[0], "the period's menu does not carry the path along"


def test_there_is_nothing_to_choose_while_there_is_no_data(bar):
    assert bar("").strip() == ""


def test_the_list_of_customers_asks_for_it(client, ada):
    client.force_login(ada)
    assert reverse("insight:filterbar") in client.get("/customers?days=7").content.decode()
