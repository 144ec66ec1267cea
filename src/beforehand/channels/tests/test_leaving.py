"""Leaving with one click: looking changes nothing, posting withdraws, and nobody leaves for somebody else."""

import pytest
from django.test import Client
from django.utils import timezone

from beforehand.channels import leaving, outbox
from beforehand.channels.email.composing import compose
from beforehand.channels.email.outward import draft_of
from beforehand.channels.tests.people import content, identifier_of, mailbox_of
from beforehand.customers import consent

pytestmark = pytest.mark.django_db


@pytest.fixture
def outgoing(settings):
    settings.URL = "https://cx.us.example"
    settings.QUIET_FROM = settings.QUIET_TO = 0
    who = identifier_of("ada@customer.example")
    consent.note(who, "outreach", True, timezone.now())
    mailbox = mailbox_of("help@us.example", state="live")
    return outbox.send("k", "outreach", "email", who, content("ada@customer.example"), mailbox, automatic=True)


def path(outgoing) -> str:
    return leaving.link(outgoing).removeprefix("https://cx.us.example")


def may(outgoing) -> bool:
    return consent.may(outgoing.identifier.customer_id, "outreach", "email")


def test_everything_bulk_carries_the_link_and_says_that_one_click_is_enough(outgoing):
    head = compose(draft_of(outgoing)).decode().replace("\r\n ", " ")
    assert f"List-Unsubscribe: <{leaving.link(outgoing)}>" in head
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in head
    assert "Auto-Submitted: auto-generated" in head


def test_looking_changes_nothing_and_a_mail_programs_post_withdraws(outgoing):
    browser = Client(enforce_csrf_checks=True)
    assert browser.get(path(outgoing)).status_code == 200
    assert may(outgoing)
    answer = browser.post(path(outgoing), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert "Done" in answer.content.decode()
    assert not may(outgoing)
    browser.post(path(outgoing))
    assert outgoing.identifier.consents.filter(given=False).count() == 1
    outbox.step()
    outgoing.refresh_from_db()
    assert outgoing.state == "failed"


def test_who_changes_the_link_leaves_for_nobody(outgoing):
    head, _slash, token = path(outgoing).rpartition("/")
    for forged in (token[:-2] + "aa", token[2:], "a" * len(token), "x"):
        assert Client().post(f"{head}/{forged}").status_code == 404
    assert may(outgoing)


def test_a_reply_carries_no_link(outgoing):
    reply = outbox.send("k2", "reply", "email", outgoing.identifier, content("ada@customer.example"), outgoing.mailbox)
    assert leaving.link(reply) == ""
    assert b"List-Unsubscribe" not in compose(draft_of(reply))


def test_a_mailbox_to_try_it_out_writes_what_it_would_send_into_a_folder(settings):
    mailbox = mailbox_of("help@us.example", state="live", way="folder")
    sent = outbox.send("k1", "reply", "email", identifier_of("ada@us.example"), content("ada@us.example"), mailbox)
    assert outbox.step() == 1
    sent.refresh_from_db()
    assert sent.state == "sent"
    [file] = (settings.DATA / "sent-mail").iterdir()
    assert sent.message_id.encode() in file.read_bytes()
