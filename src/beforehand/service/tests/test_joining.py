"""Merging, parting, splitting, asking a third party."""

import pytest

from beforehand.channels import files
from beforehand.channels.models import Outgoing
from beforehand.journey import journeys, lake
from beforehand.journey.lake.checking import check
from beforehand.journey.models import Contact, Journey
from beforehand.journey.needs import projection
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


def test_a_message_that_is_split_off_is_whole(ada):
    old = asks("The door is stuck.")
    plan = files.keep(b"%PDF")
    other = old.receive("My invoice is wrong.", files=[(plan, "invoice.pdf", "application/pdf", "inline-1")])
    copy = old.split(other, ada).messages.get()
    same = ("kind", "channel", "time", "identifier_id", "text", "html", "subject", "headers")
    assert [getattr(copy, one) for one in same] == [getattr(other, one) for one in same]
    assert copy.split_from == other.pk and copy.touchpoint not in {None, other.touchpoint}
    enclosed = copy.attachments.get()
    assert (enclosed.file, enclosed.name, enclosed.type, enclosed.cid) == (
        plan, "invoice.pdf", "application/pdf", "inline-1",
    )  # fmt: skip


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


def on_the_journey():
    journeys.follow()
    projection.follow()
    with lake.reader() as reader:
        names = reader.db.execute("SELECT name FROM touchpoints ORDER BY id").fetchall()
    assert check() == []
    contacts = sorted(Contact.objects.values_list("id", "cause"))
    return contacts, sum(Journey.objects.values_list("touchpoints", flat=True)), [name for (name,) in names]


@pytest.mark.parametrize("sealed", [False, True])
def test_spam_is_no_contact_and_no_part_of_a_journey_until_it_is_none_again(ada, sealed):
    spam, merged, other = (
        asks(),
        asks("And cheap watches?", "ben@example.org"),
        asks("Where is it?", "cleo@example.org"),
    )
    merged.merge(spam, ada)
    fresh(spam).answer("Which watches?", ada)
    if sealed:
        lake.seal()
    contacts, touchpoints, names = on_the_journey()
    assert len(contacts) == 3 and touchpoints == 4
    fresh(merged).mark_spam(ada)
    assert {fresh(one).kept for one in (spam, merged)} == {Conversation.Kept.SPAM}
    fresh(spam).receive("Cheap watches!")
    left = on_the_journey()
    assert [number for number, _cause in left[0]] == [other.messages.get().touchpoint] and left[1] == 1
    lake.compact()
    assert on_the_journey() == left
    fresh(spam).not_spam(ada)
    assert {fresh(one).kept for one in (spam, merged)} == {Conversation.Kept.DESK}
    again = on_the_journey()
    assert again[0][:3] == contacts and again[2][:4] == names and len(again[2]) == 5  # what came meanwhile counts too


def test_spam_is_merged_with_nothing(ada):
    first, second = asks(), asks("Cheap watches!", "ben@example.org")
    second.mark_spam(ada)
    for one, other in ((first, second), (second, first)):
        with pytest.raises(Trouble, match="no spam"):
            one.merge(other, ada)
