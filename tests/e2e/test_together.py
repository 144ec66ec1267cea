"""Two who work on the same conversation see each other: two agents, an agent and a visitor, over the real stream."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from beforehand.journey.tests.live import Live, live
from tests.e2e.conftest import PASSWORD, enter
from tests.e2e.site import Site

HOUSE = f"""
from beforehand.channels.models import ChatWidget
from beforehand.service.tests.deskful import asks
from beforehand.team.models import Member
for name, role in (("Ada Osei", "owner"), ("Ben Haddad", "agent")):
    Member.objects.create_user(name[:3].lower() + "@example.com", {PASSWORD!r}, name=name, role=role)
parcel = asks("Ines Carvalho", "Parcel since Tuesday", "Still nothing. Is it lost?")
print(ChatWidget.make(name="Shop", origins=["%s"])[0].key, parcel.pk)
"""
MODULES_BY_NONCE = "default-src 'none'; script-src 'nonce-of-this-page'; connect-src {0}; base-uri 'none'"
pytestmark = pytest.mark.slow


class House:
    def __init__(self, server: Live, key: str, parcel: str) -> None:
        self.server, self.key, self.parcel = server, key, f"{server.address}/conversations/{parcel}?view=waiting"


@pytest.fixture
def house(tmp_path, their_site) -> Iterator[House]:
    with live(tmp_path / "data", "all") as server:
        key, parcel = server.run("django", "shell", "-v0", "-c", HOUSE % their_site.address).split()[-2:]
        their_site.put_chat(server, key)
        yield House(server, key, parcel)


def test_two_agents_see_who_reads_who_types_and_who_left(house: House, new_window):
    ada, ben = enter(new_window(), house.server, "ada"), enter(new_window(), house.server, "ben")
    ada.goto(house.parcel)
    expect(ada.locator("#here .face")).to_have_count(0)
    ben.goto(house.parcel)
    at_adas = ada.locator("#here").get_by_title("Ben Haddad")
    expect(at_adas).to_be_visible()
    expect(at_adas).not_to_have_class(re.compile("types"))
    expect(ben.locator("#here").get_by_title("Ada Osei")).to_be_visible()
    ben.keyboard.press("r")
    ben.keyboard.type("Dear Ines, I look for it")
    expect(at_adas).to_have_class(re.compile("types"))
    expect(at_adas).not_to_have_class(re.compile("types"))  # A sign of typing is over by itself.
    ben.goto(f"{house.server.address}/desk")
    expect(ada.locator("#here .face")).to_have_count(0)


def test_what_one_agent_sends_stops_the_other_who_reads_it_and_sends_by_keys_alone(house: House, new_window):
    ada, ben = enter(new_window(), house.server, "ada"), enter(new_window(), house.server, "ben")
    ben.goto(f"{house.server.address}/desk")
    for key in ("j", "Enter"):
        ben.keyboard.press(key)
    expect(ben.locator("#subject")).to_have_text("Parcel since Tuesday")
    expect(ben.locator("#thread")).to_be_focused()
    ben.keyboard.press("r")
    ben.keyboard.type("Dear Ines, we look for it.")
    ada.goto(house.parcel)
    ada.keyboard.press("r")
    ada.keyboard.type("It is in Cork.")
    ada.keyboard.press("Control+Enter")
    expect(ben.locator("#messages")).to_contain_text("It is in Cork.")
    ben.keyboard.press("Control+Enter")
    expect(ben.locator("#stopped")).to_contain_text("It is in Cork.")
    expect(ben.locator("#text")).to_be_focused()
    ben.keyboard.press("Control+End")
    ben.keyboard.type(" As Ada said, in Cork.")
    anyway = ben.locator("#stopped").get_by_role("button", name="I have read it: send")
    for _step in range(12):
        if anyway.evaluate("button => button === document.activeElement"):
            break
        ben.keyboard.press("Shift+Tab")
    expect(anyway).to_be_focused()
    ben.keyboard.press("Enter")
    expect(ben.locator("#messages")).to_contain_text("Dear Ines, we look for it. As Ada said, in Cork.")
    ben.faults[:] = [fault for fault in ben.faults if "409" not in fault]
    said = "select text from service_message where kind = 'outbound' order by id"
    texts = [text for (text,) in house.server.rows(said)]
    assert texts == ["It is in Cork.", "Dear Ines, we look for it. As Ada said, in Cork."]


def test_agent_and_visitor_see_each_other_write_read_and_leave(house: House, their_site: Site, new_window):
    ada, visitor = enter(new_window(), house.server, "ada"), new_window()
    ada.goto(f"{house.server.address}/desk")
    expect(ada.locator("#rows li")).to_have_count(1)
    visitor.goto(their_site.address)
    visitor.get_by_role("button", name="Write to us").press("Enter")
    visitor.get_by_label("Write a message").fill("Where is my parcel?")
    visitor.keyboard.press("Enter")
    expect(visitor.get_by_role("log")).to_contain_text(re.compile(r"\d, sent"))

    ada.get_by_role("button", name="1 new").click()
    ada.locator("#rows a", has_text="Where is my parcel?").click()
    expect(ada.locator("#messages")).to_contain_text("Where is my parcel?")
    visitor.keyboard.type("Or shall I")
    expect(ada.locator("#here .face.types")).to_be_visible()
    expect(ada.locator("#here .face.types")).to_have_count(0)

    ada.keyboard.press("r")
    ada.keyboard.type("It comes")
    expect(visitor.get_by_text("Ada is writing")).to_be_visible()
    ada.keyboard.type(" tomorrow.")
    ada.keyboard.press("Control+Enter")
    expect(visitor.get_by_role("log")).to_contain_text("It comes tomorrow.")
    expect(visitor.get_by_text("Ada is writing")).to_be_hidden()
    expect(visitor.get_by_label("Write a message")).to_have_value("Or shall I")
    visitor.get_by_label("Write a message").fill("")
    visitor.close()
    expect(ada.locator("#here .face")).to_have_count(0, timeout=60_000)


def test_the_chat_works_where_scripts_need_a_nonce(house: House, their_site: Site, new_window):
    their_site.put_chat(house.server, house.key, MODULES_BY_NONCE, nonce="of-this-page")
    visitor = new_window()
    visitor.goto(their_site.address)
    visitor.get_by_role("button", name="Write to us").click()
    visitor.get_by_label("Write a message").fill("By nonce")
    visitor.keyboard.press("Enter")
    expect(visitor.get_by_role("log")).to_contain_text(re.compile(r"\d, sent"))
