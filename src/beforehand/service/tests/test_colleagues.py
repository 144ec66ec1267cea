"""Mails to colleagues: what is told, when it is not, and that an answer to one is theirs and reaches the customer."""

from datetime import timedelta

import pytest
from django.utils import timezone

from beforehand.channels import brake, outbox
from beforehand.channels.email import tokens
from beforehand.channels.models import Mailbox, Outgoing
from beforehand.lib.signing import own_keys
from beforehand.service import forgetting, presence, upkeep
from beforehand.service.models import AtDesk, Conversation, DeskSetting, Notification
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
    presence.at_desk(ben.pk)
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
    presence.at_desk(ben.pk)
    fresh(given(ben)).write_note("@ben look", Conversation.objects.first().owner and _other())
    assert [one.content["reply_token"] for one in later()] == [True, False]


def _other():
    from beforehand.team.models import Member

    return Member.objects.exclude(email="ben@example.com").first() or Member.objects.create_user(
        email="cleo@example.com", password="x", name="Cleo", role="owner"
    )


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
