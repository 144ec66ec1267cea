"""The journey map in a browser: by keyboard, by mouse, on a phone."""

import re

from playwright.sync_api import expect

from tests.e2e.conftest import PHONE

BAR = ".map a.node >> nth=2"


def test_a_name_on_the_map_opens_its_panel_by_keyboard_and_keeps_its_address(shop, page):
    page.goto("/journey")
    bar = page.locator(BAR)
    name = bar.get_attribute("data-name")
    bar.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#panel")).to_contain_text(name)
    expect(page).to_have_url(re.compile("touchpoint="))
    assert "sel" in bar.get_attribute("class")
    page.reload()
    expect(page.locator("#panel")).to_contain_text(name)


def test_what_follows_leads_to_the_flow_and_its_waits(shop, page):
    page.goto("/journey")
    page.locator("#panel table a.row").first.click()
    expect(page.locator("#panel")).to_contain_text("How long it took")


def test_a_closed_panel_leaves_the_map_the_whole_page_and_opens_again(shop, page):
    page.goto("/journey")
    narrow = page.locator(".map").bounding_box()["width"]
    page.locator(".panel-close").click()
    expect(page.locator("#panel")).to_have_count(0)
    assert page.locator(".map").bounding_box()["width"] > narrow
    page.locator(BAR).press("Enter")
    expect(page.locator("#panel h2")).to_be_visible()


def test_period_and_segment_are_chosen_from_menus_and_stay(shop, page):
    page.goto("/journey")
    page.locator("button[popovertarget=period]").click()
    page.locator("#period a", has_text="Last 91 days").click()
    expect(page.locator("button[popovertarget=period]")).to_contain_text("Last 91 days")
    page.locator("button[popovertarget=segment]").click()
    page.locator("#segment summary").first.click()
    page.locator("#segment details a").first.click()
    expect(page.locator("button[popovertarget=segment]")).not_to_contain_text("All customers")
    expect(page).to_have_url(re.compile("days=91.*segment="))


def test_on_a_phone_the_map_is_a_list(shop, open_window, ada):
    page = open_window(ada, PHONE)
    page.goto("/journey")
    expect(page.locator(".map")).to_be_hidden()
    page.locator(".stagelist a").first.click()
    expect(page.locator("h2#tp")).to_be_visible()
