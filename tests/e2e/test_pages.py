"""What holds for every page: it works, it fits a phone, and everybody can use it."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.e2e.conftest import PHONE

OUTSIDE = ["/account/login/", "/account/password/reset/", "/account/signup/", "/welcome/nonsense"]
EVERYTHING = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
CONTRAST = {"type": "rule", "values": ["color-contrast"]}


def faults_of(page, path: str, rules=EVERYTHING) -> list[str]:
    """What axe finds: controls without a label, buttons without a name, too little contrast, heads out of order."""
    found = Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]}).response["violations"]
    return [
        f"{path} {fault['id']}: {node['target']} {node['html'][:120]}" for fault in found for node in fault["nodes"]
    ]


def unreadable(page, path: str) -> list[str]:
    return faults_of(page, path, CONTRAST)


def wrong_with(page, path: str) -> list[str]:
    expect(page.locator(".htmx-request")).to_have_count(0)
    wrong = []
    if (heads := page.locator("h1").count()) != 1:
        wrong.append(f"{path} has {heads} first heads")
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    if wide > 0:
        wrong.append(f"{path} is {wide} px too wide for {page.viewport_size['width']}")
    return wrong


def visit(page, paths: list[str], look) -> list[str]:
    wrong = []
    for path in paths:
        answer = page.goto(path)
        assert answer.status < 500, path
        wrong += wrong_with(page, path) + look(page, path)
    page.faults[:] = [fault for fault in page.faults if "status of 410" not in fault]
    return wrong


def test_every_page_fits_a_phone_while_there_is_nothing(open_window, ada, places):
    wrong = visit(open_window(ada, PHONE), places, lambda page, path: [])
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
def test_every_page_can_be_used_by_everybody_at_a_desk_and_read_on_a_phone_in_the_dark(open_window, ada, views):
    wrong = visit(open_window(ada), views, faults_of)
    wrong += visit(open_window(ada, PHONE, "dark"), views, unreadable)
    assert not wrong, "\n".join(wrong)


def test_the_pages_before_the_door_too(open_window, ada):
    wrong = visit(open_window(None, PHONE), OUTSIDE, faults_of)
    wrong += visit(open_window(None, theme="dark"), OUTSIDE[:1], unreadable)
    assert not wrong, "\n".join(wrong)


def test_the_second_step_can_be_set_up_by_everybody(open_window, ada):
    from conftest import PASSWORD

    page = open_window(ada)
    page.goto("/account/2fa/totp/activate/")
    wrong = wrong_with(page, page.url) + faults_of(page, page.url)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_label("Authenticator code").wait_for()
    wrong += wrong_with(page, page.url) + faults_of(page, page.url)
    assert not wrong, "\n".join(wrong)


def test_the_components_in_every_state(open_window, ada):
    wrong = visit(open_window(ada), ["/parts"], faults_of)
    wrong += visit(open_window(ada, PHONE, "dark"), ["/parts"], unreadable)
    assert not wrong, "\n".join(wrong)


def test_pages_turn_round_for_languages_from_right_to_left(open_window, ada):
    page = open_window(ada)
    for path in ("/settings", "/settings/members", "/parts"):
        page.goto(path)
        page.evaluate("document.documentElement.dir = 'rtl'")
        assert page.locator(".rail").bounding_box()["x"] > 1000
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.locator("h1").evaluate("e => e.getBoundingClientRect().right") > 1000
