"""Whatever somebody types or pastes into a field of any form: no form fails, none runs it, none loses it."""

import html
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import NamedTuple

import pytest
from django.contrib.messages import ERROR, get_messages
from django.db import transaction
from django.test import Client
from django.urls import reverse

from beforehand.channels import arriving
from beforehand.channels.models import ChatWidget, Mailbox
from beforehand.demo import desk
from beforehand.lib.rate import limits
from beforehand.service import own_page
from beforehand.service.models import Conversation
from tests.conftest import is_page, view_of

NONSENSE = {
    "long": "x" * 10_000,
    "pictures": "😀🏳️‍🌈" * 40,
    "right to left": "مرحبا ‮ שלום",
    "script": "<script>alert(1)</script>",
    "nothing": "a\0b",
    "SQL": "'; DROP TABLE x; --",
    "below zero": "-1",
    "large": "9" * 40,
    "template": "{{ 7*7 }}{% debug %}",
    "head": "x\r\nBcc: x@y.example",
    "path": "../../etc/passwd",
    "no number": "NaN",
    "no date": "2026-13-45T99:99",
    "digit": "²",
    "no address": "http://[",
}
TYPED = {"text", "search", "email", "url", "number", "password", "tel", "date", "time", "datetime-local", "color"}
FORGED = ("nothing", "large", "digit", "SQL", "no address")
ENDS_THE_WALK = {"account_logout", "account_login", "team:departure"}


class Field(NamedTuple):
    name: str
    kind: str
    value: str


class Form(NamedTuple):
    page: str
    action: str
    method: str
    fields: tuple[Field, ...]

    @property
    def typed(self) -> list[Field]:
        return [field for field in self.fields if field.kind in {*TYPED, "textarea"}]

    def filled(self, nonsense: str, forged: bool) -> dict[str, str]:
        """`forged`: what a browser lets nobody type, too: choices and hidden fields."""
        typed = {field.name for field in self.typed}
        return {field.name: nonsense if forged or field.name in typed else field.value for field in self.fields}


class Forms(HTMLParser):
    """The forms of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page, self.found, self.current = page, [], None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attributes}
        if tag == "form":
            action = said.get("action") or said.get("hx-post") or said.get("hx-get") or self.page
            method = "post" if "hx-post" in said else said.get("method", "get").lower()
            self.current = (action.partition("#")[0], method, [])
        elif self.current and tag in {"input", "textarea", "select"} and said.get("name") and "disabled" not in said:
            kind = said.get("type", "text") if tag == "input" else tag
            is_off = kind in {"checkbox", "radio"} and "checked" not in said
            if kind not in {"file", "submit", "button"} and not is_off and said["name"] != "csrfmiddlewaretoken":
                self.current[2].append(Field(said["name"], kind, said.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self.current:
            action, method, fields = self.current
            self.found.append(Form(self.page, action, method, tuple(fields)))
            self.current = None


@pytest.fixture
def whole(shop, client, ada) -> list[str]:
    """A desk beside the shop, a mail that waits in quarantine, and the addresses that no page links to."""
    desk.fill("Europe/Dublin")
    arriving.read(arriving.arrive("email", "1", b"Subject: From nobody\r\n\r\nHello", Mailbox.objects.get()))
    conversation = Conversation.objects.filter(channel="email", category="new").first()
    widget = ChatWidget.objects.get()
    return [
        f"/conversations/{conversation.pk}",
        own_page.address(conversation),
        reverse("channels:form", args=[widget.key]),
        "/desk?as=table",
    ]


def forms_of(client: Client, pages: list[str]) -> Iterator[Form]:
    """Each form once, however many pages have it."""
    seen = set()
    for page in pages:
        answer = client.get(page)
        if not is_page(answer):
            answer.close()
            continue
        parser = Forms(page)
        parser.feed(answer.content.decode())
        for form in parser.found:
            key = (view_of(form.action), form.method, frozenset(field.name for field in form.fields))
            if key not in seen and key[0] not in ENDS_THE_WALK:
                seen.add(key)
                yield form


def ways(form: Form, name: str) -> list[bool]:
    """Typed where somebody can type; forged too, with what a machine would try."""
    return [False] * bool(form.typed) + [True] * bool(form.fields and name in FORGED)


def send(client: Client, form: Form, said: dict[str, str]):
    """What comes back; whatever it changed is taken back."""
    limits.clear()
    if form.method == "get":
        return client.get(form.action.partition("?")[0], {name: value[:2000] for name, value in said.items()})
    with transaction.atomic():
        answer = client.post(form.action, said, follow=True)
        transaction.set_rollback(True)
    return answer


def wrong_with(form: Form, name: str, said: dict[str, str], answer) -> Iterator[str]:
    where = f"{form.method} {form.action} (on {form.page}), {name}"
    if answer.status_code >= 500:
        yield f"{where}: failed"
    if answer.streaming or not answer.headers.get("Content-Type", "").startswith("text/html"):
        return
    shown = answer.content.decode()
    if "<script>alert" in shown:
        yield f"{where}: runs what was typed"
    refused = answer.status_code == 422 or any(one.level == ERROR for one in get_messages(answer.wsgi_request))
    if refused and form.method == "post":
        kept = html.unescape(shown)
        for field in form.typed:
            typed = said[field.name].replace("\0", "").replace("\r\n", "\n").strip()
            if field.kind != "password" and typed.splitlines()[0] not in kept:
                yield f"{where}: “{field.name}” is lost ({answer.status_code})"


@pytest.mark.slow
def test_no_form_fails_on_nonsense_runs_it_or_loses_it(whole, views, client, ada):
    client.force_login(ada)
    wrong, count = [], 0
    for form in forms_of(client, [*whole, *views]):
        for name, nonsense in NONSENSE.items():
            for forged in ways(form, name):
                said = form.filled(nonsense, forged)
                try:
                    wrong += wrong_with(form, name, said, send(client, form, said))
                except Exception as error:
                    wrong.append(f"{form.method} {form.action} (on {form.page}), {name}: {error!r}")
        count += 1
    assert count > 60, count
    assert not wrong, "\n".join(dict.fromkeys(wrong))
