"""What waits for a member is told outside the page too, where they asked for it, once."""

import pytest
from playwright.sync_api import expect

from beforehand.service.tests.deskful import asks
from tests.e2e.test_pages import faults_of, wrong_with

NOTED = """
window.noted = []
window.Notification = class extends EventTarget {
  static permission = "granted"
  static requestPermission = async () => "granted"
  constructor(title, about) { super(); window.noted.push([title, about.body]) }
}
"""


@pytest.fixture
def window(open_window, ada):
    page = open_window(ada)
    page.add_init_script(NOTED)
    return page


def told(page):
    page.evaluate("document.hasFocus = () => false")
    page.evaluate("document.dispatchEvent(new CustomEvent('desk:notified'))")
    page.wait_for_timeout(600)
    return page.evaluate("window.noted")


def test_whoever_asked_for_it_is_notified_of_who_waits(window, ada, ben, transactional_db):
    one = asks("Ines Carvalho", "Parcel since Tuesday", "Is it lost?")
    window.goto("/desk/notices")
    window.get_by_label("Notify me while the desk is open in a tab").check()
    with window.expect_response("**/desk/notices"):
        window.goto("/desk")
    expect(window.locator("#bell small")).to_be_hidden()
    one.assign(ben, owner=ada)
    noted = told(window)
    assert ["Ines Carvalho waits for you", "Parcel since Tuesday"] in noted
    expect(window.locator("#bell small")).to_have_text("2")
    assert told(window) == noted, "told once"
    window.keyboard.press("g")
    window.keyboard.press("w")
    expect(window.locator("main")).to_contain_text("Ines Carvalho waits for you")


def test_whoever_did_not_ask_sees_the_number_and_nothing_else(window, ada, ben, transactional_db):
    one = asks("Ines Carvalho", "Parcel since Tuesday", "Is it lost?")
    with window.expect_response("**/desk/notices"):
        window.goto("/desk")
    expect(window.locator("#rows li")).to_have_count(1)
    one.assign(ben, owner=ada)
    assert told(window) == []
    expect(window.locator("#bell small")).to_have_text("2")


def test_everybody_can_read_what_waits(window, ada, ben, transactional_db):
    asks("Ines Carvalho", "Parcel since Tuesday", "Is it lost?").assign(ben, owner=ada)
    window.goto("/desk/notices")
    wrong = wrong_with(window, "/desk/notices") + faults_of(window, "/desk/notices")
    assert not wrong, wrong
