"""A browser, a server, and somebody who is logged in. A page that logs an error in its console fails its test."""

import re
import shutil
import threading
from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, HttpResponse
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from beforehand.journey.tests.live import Live
from beforehand.team.models import Member
from tests.e2e.site import Site

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE = 30_000
PASSWORD = "a lantern in fog"
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "e2e" in item.path.parts:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    assert path, "No Chromium on this machine. On Debian or Ubuntu: apt-get install chromium"
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture(autouse=True)
def one_request_at_a_time(monkeypatch) -> None:
    """SQLite's test database is in memory, where the server's threads share one connection and one transaction."""
    turn, answer = threading.Lock(), BaseHandler.get_response

    def in_turn(self: BaseHandler, request: HttpRequest) -> HttpResponse:
        with turn:
            return answer(self, request)

    monkeypatch.setattr(BaseHandler, "get_response", in_turn)


@pytest.fixture
def new_window(browser: Browser) -> Iterator[Callable[..., Page]]:
    """`new_window(size, theme)`: a browser of one's own. What goes wrong in its console fails the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_one(size: dict[str, int] = DESK, theme: str = "light", **more) -> Page:
        context = browser.new_context(viewport=size, color_scheme=theme, locale="en-GB", **more)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda said: faults.append(f"{said.text} {said.location.get('url')}") if said.type == "error" else None,
        )
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.faults = faults
        return page

    yield open_one
    found = list(faults)  # closing a window breaks off what is under way, which htmx tells as an error
    for context in contexts:
        context.close()
    assert not found, found


@pytest.fixture
def open_window(new_window, live_server) -> Callable[..., Page]:
    """`open_window(member, size, theme)`: a window of theirs on the tests' own server."""

    def open_one(member: Member | None = None, size: dict[str, int] = DESK, theme: str = "light", **more) -> Page:
        page = new_window(size, theme, base_url=live_server.url, **more)
        page.context.route(re.compile(r"/(live|desk/stream)(\?|$)"), no_news)
        if member:
            page.context.add_cookies([{"name": "sessionid", "value": session_of(member), "url": live_server.url}])
        return page

    return open_one


@pytest.fixture
def page(open_window, ada) -> Page:
    """Ada, who owns, at her desk."""
    return open_window(ada)


@pytest.fixture
def their_site() -> Iterator[Site]:
    """A site of another company, on which our chat stands."""
    made = Site()
    yield made
    made.close()


def enter(page: Page, server: Live, who: str) -> Page:
    """Log in at a server that runs beside the tests."""
    page.goto(f"{server.address}/account/login/")
    page.get_by_label("E-mail").fill(f"{who}@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "login" not in url)
    return page


def no_news(route: Route) -> None:
    """The stream of live updates needs an ASGI server, which the tests' own is not."""
    route.fulfill(status=200, content_type="text/event-stream", body="retry: 1000000\n\n")


def session_of(member: Member) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(member.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = member.get_session_auth_hash()
    session.save()
    return session.session_key
