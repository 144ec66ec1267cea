"""Chats in the settings: who may make them, what is shown once, and what the browser has to load."""

import gzip
import re
from pathlib import Path

import pytest

from beforehand.channels import chat as room
from beforehand.channels.chat.identity import signature_of, vouches
from beforehand.channels.models import ChatWidget

SCRIPTS = Path(room.__file__).parents[1] / "static" / "channels" / "chat"
SAID = {"name": "Shop", "origins": "https://shop.example", "ask_name": "may", "ask_email": "must", "on": "on"}


@pytest.fixture
def widget(db):
    return ChatWidget.make(name="Shop")[0]


def test_a_manager_makes_a_chat_and_gets_its_line(client, ada):
    client.force_login(ada)
    answer = client.post("/settings/chat", SAID | {"topics": "Order\nInvoice", "greeting_de": "Hallo"}, follow=True)
    widget = ChatWidget.objects.get()
    assert f"/chat/{widget.key}/widget.js" in answer.content.decode()
    assert widget.origins == ["https://shop.example"] and widget.greeting == {"de": "Hallo"}
    assert [(one["name"], one["required"]) for one in widget.fields] == [
        ("name", False),
        ("email", True),
        ("topic", False),
    ]


def test_what_cannot_be_is_said(client, ada):
    client.force_login(ada)
    for said in ({"origins": "shop"}, {"accent": "red"}, {"ask_name": "perhaps"}, {"name": ""}):
        assert client.post("/settings/chat", SAID | said).status_code == 422
    assert not ChatWidget.objects.exists()


def test_the_form_gives_back_what_it_took(client, ada):
    client.force_login(ada)
    client.post("/settings/chat", SAID | {"topics": "Order\nInvoice", "accent": "#123456", "languages": ["de"]})
    widget = ChatWidget.objects.get()
    before = {name: getattr(widget, name) for name in ("origins", "fields", "languages", "accent", "greeting")}
    from beforehand.channels.chat.forms import WidgetForm, initial_of

    form = WidgetForm(initial_of(widget))
    assert form.is_valid() and {name: form.values()[name] for name in before} == before


def test_the_secret_is_shown_once_and_only_to_owners(client, ada, ben, widget):
    client.force_login(ben)
    assert (
        client.get("/settings/chat").status_code == client.post(f"/settings/chat/{widget.pk}/secret").status_code == 403
    )
    client.force_login(ada)
    answer = client.post(f"/settings/chat/{widget.pk}/secret")
    widget.refresh_from_db()
    secret = widget.open_secret()
    assert secret in answer.content.decode() and answer["Cache-Control"] == "no-store"
    assert secret not in client.get(f"/settings/chat/{widget.pk}").content.decode()
    assert secret not in widget.secret
    assert vouches(widget, "u-1", signature_of(secret, "u-1")) and not vouches(
        widget, "u-2", signature_of(secret, "u-1")
    )


def test_a_widget_without_a_secret_vouches_for_nobody(db):
    widget = ChatWidget.objects.create(key="k", name="Shop")
    for secret in ("", "-"):
        assert not vouches(widget, "u-1", signature_of(secret, "u-1"))


def test_the_page_to_try_it_on_keeps_the_policy_of_the_house(client, ada, widget):
    client.force_login(ada)
    answer = client.get(f"/settings/chat/{widget.pk}/page")
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert f"/chat/{widget.key}/widget.js" in answer.content.decode()


def test_the_whole_widget_is_under_thirty_kilobytes():
    packed = sum(len(gzip.compress(path.read_bytes())) for path in SCRIPTS.glob("*.js"))
    assert 5_000 < packed < 30_000


def test_the_widget_never_reads_text_as_html_or_code():
    text = "".join(path.read_text(encoding="utf-8") for path in SCRIPTS.glob("*.js"))
    assert not re.findall(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\(|new Function|\.cookie\b", text)
