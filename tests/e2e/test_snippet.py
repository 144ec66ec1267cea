"""The snippet in a real browser, on a site of another origin with a strict content policy."""

from collections.abc import Iterator

import pytest

from beforehand.journey.tests.live import Live, live
from tests.e2e.site import Site

PAGE = """<!doctype html><title>A shop</title>
<script async src="{host}/beforehand.js" data-key="{key}" {more}></script>
<button data-bh-event="Basket opened" data-bh-item-count="3"><span>Basket</span></button><a href="/other">Other</a>"""
SEEN = (
    "SELECT t.name, i.value, t.place, t.properties FROM journey_touchpoint t"
    " JOIN customers_identifier i ON i.id = t.identifier_id ORDER BY t.time, t.id"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Live]:
    with live(tmp_path_factory.mktemp("snippet")) as server:
        yield server


class Tracked(Site):
    """A shop that has put the snippet into its pages; what stands in `more` goes into the tag."""

    def __init__(self, server: Live) -> None:
        super().__init__()
        self.host = server.address
        self.policy = f"default-src 'none'; script-src {self.host}; connect-src {self.host}"
        self.key = server.key("browser", f"Site {self.server.server_port}", "--origin", self.address)
        self.tag()

    def tag(self, more: str = "") -> None:
        self.page = PAGE.format(host=self.host, key=self.key, more=more)


@pytest.fixture
def site(server) -> Iterator[Tracked]:
    site = Tracked(server)
    yield site
    site.close()


@pytest.fixture
def visit(new_window, site):
    """A visitor of their own, on a page whose snippet is ready."""
    page = new_window()

    def visit(path="/products?secret=1&utm_source=letter"):
        page.goto(site.address + path)
        return page

    return visit


def seen(server, site, count):
    """What the site's source has recorded, once there is so much."""
    of_site = f" JOIN journey_source s ON s.id = t.source_id WHERE s.name LIKE '%{site.address[-5:]}' ORDER"
    return server.wait_for_rows(SEEN.replace(" ORDER", of_site), count)


def test_views_clicks_and_own_events_arrive_and_nothing_is_stored(server, site, visit):
    page = visit()
    page.click("button span")
    page.evaluate("beforehand.track('Coupon entered', {code: 'SPRING'})")
    rows = seen(server, site, 3)
    assert [row[0] for row in rows] == ["Page viewed", "Basket opened", "Coupon entered"]
    assert {row[2] for row in rows} == {"/products"}
    assert len({row[1] for row in rows}) == 1
    assert "itemCount" in rows[1][3] and "secret" not in str(rows)
    assert page.evaluate("localStorage.length") == 0 and page.context.cookies() == []


def test_a_visitor_is_known_again_only_after_consent(server, site, visit):
    visit()
    page = visit()
    page.evaluate("beforehand.consent(true)")
    visit()
    rows = seen(server, site, 3)
    first, second, third = (row[1] for row in rows)
    assert first != second == third
    page.evaluate("beforehand.consent(false)")
    assert page.evaluate("localStorage.length") == 0


def test_nothing_is_sent_before_consent_where_the_site_says_so(server, site, visit):
    site.tag('data-before="nothing"')
    page = visit()
    page.evaluate("beforehand.track('Too early')")
    page.evaluate("beforehand.consent(true)")
    page.evaluate("beforehand.track('After consent')")
    assert [row[0] for row in seen(server, site, 1)] == ["After consent"]


def test_what_is_under_way_when_the_page_is_left_arrives(server, site, visit):
    page = visit()
    page.evaluate("beforehand.track('Last words')")
    page.click("a")
    assert sorted(row[0] for row in seen(server, site, 3)) == ["Last words", "Page viewed", "Page viewed"]


def test_a_page_that_changes_without_loading_is_seen(server, site, visit):
    page = visit()
    page.evaluate("history.pushState({}, '', '/checkout')")
    assert [row[2] for row in seen(server, site, 2)] == ["/products", "/checkout"]


def test_a_signed_user_is_the_known_customer_and_an_unsigned_one_is_not(server, site, visit):
    token = server.run("keys", "token", "user-7")
    page = visit()
    page.evaluate("token => beforehand.identify('user-7', {name: 'Ada'}, token)", token)
    other = visit()
    other.evaluate("beforehand.identify('user-7', {name: 'Mallory'})")
    rows = seen(server, site, 4)
    assert [row[0] for row in rows].count("$identify") == 2
    customers = "SELECT customer_id FROM customers_identifier WHERE value = '%s'"
    anonymous = {row[1] for row in rows if row[0] == "Page viewed"}
    known = server.rows("SELECT customer_id FROM customers_identifier WHERE value = 'user-7' AND proved")
    same = [server.rows(customers % value)[0][0] == known[0][0] for value in anonymous]
    assert sorted(same) == [False, True]
