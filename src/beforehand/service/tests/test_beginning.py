"""A letter that we begin with."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from beforehand.channels.models import Mailbox, Outgoing
from beforehand.journey.models import Contact, Touchpoint
from beforehand.lib.trouble import Trouble
from beforehand.service.acts.beginning import Letter, write_to
from beforehand.service.models import ClockRow, Conversation, Message
from beforehand.service.tests.deskful import person

pytestmark = pytest.mark.django_db
PAGE = "/conversations/new"


@pytest.fixture(autouse=True)
def live(mailbox):
    return mailbox


@pytest.fixture
def desk(client, ada):
    client.force_login(ada)
    return client


def letter(**more):
    return Letter(
        **{"to": ["Cleo <cleo@example.org>"], "subject": "Your order", "text": "It comes a day later."} | more
    )


def names():
    shown = Touchpoint.objects.exclude(name__startswith="$").order_by("id")
    return list(shown.values_list("name", flat=True))


def test_nobody_waits_in_what_we_begin_and_the_answer_to_it_is_no_contact(ada):
    message = write_to(letter(), ada, "1")
    conversation = message.conversation
    assert (conversation.owner, conversation.waiting_since) == (ada, None)
    assert conversation.category == "waiting_customer" and str(conversation.identifier) == "cleo@example.org"
    outgoing = message.outgoing
    assert outgoing.content["to"] == [["Cleo", "cleo@example.org"]] and outgoing.content["subject"] == "Your order"
    conversation.receive("Which day is that?")
    assert conversation.waiting_since is not None
    assert names() == ["Message Sent", "Reply Received"]
    assert not Contact.objects.exists()
    assert "first_response" not in ClockRow.objects.values_list("name", flat=True)
    conversation.answer("Tuesday.", ada)
    conversation.receive("And where is my other order?")
    assert names()[2:] == ["Reply Sent", "Message Received"]


def test_the_same_letter_twice_is_one(ada):
    assert write_to(letter(), ada, "1") == write_to(letter(), ada, "1")
    assert write_to(letter(), ada, "2").conversation_id != Message.objects.order_by("id")[0].conversation_id
    assert Outgoing.objects.count() == 2


def test_the_others_take_part_so_that_their_answers_find_the_thread(ada):
    message = write_to(letter(cc=["dora@example.org"], bcc=["eve@example.org"]), ada, "1")
    roles = set(message.conversation.participants.values_list("address", "role"))
    assert roles == {("cleo@example.org", "customer"), ("dora@example.org", "cc")}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"to": []}, "Say whom"),
        ({"to": ["nonsense"]}, "no e-mail address"),
        ({"to": ["help@shop.example"]}, "address of ours"),
        ({"subject": " "}, "subject"),
        ({"text": " \n"}, "Write something"),
        ({"text": "Dear {{ customer.first_name }}"}, "{{"),
        ({"to": [f"c{n}@example.org" for n in range(51)]}, "at most 50"),
    ],
)
def test_what_cannot_be_sent_is_refused_and_nothing_begins(ada, wrong, said):
    with pytest.raises(Trouble, match=said):
        write_to(letter(**wrong), ada, "1")
    assert not Conversation.objects.exists() and not Outgoing.objects.exists()


def test_without_a_mailbox_it_says_what_to_do(ada, desk):
    Mailbox.objects.update(state=Mailbox.State.OFF)
    with pytest.raises(Trouble, match="Settings, Mailboxes"):
        write_to(letter(), ada, "1")
    assert "no mailbox to write from" in desk.get(PAGE).content.decode()


def test_the_page_writes_with_files_and_leads_to_the_conversation(desk, ada):
    known = person("Cleo", "cleo@example.org")
    page = desk.get(f"{PAGE}?customer={known.customer_id}").content.decode()
    assert 'value="cleo@example.org"' in page
    sent = {"key": "k", "mailbox": Mailbox.objects.get().pk, "to": "cleo@example.org", "subject": "Yours", "text": "Hi"}
    answer = desk.post(
        PAGE, sent | {"uploads": [SimpleUploadedFile("../a.txt", b"one"), SimpleUploadedFile("b.txt", b"2")]}
    )
    message = Message.objects.get(kind="outbound")
    assert answer.url == reverse("service:conversation", args=[message.conversation_id])
    assert sorted(message.attachments.values_list("name", flat=True)) == ["a.txt", "b.txt"]
    assert len(message.outgoing.content["files"]) == 2


def test_what_is_refused_keeps_every_word_and_every_file(desk):
    sent = {"key": "k", "mailbox": Mailbox.objects.get().pk, "to": "nobody", "subject": "Yours", "text": "Long words"}
    page = desk.post(PAGE, sent | {"uploads": [SimpleUploadedFile("plan.pdf", b"%PDF")]})
    shown = page.content.decode()
    assert page.status_code == 422 and "Long words" in shown and "plan.pdf" in shown
    kept = page.context["form"]["kept"].value()
    desk.post(PAGE, sent | {"to": "cleo@example.org", "kept": kept})
    assert Message.objects.get(kind="outbound").attachments.get().name == "plan.pdf"


def test_files_that_nobody_signed_are_not_taken(desk):
    sent = {"key": "k", "mailbox": Mailbox.objects.get().pk, "to": "c@example.org", "subject": "Yours", "text": "Words"}
    desk.post(PAGE, sent | {"kept": '[[1,"x","y",2]]'})
    assert not Message.objects.get(kind="outbound").attachments.exists()


def test_viewers_write_to_nobody(client, vic):
    client.force_login(vic)
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {}).status_code == 403


def test_the_page_of_a_customer_leads_to_it(desk):
    known = person("Cleo", "cleo@example.org")
    page = desk.get(reverse("journey:customer", args=[known.customer_id])).content.decode()
    assert f"{PAGE}?customer={known.customer_id}" in page
