"""The desk in a browser: an agent works with the keyboard alone, on a phone, and with whatever axe demands."""

import re
import time

import pytest
from playwright.sync_api import expect

from beforehand.service.models import Conversation, Field, Macro, Message, Tagging
from beforehand.service.tests.deskful import asks
from tests.e2e.conftest import PHONE
from tests.e2e.test_pages import faults_of, unreadable, wrong_with


@pytest.fixture
def three(transactional_db):
    """Kwame has waited longest, then Ines, then Leila."""
    return [
        asks("Kwame Mensah", "Address page jumps back", "Third try now, same thing", minutes=600),
        asks("Ines Carvalho", "Parcel since Tuesday", "Still nothing. Is it lost?", minutes=300),
        asks("Leila Haddad", "Next size for Sami", "Which one do I take?", minutes=20),
    ]


def test_an_agent_answers_with_the_keyboard_alone(page, three):
    page.goto("/desk")
    expect(page.locator("#rows li")).to_have_count(3)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#subject")).to_have_text("Parcel since Tuesday")
    expect(page.locator("#thread")).to_be_focused()
    page.keyboard.press("r")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type("Dear Ines, j k e r: it is in Cork and comes tomorrow.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Sent to Ines Carvalho")
    expect(page.locator("#messages")).to_contain_text("it is in Cork")
    expect(page.locator("#rows li")).to_have_count(2)
    sent = Message.objects.get(kind="outbound")
    assert sent.text == "Dear Ines, j k e r: it is in Cork and comes tomorrow."
    assert sent.conversation.category == "waiting_customer"
    assert sent.conversation.waiting_since is None


def test_an_answer_is_taken_back_within_seconds(page, three):
    page.goto(f"/conversations/{three[1].pk}?view=waiting")
    page.keyboard.press("r")
    page.keyboard.type("Wrong words")
    page.keyboard.press("Control+Enter")
    page.locator("#toasts button", has_text="Undo").click()
    expect(page.locator("#toasts")).to_contain_text("Taken back")
    expect(page.locator("#text")).to_have_value("Wrong words")
    assert Conversation.objects.get(pk=three[1].pk).waiting_since is not None


def test_send_done_and_next_opens_the_next_one(page, three):
    page.goto(f"/conversations/{three[0].pk}?view=waiting")
    expect(page.locator("#rows li")).to_have_count(3)
    page.keyboard.press("r")
    page.keyboard.type("Fixed.")
    page.keyboard.press("Control+Shift+Enter")
    expect(page.locator("#subject")).to_have_text("Parcel since Tuesday")
    assert Conversation.objects.get(pk=three[0].pk).category == "done"


def test_a_send_stops_when_somebody_wrote_meanwhile_and_the_text_stays(page, three):
    page.goto(f"/conversations/{three[1].pk}?view=waiting")
    page.keyboard.press("r")
    page.keyboard.type("We look for it.")
    Conversation.objects.get(pk=three[1].pk).receive("It came, forget it!")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#stopped")).to_contain_text("It came, forget it!")
    expect(page.locator("#text")).to_have_value("We look for it.")
    assert not Message.objects.filter(kind="outbound").exists()
    page.faults[:] = [fault for fault in page.faults if "409" not in fault]
    page.locator("#stopped button", has_text="I have read it").click()
    expect(page.locator("#toasts")).to_contain_text("Sent to Ines")


def held_back(page, address):
    """What the server says at this address is long under way; each call lets the oldest answer arrive."""
    waiting = []
    page.route(address, lambda route: waiting.append((route, route.fetch())))

    def arrive():
        until = time.monotonic() + 30
        while not waiting and time.monotonic() < until:
            page.wait_for_timeout(50)
        route, answer = waiting.pop(0)
        route.fulfill(response=answer)

    return arrive


def tag_it(page):
    page.keyboard.press("t")
    expect(page.locator("#chooser")).to_be_visible()
    page.keyboard.type("late")
    expect(page.locator("#chooser .on")).to_contain_text("late")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Tagged")
    page.evaluate("document.querySelector('#thread').dataset.before = 'yes'")


def test_what_is_written_while_the_thread_is_drawn_again_stays(page, three):
    page.goto(f"/conversations/{three[1].pk}?view=waiting")
    arrive = held_back(page, re.compile(rf"/conversations/{three[1].pk}\?view"))
    page.keyboard.press("r")
    page.keyboard.type("It is ")
    page.keyboard.press("Escape")
    tag_it(page)
    page.locator("#text").click()
    page.keyboard.press("End")
    page.keyboard.type("in Cork")
    arrive()
    expect(page.locator("#thread[data-before]")).to_have_count(0)
    expect(page.locator("#text")).to_have_value("It is in Cork")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type(".")
    page.unroute_all()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#messages")).to_contain_text("It is in Cork.")
    expect(page.locator("#text")).to_have_value("")


