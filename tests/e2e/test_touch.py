"""The desk under a thumb: lines are swiped, or chosen by a button; a picture is taken and attached."""

import pytest
from playwright.sync_api import expect

from beforehand.service.models import Conversation
from beforehand.service.tests.deskful import asks
from tests.e2e.conftest import PHONE


@pytest.fixture
def phone(open_window, ada):
    return open_window(ada, PHONE, has_touch=True, is_mobile=True)


@pytest.fixture
def two(transactional_db):
    return [
        asks("Kwame Mensah", "Address page", "Third try", minutes=600),
        asks("Ines C", "Parcel", "Lost?", minutes=90),
    ]


def drag(page, row, across, down=0):
    box = row.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    hand = page.context.new_cdp_session(page)
    hand.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 9):
        at = {"x": x + across * step / 8, "y": y + down * step / 8}
        hand.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [at]})
    hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_line_is_swiped_to_be_done_and_undone(phone, two):
    phone.goto("/desk")
    drag(phone, phone.locator(f"#row-{two[0].pk}"), 160)
    expect(phone.locator("#rows li")).to_have_count(1)
    assert Conversation.objects.get(pk=two[0].pk).category == "done"
    phone.locator("#toasts button", has_text="Undo").click()
    expect(phone.locator("#rows li")).to_have_count(2)


def test_a_line_is_swiped_back_to_be_snoozed(phone, two):
    phone.goto("/desk")
    drag(phone, phone.locator(f"#row-{two[1].pk}"), -160)
    expect(phone.locator("#chooser")).to_be_visible()
    phone.locator("#chooser a", has_text="Tomorrow 9").click()
    expect(phone.locator("#rows li")).to_have_count(1)
    assert Conversation.objects.get(pk=two[1].pk).snoozed_until


@pytest.mark.parametrize(("across", "down"), [(60, 0), (40, 200)])
def test_a_short_or_a_downward_stroke_does_nothing(phone, two, across, down):
    phone.goto("/desk")
    drag(phone, phone.locator(f"#row-{two[0].pk}"), across, down)
    phone.wait_for_timeout(500)
    expect(phone.locator("#rows li[data-swipe]")).to_have_count(0)
    expect(phone.locator("#chooser")).to_be_hidden()
    assert Conversation.objects.get(pk=two[0].pk).category == "new"


def test_lines_are_chosen_by_a_button_and_done_together(phone, two):
    phone.goto("/desk")
    phone.get_by_role("button", name="Select", exact=True).tap()
    for one in two:
        phone.locator(f"#conv-{one.pk}").tap()
    expect(phone.locator("#picked-count")).to_have_text("2 selected")
    phone.locator("#picked [data-act=done]").tap()
    phone.locator("#sure [value=yes]").tap()
    expect(phone.locator("#rows li")).to_have_count(0)


def test_a_picture_is_taken_and_attached(phone, two):
    phone.goto(f"/conversations/{two[0].pk}?view=waiting")
    camera = phone.get_by_label("Take a picture")
    assert (camera.get_attribute("capture"), camera.get_attribute("accept")) == ("environment", "image/*")
    camera.set_input_files({"name": "label.png", "mimeType": "image/png", "buffer": b"\\x89PNG\\r\\n\\x1a\\n"})
    expect(phone.locator("#draft-files")).to_contain_text("label.png")
