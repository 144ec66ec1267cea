"""Merging, parting, splitting, asking a third party."""

import pytest

from beforehand.channels.models import Outgoing
from beforehand.lib.trouble import Trouble
from beforehand.service.models import ClockRow, Conversation, Merge
from beforehand.service.tests.desk import asks, fresh, rows

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def live(mailbox):
    return mailbox


def test_merged_threads_are_read_as_one_and_answered_once(ada):
    first, second = asks("The door is stuck."), asks("Still stuck, and now it squeaks.", "ben@example.org")
    second.merge(first, ada)
    assert [message.text for message in first.thread()] == ["The door is stuck.", "Still stuck, and now it squeaks."]
    assert list(second.thread()) == list(first.thread())
    assert second.head == first and second.waiting_since is None
    fresh(first).answer("A joiner comes tomorrow.", ada)
    assert fresh(first).waiting_since is None
    assert first.messages_count == 2


def test_parting_leaves_no_trace_in_the_clocks(ada):
    first, second = asks("The door is stuck."), asks("The window too.", "ben@example.org")
    before = rows()
    second.merge(first, ada)
    assert rows() != before
    second.unmerge(ada)
    assert rows() == before
    assert fresh(first).waiting_since and fresh(second).waiting_since
    assert Merge.objects.get().undone_by == ada


def test_merging_goes_to_the_head_and_never_round_in_a_circle(ada):
    first, second, third = asks("One"), asks("Two"), asks("Three")
    second.merge(first, ada)
    third.merge(second, ada)
    assert fresh(third).head == first
    with pytest.raises(Trouble):
        first.merge(third, ada)
    with pytest.raises(Trouble):
        first.merge(first, ada)
    with pytest.raises(Trouble):
        second.merge(third, ada)


def test_parting_the_middle_takes_along_what_was_merged_into_it(ada):
    first, second, third = asks("One"), asks("Two"), asks("Three")
    third.merge(second, ada)
    second.merge(first, ada)
    assert fresh(third).head == first
    second.unmerge(ada)
    assert fresh(third).head == second and fresh(second).head is None
    assert fresh(first).messages_count == 1 and fresh(second).messages_count == 2


def test_a_message_that_is_split_off_waits_in_its_own_conversation(ada):
    old = asks("The door is stuck.")
    old.answer("A joiner comes.", ada)
    other = old.receive("Another thing: my invoice is wrong.")
    new = old.split(other, ada)
    assert new.split_from == old and new.waiting_since == other.time
    assert fresh(old).waiting_since is None
    assert [message.text for message in old.thread()][-1] == other.text  # the old thread stays as it was
    with pytest.raises(Trouble):
        old.split(other, ada)


def test_a_side_conversation_has_its_own_clocks_and_no_journey(ada):
    main = asks("Where is it?")
    aside = main.side(["depot@carrier.example"], "Parcel 77", "Where is parcel 77?", ada)
    assert aside.about == main and Outgoing.objects.get().content["to"] == [["", "depot@carrier.example"]]
    aside.receive("It is on the van.")
    assert fresh(aside).waiting_since and fresh(main).waiting_since
    assert set(ClockRow.objects.values_list("conversation", flat=True)) == {main.pk, aside.pk}
    from beforehand.journey.models import Touchpoint

    names = Touchpoint.objects.filter(identifier=aside.identifier).values_list("name", flat=True)
    assert names and all(name.startswith("$") for name in names)


def test_spam_waits_for_nothing_and_is_as_it_was_when_it_is_none(ada):
    conversation = asks()
    before, since = rows(), conversation.waiting_since
    conversation.mark_spam(ada)
    assert conversation.waiting_since is None and not ClockRow.objects.exists()
    conversation.not_spam(ada)
    assert rows() == before and conversation.waiting_since == since
    assert conversation.kept == Conversation.Kept.DESK
