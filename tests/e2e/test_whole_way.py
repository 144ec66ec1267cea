"""The whole way, with everything running: a mail through real servers, the sender's journey beside it, an answer with
the keyboard alone, the reply in the same thread, and the wait in the measure."""

import email
import email.policy
import json
import re

import pytest
from playwright.sync_api import expect

from beforehand.channels.email.tests.mails import mail
from beforehand.channels.tests import mailhost
from beforehand.journey.tests.live import live
from tests.e2e.conftest import enter

CUSTOMER, HELP = "ada@customer.example", "help@us.example"
HOUSE = """
from beforehand.channels.models import Mailbox
from beforehand.service.tests.deskful import person
from beforehand.team.models import Member
Member.objects.create_user("ada@example.com", "a lantern in fog", name="Ada Osei", role="owner")
box = Mailbox(address="{address}", user="{address}", state="live", imap_host="127.0.0.1", imap_port={host.imap},
  imap_security="none", smtp_host="127.0.0.1", smtp_port={host.smtp}, smtp_security="none", uid_validity=0)
box.keep_secret({{"password": "{host.password}"}})
box.save()
print(person("Ada Lovelace", "ada@customer.example").customer_id)
"""
pytestmark = pytest.mark.slow


@pytest.fixture
def host():
    with mailhost.running([CUSTOMER, HELP]) as running:
        yield running


def test_a_mail_is_answered_by_keyboard_and_the_reply_finds_its_thread(tmp_path, host, new_window, monkeypatch):
    monkeypatch.setenv("BEFOREHAND_UNDO_SECONDS", "1")
    with live(tmp_path / "data", "all") as server:
        customer = server.run("django", "shell", "-v0", "-c", HOUSE.format(address=HELP, host=host)).split()[-1]
        ordered(server)
        ada = enter(new_window(), server, "ada")
        ada.goto(f"{server.address}/desk")
        host.post(
            CUSTOMER, HELP, mail("It is late. Where is it?", Message_ID="<way1@customer.example>", Subject="Order 12")
        )
        ada.locator("#news").click()
        expect(ada.locator("#rows li")).to_have_count(1)

        ada.keyboard.press("j")
        ada.keyboard.press("Enter")
        expect(ada.locator("#subject")).to_have_text("Order 12")
        expect(ada.locator("#context")).to_contain_text("Order placed")
        ada.keyboard.press("r")
        ada.keyboard.type("It comes tomorrow, Ada.")
        ada.keyboard.press("Control+Enter")
        expect(ada.locator("#toasts")).to_contain_text("Sent to Ada Lovelace")

        (raw,) = host.delivered(CUSTOMER, 1, seconds=40)
        answer = email.message_from_bytes(raw, policy=email.policy.default)
        assert answer["In-Reply-To"] == "<way1@customer.example>" and "It comes tomorrow, Ada." in answer.get_content()
        reply = mail(
            "And my invoice?", Message_ID="<way2@customer.example>", In_Reply_To=str(answer["Message-ID"]),
            Subject="Re: Order 12",
        )  # fmt: skip
        host.post(CUSTOMER, str(answer["Reply-To"]), reply)
        expect(ada.locator("#messages")).to_contain_text("And my invoice?")
        assert server.rows("select count(*) from service_conversation") == [(1,)]

        ada.keyboard.press("r")
        ada.keyboard.type("It is in your parcel.")
        ada.keyboard.press("Control+Enter")
        host.delivered(CUSTOMER, 2, seconds=40)
        wait = json.loads(server.run("measures", "customer-wait", "--json"))
        assert wait["n"] == 1 and 0 < wait["value"] < 600, wait
        ada.goto(f"{server.address}/measures/customer-wait")
        expect(ada.locator("#main")).to_contain_text(re.compile(r"n\s*=\s*1|\b1\b"))
        ada.goto(f"{server.address}/customers/{customer}")
        expect(ada.locator("#main")).to_contain_text("Wrote to us")


def ordered(server) -> None:
    """Something happened before they wrote: the journey has it."""
    import urllib.request

    said = json.dumps({"event": "Order Completed", "userId": "u1", "context": {"traits": {"email": CUSTOMER}}})
    request = urllib.request.Request(f"{server.address}/v1/track", said.encode())
    request.add_header("Authorization", f"Bearer {server.key()}")
    request.add_header("Content-Type", "application/json")
    assert urllib.request.urlopen(request, timeout=20).status == 200
