"""Mail, from its raw bytes to its conversation."""

import itertools

import pytest

from beforehand.channels import arriving, files, outbox
from beforehand.channels.email import tokens
from beforehand.channels.email.tests.mails import mail
from beforehand.channels.models import Arrival, Blocked, Mailbox, Outgoing
from beforehand.journey.models import Touchpoint
from beforehand.lib.signing import own_keys
from beforehand.service.models import ClockRow, Conversation, Message, Participant
from beforehand.service.tests.desk import fresh

pytestmark = pytest.mark.django_db
PASS = "mx.us.example; dmarc=pass header.from={}"
COUNT = itertools.count(1)


@pytest.fixture(autouse=True)
def box(db, settings, tmp_path):
    settings.FILES = tmp_path / "files"
    return Mailbox.objects.create(address="help@us.example", state="live", trusted_servers=["mx.us.example"])


def comes(text="Where is it?\r\n", sender="ada@customer.example", proof="pass", origin="live", **headers):
    number = next(COUNT)
    headers.setdefault("From", f"Ada Lovelace <{sender}>")
    headers.setdefault("Message_ID", f"<{number}@customer.example>")
    said = {"pass": PASS.format(sender.rpartition("@")[2]), "fail": "mx.us.example; dmarc=fail"}.get(proof)
    raw = mail(text, Authentication_Results=said, **headers)
    arrival = arriving.arrive("email", f"INBOX/1/{number}", raw, Mailbox.objects.get(), origin)
    return arriving.read(arrival)


def only():
    return Conversation.objects.get()


def test_a_mail_opens_a_conversation_with_its_sender(box):
    arrival = comes(Subject="Re: My order")
    talk = only()
    assert (arrival.state, talk.subject, talk.channel, talk.mailbox) == ("placed", "My order", "email", box)
    assert talk.identifier.value == "ada@customer.example" and talk.identifier.proved
    assert talk.identifier.customer.name == "Ada Lovelace"
    assert talk.waiting_since and talk.snippet == "Where is it?"
    assert Touchpoint.objects.filter(identifier=talk.identifier, name="Message Received").count() == 1


def test_the_customers_answer_lands_in_the_same_thread_and_ours_in_theirs(ada):
    comes()
    answer = only().answer("It comes tomorrow.", ada)
    sent = answer.outgoing
    assert sent.content["in_reply_to"] and sent.message_id
    comes(
        "Thanks, but when?\r\n\r\n> It comes tomorrow.\r\n", In_Reply_To=f"<{sent.message_id}>", Subject="Re: My order"
    )
    last = only().thread().last()
    assert last.kind == "inbound" and last.text[: last.reply_ends].strip() == "Thanks, but when?"
    assert only().waiting_since == last.time


def test_a_stranger_with_the_same_reference_is_not_glued_in():
    comes(Message_ID="<news@us.example>")
    comes(sender="eve@elsewhere.example", In_Reply_To="<news@us.example>")
    assert Conversation.objects.count() == 2


def test_what_fails_the_check_stands_beside_nobodys_journey():
    comes()
    comes(proof="fail")
    forged = Conversation.objects.order_by("pk").last()
    assert (
        not forged.identifier.proved and forged.identifier.customer != Conversation.objects.first().identifier.customer
    )


def test_a_colleague_answers_from_their_own_mail_program_and_nobody_in_their_name(ada):
    comes()
    reply_to = tokens.address("help@us.example", tokens.Token(only().pk, ada.pk), own_keys())
    assert comes("It comes.\r\n", sender=ada.email, proof="fail", To=reply_to).state == "quarantine"
    assert comes("It comes.\r\n", sender="eve@elsewhere.example", To=reply_to).state == "quarantine"
    assert only().waiting_since
    assert comes("It comes.\r\n", sender=ada.email, To=reply_to).state == "placed"
    message = only().thread().last()
    assert (message.kind, message.member, message.text.strip()) == ("outbound", ada, "It comes.")
    assert only().waiting_since is None and Outgoing.objects.get().content["to"] == [
        ["Ada Lovelace", "ada@customer.example"]
    ]


