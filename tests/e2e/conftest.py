"""A browser, a server, and somebody who is logged in. A page that logs an error in its console fails its test."""

import html
import re
import shutil
import threading
from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve, reverse
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from beforehand.team.models import Member

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
LINK = re.compile(r'<a [^>]*?href="(/[^"]*)"')
NOT_PAGES = {"account_logout", "journey:live"}
PATIENCE = 30_000
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
def open_window(browser: Browser, live_server) -> Iterator[Callable[..., Page]]:
    """`open_window(member, width, theme)`: a window of its own. What goes wrong in its console fails the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_one(member: Member | None = None, size: dict[str, int] = DESK, theme: str = "light", **more) -> Page:
        context = browser.new_context(
            viewport=size, color_scheme=theme, base_url=live_server.url, locale="en-GB", **more
        )
        context.set_default_timeout(PATIENCE)
        context.route(re.compile(r"/(live|desk/stream)(\?|$)"), no_news)
        contexts.append(context)
        if member:
            context.add_cookies([{"name": "sessionid", "value": session_of(member), "url": live_server.url}])
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
def page(open_window, ada) -> Page:
    """Ada, who owns, at her desk."""
    return open_window(ada)


@pytest.fixture
def places(client, ada) -> list[str]:
    """The address of every page that Ada can reach from the rail, the palette and the settings."""
    from beforehand.web import navigation

    client.force_login(ada)
    request = client.get(reverse("web:keys")).wsgi_request
    return list(dict.fromkeys(link.url for link in navigation.everywhere(request)))


@pytest.fixture
def shop(transactional_db) -> None:
    """A small shop with some weeks of touchpoints, so that pages have something to show."""
    from beforehand.demo import opening

    opening.open_on(opening.plan(customers=60))


@pytest.fixture
def views(shop, client, places) -> list[str]:
    """One address of every view that the places lead to, however deep, as long as it answers with a page."""
    seen: dict[str, str] = {}
    waiting = list(places)
    while waiting:
        path = waiting.pop(0)
        name = view_of(path)
        if not name or name in seen or name in NOT_PAGES:
            continue
        seen[name] = path
        answer = client.get(path)
        if is_page(answer):
            waiting += [html.unescape(link) for link in LINK.findall(answer.content.decode())]
        else:
            seen[name] = ""
    return [path for path in seen.values() if path]


def is_page(answer: HttpResponse) -> bool:
    is_html = answer.headers.get("Content-Type", "").startswith("text/html")
    return answer.status_code == 200 and is_html and "Content-Disposition" not in answer.headers


def view_of(path: str) -> str:
    try:
        return resolve(path.partition("?")[0]).view_name
    except Resolver404:
        return ""


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