def test_the_thread_is_what_was_asked_for_last(page, three):
    page.goto(f"/conversations/{three[1].pk}?view=waiting")
    arrive = held_back(page, re.compile(rf"/conversations/{three[1].pk}\?view"))
    page.keyboard.press("Escape")
    tag_it(page)
    page.keyboard.press("Control+z")
    expect(page.locator("#toasts")).to_contain_text("Undone")
    arrive()
    arrive()
    expect(page.locator("#thread[data-before]")).to_have_count(0)
    expect(page.locator("#thread [data-untag]")).to_have_count(0)


def test_keys_act_on_what_is_chosen_and_are_undone(page, three):
    page.goto("/desk")
    page.keyboard.press("j")
    page.keyboard.press("t")
    expect(page.locator("#chooser")).to_be_visible()
    page.keyboard.type("late")
    expect(page.locator("#chooser .on")).to_contain_text("late")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Tagged")
    assert Conversation.objects.get(pk=three[0].pk).taggings.count() == 1
    page.keyboard.press("Control+z")
    expect(page.locator("#toasts")).to_contain_text("Undone")
    assert Conversation.objects.get(pk=three[0].pk).taggings.count() == 0


def test_many_are_selected_previewed_done_and_undone(page, three):
    page.goto("/desk")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    expect(page.locator("#picked-count")).to_have_text("2 selected")
    page.keyboard.press("e")
    expect(page.locator("#sure")).to_contain_text("2 conversations, 2 customers.")
    page.keyboard.press("Escape")
    expect(page.locator("#picked-count")).to_have_text("2 selected")
    page.keyboard.press("e")
    expect(page.locator("#sure [value=yes]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#rows li")).to_have_count(1)
    assert Conversation.objects.filter(category="done").count() == 2
    page.keyboard.press("Control+z")
    expect(page.locator("#rows li")).to_have_count(3)


def test_a_question_at_once_after_another_is_the_one_that_is_answered(page, three):
    page.goto("/desk")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    page.keyboard.press("e")
    expect(page.locator("#sure [value=yes]")).to_be_focused()
    page.evaluate("""() => {
        document.querySelector("#sure").close()
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "e", bubbles: true }))
    }""")
    expect(page.locator("#sure [value=yes]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#rows li")).to_have_count(1)


def test_a_run_of_many_portions_is_taken_back_as_one(page, three):
    for number in range(24):
        asks(f"N{number} Quinn", f"Parcel {number}", "Where?", minutes=30)
    page.goto("/desk")
    page.keyboard.press("j")
    page.keyboard.press("Control+a")
    expect(page.locator("#picked-count")).to_have_text("27 selected")
    page.keyboard.press("t")
    page.keyboard.type("late")
    expect(page.locator("#chooser .on")).to_contain_text("late")
    page.keyboard.press("Enter")
    expect(page.locator("#sure")).to_contain_text("Tag them “late”?")
    expect(page.locator("#sure [value=yes]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Tagged")
    assert Tagging.objects.count() == 27
    page.keyboard.press("Control+z")
    expect(page.locator("#toasts")).to_contain_text("Undone")
    assert Tagging.objects.count() == 0


def test_what_could_not_be_done_is_listed_one_by_one(page, three):
    Field.objects.create(label="Product", slug="product", kind="text", required=True)
    page.goto("/desk")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("e")
    expect(page.locator("#sure [value=yes]")).to_be_focused()
    page.keyboard.press("Enter")
    page.locator("#toasts button", has_text="Which?").click()
    for one in three[:2]:
        expect(page.locator("#sure")).to_contain_text(f"#{one.pk}:")
    expect(page.locator("#sure")).to_contain_text("Product")
    page.keyboard.press("Escape")
    expect(page.locator("#rows li")).to_have_count(3)


def test_done_opens_the_next_one(page, three):
    page.goto("/desk")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#subject")).to_have_text("Address page jumps back")
    page.keyboard.press("e")
    expect(page.locator("#subject")).to_have_text("Parcel since Tuesday")
    page.keyboard.press("]")
    expect(page.locator("#subject")).to_have_text("Next size for Sami")
    page.keyboard.press("u")
    expect(page.locator(f"#conv-{three[2].pk}")).to_be_focused()


def test_a_saved_reply_comes_in_at_the_cursor(page, three):
    Macro.objects.create(name="delay", text="Dear {{ customer.first_name }}, sorry for the delay.")
    page.goto(f"/conversations/{three[1].pk}?view=waiting")
    page.keyboard.press("r")
    page.keyboard.type("/del")
    expect(page.locator("#suggest a")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#text")).to_have_value("Dear Ines, sorry for the delay.")


def test_a_note_cannot_be_mistaken_for_an_answer(page, three):
    page.goto(f"/conversations/{three[1].pk}?view=waiting")
    page.keyboard.press("n")
    expect(page.locator("#composer")).to_have_class(re.compile("is-note"))
    expect(page.locator(".for-team")).to_be_visible()
    page.keyboard.type("Ask the depot")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".msg.note")).to_contain_text("Ask the depot")
    assert Message.objects.get(kind="note").outgoing is None