def test_machine_mail_is_appended_and_triggers_nothing(ada):
    comes()
    sent = only().answer("It comes.", ada, then="done").outgoing
    comes("I am away.\r\n", In_Reply_To=f"<{sent.message_id}>", Auto_Submitted="auto-replied")
    talk = only()
    assert talk.thread().last().machine == "auto_reply"
    assert talk.category == "done" and talk.waiting_since is None and Outgoing.objects.count() == 1


def test_the_same_mail_to_two_of_our_addresses_is_one_message():
    comes(Message_ID="<x@customer.example>")
    other = Mailbox.objects.create(address="sales@us.example", state="live")
    raw = files.read(Arrival.objects.get().raw)
    second = arriving.read(arriving.arrive("email", "INBOX/1/9", raw, other))
    assert second.state == "repeat" and Message.objects.get().headers["also_to"] == ["sales@us.example"]


def test_an_answer_long_after_is_a_new_conversation_that_follows_the_old_one(ada, monkeypatch):
    comes()
    sent = only().answer("It came.", ada, then="done").outgoing
    monkeypatch.setattr("beforehand.service.arrivals.arriving.REOPEN_DAYS", -1)
    comes("It broke.\r\n", In_Reply_To=f"<{sent.message_id}>")
    old, new = Conversation.objects.order_by("pk")
    assert new.follows == old and fresh(old).category == "done"


def test_blocked_senders_wait_in_quarantine_and_spam_is_no_thread():
    comes()
    only().block()
    assert Blocked.objects.get().key == "ada@customer.example"
    assert comes().reason == "blocked"


def test_an_archive_triggers_nothing_and_its_own_mails_are_ours():
    comes(origin="archive", Date="Mon, 2 Mar 2020 10:00:00 +0100", Message_ID="<old@customer.example>")
    about = {"To": "ada@customer.example", "In_Reply_To": "<old@customer.example>"}
    comes("Here it is.\r\n", "help@us.example", None, "archive", Date="Mon, 2 Mar 2020 12:00:00 +0100", **about)
    talk = only()
    assert talk.kept == "archive" and [one.kind for one in talk.thread()] == ["inbound", "outbound"]
    assert talk.last_message.year == 2020
    assert not ClockRow.objects.exists() and not Outgoing.objects.exists() and talk.waiting_since is None


def test_copies_take_part_and_are_offered_for_an_answer_to_all(ada):
    from beforehand.service.acts.recipients import suggested

    comes(To="help@us.example, Bob <bob@customer.example>", Cc="eve@elsewhere.example")
    assert set(Participant.objects.values_list("address", "role")) == {
        ("ada@customer.example", "customer"),
        ("bob@customer.example", "to"),
        ("eve@elsewhere.example", "cc"),
    }
    found = suggested(only())
    assert found.to == (("Ada Lovelace", "ada@customer.example"),)
    assert [address for _name, address in found.cc] == ["bob@customer.example", "eve@elsewhere.example"]


def test_an_acknowledgement_stands_in_the_thread_and_answers_nothing(box):
    box.acknowledgement = "We have your message."
    box.save()
    comes()
    sent = Outgoing.objects.get()
    sent.deliveries.update(state="sent")
    outbox._conclude(sent)
    assert [one.machine for one in only().thread()] == ["", "own"]
    assert only().waiting_since is not None and only().last_by == "customer"


def test_a_member_puts_what_waits_in_quarantine_into_a_conversation(ada):
    comes()
    waiting = comes("Hm.\r\n", sender="eve@elsewhere.example", Auto_Submitted="auto-replied")
    assert waiting.state == "quarantine"
    arriving.put(waiting, only().pk, ada)
    assert only().thread().count() == 2
