"""The chat on another site with a strict policy: what a visitor writes is at the desk, the answer comes live."""

import json
import re
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from beforehand.journey.tests.live import Live, live
from tests.e2e.site import Site

HOUSE = """
from beforehand.channels.models import ChatWidget
from beforehand.team.models import ApiToken, Member
ada = Member.objects.create_user("ada@example.com", name="Ada Osei", role="owner")
fields = [{"name": "name", "kind": "text", "label": "Your name", "required": True}]
widget = ChatWidget.make(name="Shop", origins=["%s"], fields=fields)[0]
print(widget.key, ApiToken.make(ada, "test", list(ApiToken.Scope))[1])
"""


class Desk:
    """The desk, through its API."""

    def __init__(self, server: Live, token: str) -> None:
        self.server, self.token = server, token

    def ask(self, path: str, body: dict | None = None) -> dict:
        content = json.dumps(body).encode() if body else None
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.server.address}/api/v1/{path}", content, headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())


@pytest.fixture
def desk(tmp_path, their_site) -> Iterator[Desk]:
    with live(tmp_path / "data", "all") as server:
        key, token = server.run("django", "shell", "-v0", "-c", HOUSE % their_site.address).split()[-2:]
        their_site.put_chat(server, key)
        yield Desk(server, token)


@pytest.mark.slow
def test_a_visitor_writes_and_the_answer_comes_live(desk: Desk, their_site: Site, new_window):
    visit = new_window()
    visit.goto(their_site.address)
    visit.get_by_role("button", name="Write to us").press("Enter")
    visit.get_by_label("Your name").fill("Inês <b>")
    visit.get_by_role("button", name="Start").click()
    assert visit.evaluate("localStorage.length") == 0 and not visit.context.cookies()
    visit.get_by_label("Write a message").fill("Where is my <script>parcel</script>?")
    visit.keyboard.press("Enter")
    expect(visit.get_by_role("log")).to_contain_text(re.compile(r"\d, sent"))
    (conversation,) = desk.ask("conversations")["items"]
    assert conversation["snippet"] == "Where is my <script>parcel</script>?"
    assert conversation["customer_name"] == "Inês <b>"

    desk.ask(f"conversations/{conversation['id']}/replies", {"text": "It comes <i>tomorrow</i>."})
    expect(visit.get_by_role("log")).to_contain_text("It comes <i>tomorrow</i>.")
    visit.get_by_role("button", name="Solved", exact=True).click()
    expect(visit.get_by_text("This is done.")).to_be_visible()
    assert desk.ask(f"conversations/{conversation['id']}")["category"] == "done"

    # Without a connection it is kept, said, and sent once when the connection is back.
    visit.context.set_offline(True)
    visit.get_by_role("textbox").fill("One more thing")
    visit.keyboard.press("Enter")
    expect(visit.get_by_role("log")).to_contain_text("Not sent yet")
    visit.context.set_offline(False)
    expect(visit.get_by_role("log")).not_to_contain_text("Not sent yet")
    said = desk.ask(f"conversations/{conversation['id']}/messages")["items"]
    assert [one["text"] for one in said].count("One more thing") == 1

    # Esc closes and gives the focus back; another page goes on where this one was; no cookie was ever set.
    visit.keyboard.press("Escape")
    expect(visit.get_by_role("button", name="Write to us")).to_be_focused()
    visit.reload()
    visit.get_by_role("button", name="Write to us").click()
    expect(visit.get_by_role("log")).to_contain_text("One more thing")
    assert not visit.context.cookies()
    visit.faults[:] = [fault for fault in visit.faults if "ERR_INTERNET_DISCONNECTED" not in fault]