def test_a_draft_survives_leaving_the_page(page, three):
    page.goto(f"/conversations/{three[1].pk}?view=waiting")
    page.keyboard.press("r")
    page.keyboard.type("Half a sentence")
    expect(page.locator("#kept")).to_contain_text("draft kept")
    page.goto("/desk")
    page.goto(f"/conversations/{three[1].pk}")
    expect(page.locator("#text")).to_have_value("Half a sentence")


def test_single_keys_are_off_for_whoever_wants_none(page, three, ada):
    from beforehand.service.models import DeskSetting

    DeskSetting.objects.create(member=ada, single_keys=False)
    page.goto(f"/conversations/{three[0].pk}?view=waiting")
    page.keyboard.press("e")
    page.keyboard.press("r")
    expect(page.locator("#text")).not_to_be_focused()
    assert Conversation.objects.get(pk=three[0].pk).category == "new"


def test_on_a_phone_list_thread_and_context_are_three_screens(open_window, ada, three):
    page = open_window(ada, PHONE)
    page.goto("/desk")
    expect(page.locator("#thread")).to_be_hidden()
    page.locator(f"#conv-{three[1].pk}").click()
    expect(page.locator("#subject")).to_be_visible()
    expect(page.locator("#queue")).to_be_hidden()
    page.locator(".show-context").click()
    expect(page.locator("#context")).to_be_visible()
    expect(page.locator("#thread")).to_be_hidden()
    page.locator("#context [data-act=thread]").click()
    page.locator("#thread [data-act=back]").click()
    expect(page.locator(f"#conv-{three[1].pk}")).to_be_visible()


def test_everybody_can_use_the_desk_in_both_themes_at_both_widths(open_window, ada, three):
    wrong = []
    places = [
        "/desk", "/desk?as=table", f"/conversations/{three[1].pk}?view=waiting", "/desk?q=form:x+nothing",
        "/desk?view=done", "/settings/desk", "/settings/desk/hours", "/settings/desk/teams", "/settings/desk/macros",
    ]  # fmt: skip
    for size, theme, look in (
        (None, "light", faults_of),
        (PHONE, "dark", faults_of),
        (None, "dark", unreadable),
        (PHONE, "light", unreadable),
    ):
        page = open_window(ada, size, theme) if size else open_window(ada, theme=theme)
        for path in places if look is faults_of else places[:3]:
            page.goto(path)
            page.wait_for_load_state("networkidle")
            wrong += wrong_with(page, path) + look(page, path)
    assert not wrong, "\n".join(wrong)


def test_what_is_written_from_right_to_left_stands_so(page, three):
    Conversation.objects.get(pk=three[1].pk).receive("مرحبا، أين طلبي رقم 48213؟")
    page.goto(f"/conversations/{three[1].pk}?view=waiting")
    first, last = page.locator(".said").first, page.locator(".said").last
    assert last.evaluate("said => getComputedStyle(said).direction") == "rtl"
    assert first.evaluate("said => getComputedStyle(said).direction") == "ltr"
    page.keyboard.press("r")
    page.keyboard.type("שלום")
    assert page.locator("#text").evaluate("text => getComputedStyle(text).direction") == "rtl"


def test_whoever_comes_back_finds_the_list_where_it_was(page, three):
    for number in range(20):
        asks(f"N{number} Quinn", f"Parcel {number}", "Where?", minutes=30)
    page.goto("/desk")
    page.locator("#queue").evaluate("queue => { queue.scrollTop = 500 }")
    page.goto("/desk/notices")
    page.goto("/desk")
    assert page.locator("#queue").evaluate("queue => queue.scrollTop") == 500


def test_a_saved_reply_goes_to_all_that_are_selected(page, three):
    Macro.objects.create(name="delay", text="Dear {{ customer.first_name }}, sorry for the delay.")
    page.goto("/desk")
    for _one in range(2):
        page.keyboard.press("j")
        page.keyboard.press("x")
    page.keyboard.press("m")
    expect(page.locator("#chooser .on")).to_contain_text("delay")
    page.keyboard.press("Enter")
    expect(page.locator("#sure")).to_contain_text("2 answers will be sent.")
    expect(page.locator("#sure [value=yes]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#rows li")).to_have_count(1)
    assert {one.text.split(",")[0] for one in Message.objects.filter(kind="outbound")} == {"Dear Kwame", "Dear Ines"}
