"""The pages of a small shop, as a walk along its links finds them."""

import html
import re

import pytest
from django.http import HttpResponse
from django.urls import Resolver404, resolve, reverse

LINK = re.compile(r'<a [^>]*?href="(/[^"]*)"')
NOT_PAGES = {"account_logout", "journey:live"}


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
            answer.close()
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
