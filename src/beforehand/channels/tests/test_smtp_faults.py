"""A mail server that takes some, hangs up, says nothing; and a sender that is killed: nobody gets a message twice."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Server

from beforehand.channels import outbox
from beforehand.channels.email import smtp
from beforehand.channels.models import Outgoing
from beforehand.channels.tests.people import content, identifier_of, mailbox_of
from beforehand.lib.tests.ports import free_port

pytestmark = pytest.mark.django_db


class Handler:
    """Answers as told; `got`: (recipients, content) of what it took."""

    def __init__(self):
        self.refuses: dict[str, str] = {}
        self.answer, self.drops, self.waits, self.got = "250 Taken", False, 0.0, []

    async def handle_RCPT(self, server, session, envelope, address, options):
        if refused := self.refuses.get(address):
            return refused
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        import asyncio

        self.got.append((list(envelope.rcpt_tos), bytes(envelope.content)))
        await asyncio.sleep(self.waits)
        if self.drops:
            server.transport.abort()
        return self.answer


class Listening(Controller):
    def factory(self):
        return Server(self.handler, hostname="mx.us.example", data_size_limit=1_000_000)


@pytest.fixture
def handler():
    handler = Handler()
    handler.port = free_port()
    controller = Listening(handler, hostname="127.0.0.1", port=handler.port)
    controller.start()
    loop = controller.loop
    yield handler
    controller.stop()
    loop.close()


@pytest.fixture
def mailbox(handler):
    access = {"smtp_host": "127.0.0.1", "smtp_port": handler.port, "smtp_security": "none"}
    return mailbox_of("help@us.example", state="live", **access)


def sent(mailbox, *to, **more) -> Outgoing:
    addresses = to or ("ada@customer.example",)
    outgoing = outbox.send("k", "reply", "email", identifier_of(addresses[0]), content(*addresses, **more), mailbox)
    outbox.step()
    outgoing.refresh_from_db()
    return outgoing


def states(outgoing):
    return {one.address[0]: one.state for one in outgoing.deliveries.all()}


def test_four_of_five_are_taken_and_nobody_gets_it_twice(handler, mailbox):
    to = [f"{letter}@customer.example" for letter in "abcde"]
    handler.refuses = {"b@customer.example": "550 5.1.1 No such user", "d@customer.example": "451 4.7.1 Later"}
    outgoing = sent(mailbox, *to)
    assert states(outgoing) == {"a": "sent", "b": "failed", "c": "sent", "d": "queued", "e": "sent"}
    assert outgoing.state == "queued"
    handler.refuses = {}
    Outgoing.objects.update(not_before=0)
    outbox.step()
    outgoing.refresh_from_db()
    assert outgoing.state == "partly"
    assert [recipients for recipients, _content in handler.got] == [[to[0], to[2], to[4]], [to[3]]]
    assert outgoing.deliveries.get(address=to[1]).detail == "5.1.1 No such user"


@pytest.mark.parametrize(("answer", "state"), [("554 Spam", "failed"), ("452 Full", "queued")])
def test_what_it_says_after_the_message_counts(handler, mailbox, answer, state):
    handler.answer = answer
    assert sent(mailbox).state == state


def test_one_that_hangs_up_after_the_message_leaves_it_in_doubt(handler, mailbox):
    handler.drops = True
    outgoing = sent(mailbox)
    assert outgoing.state == "unknown"
    handler.drops = False
    outbox.step()
    assert len(handler.got) == 1


def test_one_that_says_nothing_after_the_message_leaves_it_in_doubt(handler, mailbox, monkeypatch):
    monkeypatch.setattr(smtp, "SECONDS_FOR_DATA", 0.2)
    handler.waits = 2
    assert sent(mailbox).state == "unknown"


def test_one_that_is_away_is_tried_again(mailbox):
    mailbox.smtp_port = 9
    mailbox.save()
    outgoing = sent(mailbox)
    assert outgoing.state == "queued"
    assert "Nothing listens" in outgoing.reason


def test_a_message_that_it_does_not_take_for_its_size_is_not_sent_over(handler, mailbox):
    outgoing = sent(mailbox, text="x" * 1_200_000)
    assert (outgoing.state, outgoing.deliveries.get().code) == ("failed", "552")
    assert handler.got == []


def test_lines_that_begin_with_a_dot_arrive_as_they_were_written(handler, mailbox):
    sent(mailbox, text="one\n.\n..two\n.three")
    assert b"one\r\n.\r\n..two\r\n.three" in handler.got[0][1]


def test_bcc_is_in_the_envelope_alone(handler, mailbox):
    sent(mailbox, bcc=[["", "secret@customer.example"]])
    recipients, raw = handler.got[0]
    assert "secret@customer.example" in recipients
    assert b"secret@" not in raw


def test_no_text_becomes_a_header(handler, mailbox):
    outgoing = sent(mailbox, subject="Hi\r\nBcc: victim@x.example\r\n\r\nEvil", in_reply_to="a@b.example")
    assert outgoing.state == "sent"
    recipients, raw = handler.got[0]
    assert recipients == ["ada@customer.example"]
    assert b"\nBcc:" not in raw


KILLED = """
    import os, sys, time
    import django
    os.environ["DJANGO_SETTINGS_MODULE"] = "beforehand.settings"
    django.setup()
    from beforehand.channels import outbox
    print("ready", flush=True)
    outbox.step()
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("moment", ["before", "during"])
def test_a_sender_killed_with_nine_sends_nothing_twice_and_loses_nothing(handler, mailbox, moment, settings):
    from django.db import connection

    if connection.vendor != "sqlite":
        pytest.skip("The other process finds the test's database by its file.")
    handler.waits = 20 if moment == "during" else 0
    outgoing = outbox.send(
        "k", "reply", "email", identifier_of("ada@customer.example"), content("ada@customer.example"), mailbox
    )
    if moment == "before":
        Outgoing.objects.filter(pk=outgoing.pk).update(state="sending", leased_until=0)
    else:
        environment = os.environ | {"DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}"}
        process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(KILLED)], env=environment)
        until = time.monotonic() + 60
        while not handler.got and time.monotonic() < until:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert handler.got
        assert outgoing.deliveries.get().state == "leaving"
        assert outbox.step() == 0
        Outgoing.objects.update(leased_until=0)
    handler.waits = 0
    outbox.step()
    outgoing.refresh_from_db()
    assert outgoing.state == ("sent" if moment == "before" else "unknown")
    assert len(handler.got) == 1
