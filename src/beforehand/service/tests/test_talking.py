"""A conversation: what comes in, what goes out, who waits."""

from datetime import timedelta

import pytest
from django.utils import timezone

from beforehand.channels import outbox
from beforehand.channels.models import Brake, Outgoing
from beforehand.journey.models import Touchpoint
from beforehand.service.acts.answering import ThreadChanged
from beforehand.service.models import ClockRow, Conversation, LedgerEntry, Notification
from beforehand.service.tests.desk import person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def live(mailbox):
    return mailbox


@pytest.fixture
def asked():
    conversation = Conversation.begin(person(), "email", "Where is my order?")
    conversation.receive("Order 1234 has not come. Where is it?")
    return conversation


def test_a_customer_waits_from_their_message_to_our_answer(asked, ben):
    assert asked.waiting_since == asked.thread().get().time
    asked.answer("It comes tomorrow.", ben)
    assert asked.waiting_since is None and asked.category == "open" and asked.last_by == "member"
    assert list(ClockRow.objects.values_list("name", "how").order_by("name")) == [
        ("first_response", "answered"),
        ("resolution", ""),
        ("wait", "answered"),
    ]


def test_everything_is_a_touchpoint_and_the_ledger_has_its_number(asked, ben):
    asked.answer("It comes tomorrow.", ben, then="done")
    for entry in LedgerEntry.objects.all():
        touchpoint = Touchpoint.objects.get(pk=entry.pk)
        assert touchpoint.properties["desk"]["kind"] == entry.kind
    shown = Touchpoint.objects.exclude(name__startswith="$").order_by("id")
    assert list(shown.values_list("name", flat=True)) == ["Message Received", "Reply Sent"]


def test_an_answer_is_stopped_when_the_thread_has_changed(asked, ben):
    seen = asked.through
    asked.receive("Forget it, it just came.")
    with pytest.raises(ThreadChanged) as stopped:
        asked.answer("It comes tomorrow.", ben, based_on=seen)
    assert [message.text for message in stopped.value.messages] == ["Forget it, it just came."]
    assert not Outgoing.objects.exists()


def test_a_note_does_not_stop_an_answer(asked, ben, ada):
    seen = asked.through
    asked.write_note("She is a regular.", ada)
    assert asked.answer("It comes tomorrow.", ben, based_on=seen)


def test_the_same_key_is_one_answer(asked, ben):
    first = asked.answer("It comes tomorrow.", ben, key="k")
    assert asked.answer("It comes tomorrow.", ben, key="k") == first
    assert Outgoing.objects.count() == 1


def test_an_answer_that_was_taken_back_never_was_one(asked, ben):
    since = asked.waiting_since
    message = asked.answer("It comes tomorow.", ben)
    assert asked.take_back(message, ben)
    asked.refresh_from_db()
    assert asked.waiting_since == since
    assert asked.drafts.get().text == "It comes tomorow."


def test_what_was_begun_stays_when_an_answer_is_taken_back(asked, ben):
    message = asked.answer("It comes tomorow.", ben)
    asked.drafts.create(member=ben, mode="reply", text="And the bill", changed=timezone.now())
    assert asked.take_back(message, ben)
    assert asked.drafts.get().text == "It comes tomorow.\n\nAnd the bill"


def test_an_answer_that_is_its_own_draft_stands_in_it_once(asked, ben):
    message = asked.answer("It comes tomorow.", ben)
    asked.drafts.create(member=ben, mode="reply", text="It comes tomorow. ", changed=timezone.now())
    assert asked.take_back(message, ben)
    assert asked.drafts.get().text == "It comes tomorow."


def test_a_bounce_makes_the_case_unanswered_again_and_tells_who_wrote(asked, ben):
    since = asked.waiting_since
    message = asked.answer("It comes tomorrow.", ben)
    outbox.bounced(message.outgoing, "ines@example.org", "5.1.1", "no such user")
    asked.refresh_from_db()
    assert asked.waiting_since == since and asked.undelivered
    assert Notification.objects.get(kind="undelivered").member == ben


def test_what_a_guard_holds_is_no_answer(asked, ben):
    Brake.objects.create(why="too many")
    asked.answer("It comes tomorrow.", ben)
    assert asked.waiting_since is not None


def test_a_scheduled_answer_answers_when_it_leaves(asked, ben):
    asked.answer("It comes tomorrow.", ben, not_before=timezone.now() + timedelta(hours=3))
    assert asked.waiting_since is not None


def test_only_thanks_needs_no_answer_and_opens_nothing(asked, ben):
    asked.answer("It comes tomorrow.", ben, then="done")
    asked.receive("Great, thanks a lot!\n\nInes")
    assert asked.category == "done" and asked.waiting_since is None
    message = asked.thread().last()
    asked.judge(message, "", ben)
    assert asked.category == "open" and asked.waiting_since == message.time


def test_a_question_opens_what_was_done(asked, ben):
    asked.answer("It comes tomorrow.", ben, then="done")
    asked.receive("It did not come. Please refund me.")
    assert asked.category == "open" and asked.waiting_since is not None


def test_machine_mail_moves_nothing(asked, ben):
    asked.answer("It comes tomorrow.", ben, then="done")
    before = asked.through
    asked.receive("I am away until Monday.", machine="auto_reply")
    assert asked.category == "done" and asked.waiting_since is None and asked.through > before


def test_an_archive_is_kept_and_triggers_nothing():
    conversation = Conversation.begin(person(), "email", "Old", kept="archive")
    conversation.receive("Where is it?", time=timezone.now() - timedelta(days=400))
    assert conversation.waiting_since is None and not ClockRow.objects.exists()
    assert Touchpoint.objects.filter(name="Message Received").exists()
