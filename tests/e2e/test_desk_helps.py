"""In a browser: a message in the reader's language, and saved replies that bring their files."""

import pytest
from playwright.sync_api import expect

from beforehand.channels import files
from beforehand.service.models import Draft, Macro, MacroFile, Message
from beforehand.service.tests.deskful import asks
from beforehand.service.tests.translator import translator
from tests.e2e.conftest import PHONE
from tests.e2e.test_pages import faults_of, wrong_with


@pytest.fixture
def talk(transactional_db):
    return asks("Ines Carvalho", "Wo ist es?", "Wo ist es denn?")


@pytest.fixture
def server(settings):
    settings.CACHES = settings.CACHES | {"translations": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    with translator() as server:
        settings.TRANSLATE_URL = f"http://127.0.0.1:{server.server_port}"
        yield server


@pytest.mark.parametrize("more", [{}, {"size": PHONE, "theme": "dark"}], ids=["desk", "phone"])
def test_a_message_is_translated_with_the_keyboard_and_stays_so(open_window, ada, talk, server, more):
    page = open_window(ada, **more)
    page.goto(f"/conversations/{talk.pk}")
    page.get_by_role("button", name="Translate").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".translation")).to_contain_text("Translated from German by 127.0.0.1")
    expect(page.locator(".msg .said")).to_have_text("Wo ist es denn?")
    expect(page.get_by_role("button", name="Only the original")).to_be_focused()
    assert not wrong_with(page, "a translated message") + faults_of(page, "a translated message")
    page.fill("#text", "It is here.")
    page.locator("#text").press("Control+Enter")
    expect(page.locator("#messages")).to_contain_text("It is here.")
    expect(page.locator(".translation")).to_contain_text("Where is it?")
    page.get_by_role("button", name="Only the original").press("Enter")
    expect(page.get_by_role("button", name="Translate")).to_be_focused()
    server.says, server.status = {"error": "Invalid API key"}, 403
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="refuses: Invalid API key")).to_be_visible()


def test_a_saved_reply_brings_its_files_and_each_mode_has_its_own(open_window, ada, talk):
    macro = Macro.objects.create(name="Terms", text="Here they are.")
    for name in ("terms.pdf", "prices.csv"):
        MacroFile.objects.create(macro=macro, file=files.keep(name.encode()), name=name)
    page = open_window(ada)
    page.goto(f"/conversations/{talk.pk}")
    page.keyboard.press("r")
    page.keyboard.type("/Terms")
    expect(page.locator("#suggest")).to_contain_text("terms.pdf")
    page.keyboard.press("Enter")
    chips = page.locator("#draft-files .file")
    expect(chips).to_have_count(2)
    page.get_by_role("button", name="Take prices.csv off").click()
    expect(chips).to_have_count(1)
    page.locator("label", has_text="Note").click()
    expect(chips).to_have_count(0)
    expect(page.locator("#text")).to_have_value("")
    page.locator("label", has_text="Reply").click()
    expect(chips).to_have_count(1)
    assert [(one.mode, one.text) for one in Draft.objects.all()] == [("reply", "Here they are.")]
    page.locator("#text").press("Control+Enter")
    expect(page.locator("#messages .file")).to_have_text("terms.pdf1 kB")
    assert Message.objects.get(kind="outbound").macro == macro
