"""An answer in a chat that was not read follows by mail: once, to whoever left an address and is gone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from beforehand.channels import brake, delivering
from beforehand.channels.chat.visitors import Introduction, meet
from beforehand.channels.email import tokens
from beforehand.channels.models import ChatWidget, Delivery, Mailbox, Outgoing, Visitor
from beforehand.lib.signing import own_keys
from beforehand.service import chats, unread
from beforehand.service.models import Conversation

pytestmark = pytest.mark.django_db
ADDRESS = "ines@example.org"


@pytest.fixture
def widget(settings):
    settings.URL = "https://desk.example"
    mailbox = Mailbox.objects.create(address="help@shop.example", state=Mailbox.State.LIVE, way=Mailbox.Way.FOLDER)
    return ChatWidget.make(name="Shop", mailbox=mailbox)[0]


@pytest.fixture
def visitor(widget):
    return meet(widget, Introduction(answers={"name": "Ines", "email": ADDRESS}))[0]


@pytest.fixture
def talk(visitor, ada):
    chats.said(visitor, None, "Where is my order?")
    found = Conversation.objects.get()
    found.answer("It comes tomorrow.", ada)
    return found


def later(minutes=11):
    return timezone.now() + timedelta(minutes=minutes)


def mails():
    return list(Outgoing.objects.filter(channel="email").order_by("id"))


def test_all_that_is_unread_goes_in_one_mail_that_can_be_answered(talk, ada):
    talk.answer("By noon.", ada)
    assert unread.keep_up(later()) == 1
    (mail,) = mails()
    assert mail.content["to"] == [["Ines", ADDRESS]] and mail.mailbox.address == "help@shop.example"
    for part in ("It comes tomorrow.", "By noon.", "https://desk.example/c/", "Ada"):
        assert part in mail.content["text"]
    assert mail.purpose == Outgoing.Purpose.TRANSACTIONAL and mail.automatic and mail.content["machine"]
    assert tokens.find((), [mail.message_id], own_keys()).token.conversation == talk.pk


def test_never_twice_and_what_is_new_alone(talk, ada):
    assert unread.keep_up(later()) == 1
    assert unread.keep_up(later(12)) == unread.keep_up(later(200)) == 0
    Conversation.objects.get().answer("It is on the van.", ada)
    assert unread.keep_up(later(30)) == 1
    assert "van" in mails()[1].content["text"] and "tomorrow" not in mails()[1].content["text"]


def test_not_before_its_time(talk):
    assert unread.keep_up(later(9)) == 0


def test_what_was_read_does_not_follow(talk, visitor):
    ours = chats.history(visitor)[-1]
    chats.read(visitor, ours["id"])
    assert unread.keep_up(later()) == 0


def test_what_arrived_on_a_page_that_nobody_looked_at_does(talk, visitor):
    for delivery in Delivery.objects.all():
        delivering.progress(delivery, Delivery.State.DELIVERED)
    assert unread.keep_up(later()) == 1


def test_nothing_follows_whoever_is_still_there_or_wrote_since(talk, visitor):
    Visitor.objects.update(last_seen=unread.to_micros(later(10)))
    assert unread.keep_up(later()) == 0
    Visitor.objects.update(last_seen=unread.to_micros(timezone.now()))
    chats.said(visitor, None, "Thanks")
    assert unread.keep_up(later()) == 0


def test_nothing_follows_without_an_address_or_where_the_widget_says_so(talk, widget):
    widget.change(follow_up=0)
    assert unread.keep_up(later()) == 0
    widget.change(follow_up=10)
    Visitor.objects.update(asked={"name": "Ines"})
    assert unread.keep_up(later()) == 0


def test_a_mailbox_that_only_watches_sends_nothing(talk, widget):
    Mailbox.objects.update(state=Mailbox.State.WATCHING)
    assert unread.keep_up(later()) == 0


def test_the_brake_holds_it_too(talk, ada):
    brake.pull("trouble", ada)
    unread.keep_up(later())
    (mail,) = mails()
    assert mail.state == Outgoing.State.HELD


def test_an_answer_that_was_taken_back_does_not_follow(talk, ada, settings):
    Outgoing.objects.update(state=Outgoing.State.CANCELLED)
    assert unread.keep_up(later()) == 0


def test_the_widget_does_not_show_the_mail_as_another_answer(talk, visitor):
    unread.keep_up(later())
    (mail,) = mails()
    from beforehand.service.acts.answering import outgoing_changed

    mail.state, mail.sent = Outgoing.State.SENT, timezone.now()
    mail.save()
    outgoing_changed(mail)
    assert talk.thread().filter(machine="own").count() == 1
    assert [one["text"] for one in chats.history(visitor)] == ["Where is my order?", "It comes tomorrow."]
