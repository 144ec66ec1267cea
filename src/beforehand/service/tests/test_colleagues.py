"""Mails to colleagues: what is told, when it is not, and that an answer to one is theirs and reaches the customer."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from beforehand.channels import brake, outbox
from beforehand.channels.email import tokens
from beforehand.channels.models import Mailbox, Outgoing
from beforehand.lib.signing import own_keys
from beforehand.service import forgetting, presence, upkeep
from beforehand.service.lists import notices
from beforehand.service.models import AtDesk, Conversation, DeskSetting, Message, Notification
from beforehand.service.tests.desk import asks, fresh, rows
from beforehand.service.tests.test_arriving import box, comes, only

pytestmark = pytest.mark.django_db
__all__ = ["box"]


@pytest.fixture(autouse=True)
def folder(box, settings):
    Mailbox.objects.update(way=Mailbox.Way.FOLDER)
    settings.URL = "https://desk.example"


def later(minutes=3):
    """Some minutes have passed, and the desk has kept up."""
    for row in Notification.objects.all():
        Notification.objects.filter(pk=row.pk).update(time=row.time - timedelta(minutes=minutes))
    upkeep.keep_up()
    outbox.step()
    return list(Outgoing.objects.filter(purpose="operational").order_by("id"))


def open_desk(member):
    presence.write_desks({member.pk: time.time_ns() // 1000 + presence.AT_DESK_MICROS})


def given(ben, **more):
    talk = asks(mailbox=Mailbox.objects.get(), **more)
    talk.assign(owner=ben)
    return talk


def test_who_is_away_is_told_once_what_waits_for_them(ben):
    talk = given(ben)
    assert later(0) == []  # whoever is at hand sees it at the desk
    (mail,) = later()
    assert mail.content["to"] == [["Ben Haddad", "ben@example.com"]] and mail.state == "sent" and mail.automatic
    assert mail.content["subject"] == f"[#{talk.pk}] Where is it?" and "> Order 1234" in mail.content["text"]
    assert f"https://desk.example/conversations/{talk.pk}" in mail.content["text"]
    before = rows()
    assert len(later()) == 1 and rows() == before and talk.messages.count() == 1  # nothing of it is in the thread


def test_whoever_has_the_desk_open_or_has_seen_it_or_wants_none_is_told_nothing(ben):
    talk = given(ben)
    open_desk(ben)
    assert later() == []
    AtDesk.objects.update(until=0)
    assert len(later()) == 1  # it is told when they have gone and have not looked
    talk = given(ben)
    talk.answer("It comes.", ben)
    Notification.objects.update(seen=timezone.now())
    assert len(later()) == 1
    DeskSetting.objects.create(member=ben, mails="never")
    given(ben)
    assert len(later()) == 1
    DeskSetting.objects.update(mails="always", mailed_kinds=["mentioned"])
    open_desk(ben)
    fresh(given(ben)).write_note("@ben look", Conversation.objects.first().owner and _other())
    first, second = later()
    assert (first.content["note"], second.content["note"]) == (False, True)


def _other():
    from beforehand.team.models import Member

    return Member.objects.exclude(email="ben@example.com").first() or Member.objects.create_user(
        email="cleo@example.com", password="x", name="Cleo", role="owner"
    )


def test_in_their_quiet_hours_nobody_is_told_and_afterwards_they_are(ben):
    hour = timezone.localtime().hour
    setting = DeskSetting.objects.create(member=ben, quiet_from=hour, quiet_to=(hour + 2) % 24)
    given(ben)
    assert later() == [] and notices.is_quiet(ben)
    DeskSetting.objects.update(quiet_from=(hour + 3) % 24, quiet_to=(hour + 5) % 24)
    assert len(later()) == 1 and not notices.is_quiet(ben)
    assert [setting.is_quiet_at(one) for one in (hour, (hour + 1) % 24, (hour + 2) % 24)] == [True, True, False]


@pytest.mark.parametrize(
    ("start", "end", "quiet"), [(20, 8, {20, 23, 0, 7}), (1, 3, {1, 2}), (5, 5, set()), (None, 8, set())]
)
def test_quiet_hours_may_run_past_midnight(start, end, quiet):
    setting = DeskSetting(quiet_from=start, quiet_to=end)
    asked = {0, 1, 2, 3, 5, 7, 8, 12, 20, 23}
    assert {hour for hour in asked if setting.is_quiet_at(hour)} == (quiet if start != 20 else asked - {8, 12})


def test_who_may_not_read_it_any_more_is_told_nothing_of_it(ben, ada):
    talk = given(ben)
    team = ada.places.model._meta.get_field("team").related_model.objects.create(name="Others")
    Conversation.objects.filter(pk=talk.pk).update(owner=ada, team=team)
    assert [one for one in later() if one.content["to"][0][1] == ben.email] == []


def test_many_are_one_list(ben):
    talks = [given(ben, address=f"c{n}@example.org") for n in range(6)]
    (mail,) = later()
    assert mail.content["subject"] == "6 conversations wait for you" and mail.content["reply_token"] is False
    assert all(f"/conversations/{talk.pk}" in mail.content["text"] for talk in talks)


def test_a_colleague_answers_from_their_own_mail_program(ben):
    comes()
    only().assign(owner=ben)
    (told,) = later()
    reply_to = tokens.address("help@us.example", tokens.Token(only().pk, ben.pk), own_keys())
    arrival = comes("It comes on Monday.\r\n\r\n> Where is it?\r\n", ben.email, To=reply_to,
                    In_Reply_To=f"<{told.message_id}>", Subject=f"Re: {told.content['subject']}")  # fmt: skip
    assert (arrival.state, arrival.reason) == ("placed", "colleague_by_mail")
    said = only().thread().last()
    assert (said.kind, said.member, said.text.strip()) == ("outbound", ben, "It comes on Monday.")
    assert fresh(only()).waiting_since is None


def called(ben, ada):
    """Ada named Ben in a note; the mail that tells him, and the address that he answers to."""
    comes()
    only().write_note("@ben is this ours?", ada)
    (told,) = later()
    return told, tokens.address("help@us.example", tokens.Token(only().pk, ben.pk, note=True), own_keys())


def test_who_was_named_in_a_note_answers_it_by_mail_with_a_note(ben, ada):
    told, reply_to = called(ben, ada)
    assert "becomes a note for your team" in told.content["text"]
    arrival = comes("Yes, it is.\r\n\r\n> @ben is this ours?\r\n", ben.email, To=reply_to,
                    In_Reply_To=f"<{told.message_id}>")  # fmt: skip
    assert (arrival.state, arrival.reason) == ("placed", "note_by_mail")
    said = only().thread().last()
    assert (said.kind, said.member, said.text.strip()) == ("note", ben, "Yes, it is.")
    assert fresh(only()).waiting_since and not Outgoing.objects.exclude(purpose="operational").exists()
    assert not Notification.objects.filter(member=ben, seen=None).exists()
    assert Notification.objects.filter(member=ada, kind="mentioned", seen=None).count() == 1  # Ada is told of it


def test_a_note_by_mail_ends_with_the_people_who_write(ben, ada):
    """What machines answer goes nowhere, so no number of absent colleagues makes a loop."""
    _told, reply_to = called(ben, ada)
    for _turn in range(3):
        arrival = comes("I am away.", ben.email, To=reply_to, Auto_Submitted="auto-replied")
        assert (arrival.state, arrival.reason) == ("quarantine", "machine_of_a_colleague")
        assert len(later()) == 1
    assert Message.objects.filter(kind="note").count() == 1


@pytest.mark.parametrize(("sender", "proof"), [("ben@example.com", "fail"), ("eve@elsewhere.example", "pass")])
def test_nobody_writes_a_note_in_a_colleagues_name(ben, ada, sender, proof):
    _told, reply_to = called(ben, ada)
    assert comes("It is.", sender, proof, To=reply_to).reason == "not_proven_to_be_the_colleague"
    assert Message.objects.filter(kind="note").count() == 1


def test_who_only_quotes_has_said_nothing_to_anybody(ben):
    comes()
    only().assign(owner=ben)
    (told,) = later()
    quoted = "".join(f"> {line}\r\n" for line in told.content["text"].splitlines())
    arrival = comes(quoted, ben.email, In_Reply_To=f"<{told.message_id}>")
    assert (arrival.state, arrival.reason) == ("quarantine", "colleague_cannot_answer")
    assert fresh(only()).waiting_since and only().messages.count() == 1


@pytest.mark.parametrize(
    "headers", [{"Auto_Submitted": "auto-replied"}, {"X_Autoreply": "yes", "Subject": "Out of office"}]
)
def test_what_a_colleagues_machine_answers_reaches_no_customer_and_nobody_is_told(ben, headers):
    comes()
    only().assign(owner=ben)
    (told,) = later()
    arrival = comes("I am away.", ben.email, In_Reply_To=f"<{told.message_id}>", **headers)
    assert (arrival.state, arrival.reason) == ("quarantine", "machine_of_a_colleague")
    assert only().messages.count() == 1 and len(later()) == 1


def test_our_own_mail_that_comes_back_goes_nowhere(ben):
    comes()
    only().assign(owner=ben)
    (told,) = later()
    arrival = comes(sender="help@us.example", Message_ID=f"<{told.message_id}>", Auto_Submitted="auto-generated")
    assert arrival.state == "quarantine" and only().messages.count() == 1
    ben.email = "help@us.example"
    ben.save()
    given(ben)
    assert len(later()) == 1  # an address of ours is no colleague's


def test_without_a_server_whose_word_counts_nothing_is_promised(ben):
    Mailbox.objects.update(trusted_servers=[])
    given(ben)
    (mail,) = later()
    assert mail.content["reply_token"] is False and "Answer at the desk" in mail.content["text"]


def test_it_leaves_by_the_one_door_and_the_brake_holds_it(ben):
    given(ben)
    brake.pull("a test")
    (mail,) = later()
    assert (mail.state, mail.held) == ("held", "brake")


def test_where_nothing_can_leave_nothing_breaks(ben):
    given(ben)
    Mailbox.objects.update(state=Mailbox.State.OFF)
    assert later() == [] and Notification.objects.exclude(mailed=None).exists()


def test_what_a_forgotten_customer_said_goes_out_of_these_mails_too(ben):
    talk = given(ben)
    assert len(later()) == 1
    forgetting.erase([talk.identifier_id])
    assert not Outgoing.objects.filter(purpose="operational").exists()
