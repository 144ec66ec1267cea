"""The question whether it is solved: who is asked, once, through the one door, and what becomes of the answer."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone

from beforehand.channels import outbox
from beforehand.channels.models import Delivery, Mailbox, Outgoing
from beforehand.customers import consent
from beforehand.journey import lake
from beforehand.journey.models import Contact
from beforehand.lib.rate import limits
from beforehand.service import chats, own_page, upkeep
from beforehand.service.acts import asking
from beforehand.service.clocks.rebuilding import rebuild
from beforehand.service.measures import checks
from beforehand.service.models import AskedShare, Conversation, LedgerEntry, Message, SolvedCheck
from beforehand.service.tests.desk import asks, fresh, person, rows

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def everybody(mailbox, settings):
    """Every case is asked about, at noon, and links are whole."""
    settings.URL, settings.QUIET_FROM, settings.QUIET_TO = "https://desk.example", 0, 0
    limits.clear()
    return AskedShare.objects.create(pk=1, percent=100)


@pytest.fixture
def agrees():
    def give(address="ines@example.org"):
        consent.note(person(address), "survey", True, timezone.now())

    return give


def done(ada, text="Order 1234 has not come. Where is it?", address="ines@example.org", **more):
    more = {"mailbox": Mailbox.objects.get()} | more
    talk = Conversation.begin(person(address), more.pop("channel", "email"), "Where is it?", **more)
    talk.receive(text)
    fresh(talk).answer("It comes today.", ada, then="done")
    Outgoing.objects.update(not_before=0)
    outbox.step()
    return fresh(talk)


def a_day_later():
    SolvedCheck.objects.update(due=0)
    upkeep.keep_up()
    outbox.step()


def names(*wanted):
    with lake.reader() as reader:
        found = reader.db.execute("SELECT name FROM touchpoints ORDER BY id").fetchall()
    return [name for (name,) in found if name in wanted]


@pytest.fixture
def folder(mailbox):
    """What leaves is written into a folder."""
    Mailbox.objects.filter(pk=mailbox.pk).update(way=Mailbox.Way.FOLDER)


def test_the_sample_follows_from_the_number_and_grows_with_the_share():
    chosen = {percent: {n for n in range(20_000) if asking.is_chosen(n, percent)} for percent in (0, 5, 10, 100)}
    assert not chosen[0] and chosen[5] < chosen[10] < chosen[100] and len(chosen[100]) == 20_000
    assert 1_800 < len(chosen[10]) < 2_200


def test_a_case_that_stayed_done_is_asked_about_by_mail_and_one_click_answers(ada, agrees, folder, client):
    agrees()
    talk = done(ada)
    before = rows()
    assert upkeep.keep_up() is None and not Outgoing.objects.filter(purpose="survey").exists()  # not before its time
    a_day_later()
    mail = Outgoing.objects.get(purpose="survey")
    assert (mail.state, mail.automatic) == ("sent", True) and SolvedCheck.objects.get().put
    link = mail.content["text"].split()[-1]
    assert link.startswith("https://desk.example/solved/")
    said = fresh(talk).thread().last()
    assert said.machine == "own" and "/solved/" not in said.text  # nobody at the desk answers for the customer
    assert rows() == before  # a question answers nobody and moves no clock
    path = link.removeprefix("https://desk.example")
    assert client.get(path).status_code == 200 and SolvedCheck.objects.get().answered is None  # looking is no answer
    assert client.post(path, {"solved": "perhaps"}).status_code == 200 and SolvedCheck.objects.get().answered is None
    assert "Thank you" in client.post(path, {"solved": "yes"}).content.decode()
    client.post(path, {"solved": "yes"})
    assert SolvedCheck.objects.get().solved is True and rows() == before
    assert names("Asked Whether Solved", "Said It Is Solved") == ["Asked Whether Solved", "Said It Is Solved"]
    a_day_later()
    assert Outgoing.objects.filter(purpose="survey").count() == 1


def test_not_solved_opens_the_case_and_the_customer_waits(ada, agrees, folder, client):
    agrees()
    talk = done(ada)
    a_day_later()
    path = asking.address(talk).removeprefix("https://desk.example")
    client.post(path, {"solved": "no"})
    talk = fresh(talk)
    assert talk.waiting_since and talk.category == "open" and talk.thread().last().text == "It is not solved."
    assert names("Message Received", "Said It Is Not Solved") == ["Message Received", "Said It Is Not Solved"]
    before = rows()
    rebuild()
    assert rows() == before
    client.post(path, {"solved": "yes"})
    assert SolvedCheck.objects.get().solved is True  # what was said last holds


def test_who_gave_no_leave_is_not_asked_and_not_counted(ada, folder):
    done(ada)
    a_day_later()
    assert Outgoing.objects.get(purpose="survey").state == "failed"
    assert not SolvedCheck.objects.exists() and names("Asked Whether Solved") == []


@pytest.mark.parametrize("what", ["spam", "merged", "reopened", "closed", "machine", "forged", "lately"])
def test_who_is_not_asked(ada, agrees, what, mailbox):
    agrees()
    talk = done(ada) if what != "machine" else Conversation.begin(person(), "email", "Out", mailbox=mailbox)
    if what == "spam":
        talk.mark_spam(ada)
    elif what == "merged":
        talk.merge(asks("Another one", "ben@example.org"), ada)
    elif what == "reopened":
        talk.receive("It still has not come.")
    elif what == "closed":
        mailbox.become(Mailbox.State.OFF)
    elif what == "machine":
        talk.receive("I am away.", machine="auto_reply")
        talk.resolve(ada)
    elif what == "forged":
        talk.messages.filter(kind="inbound").update(headers={"proof": {"verdict": "fail"}})
    elif what == "lately":
        SolvedCheck.objects.create(conversation=asks("Before"), due=0, put=timezone.now() - timedelta(days=9))
    a_day_later()
    assert not Outgoing.objects.filter(purpose="survey").exists()
    assert not SolvedCheck.objects.filter(conversation=talk).exclude(put=None).exists()


def test_a_question_that_waits_for_the_morning_is_taken_back_when_they_write_before(ada, agrees, folder, settings):
    agrees()
    talk = done(ada)
    hour = timezone.now().hour
    settings.QUIET_FROM, settings.QUIET_TO = hour, (hour + 2) % 24
    SolvedCheck.objects.update(due=0)
    upkeep.keep_up()
    assert Outgoing.objects.get(purpose="survey").state == "queued"
    talk.receive("It is broken.")
    assert Outgoing.objects.get(purpose="survey").state == "cancelled" and not SolvedCheck.objects.exists()


def test_in_the_chat_and_on_their_own_page_it_stands_where_they_look(ada, client):
    talk = done(ada, channel="chat", mailbox=None)
    a_day_later()
    assert chats.standing(talk)["asks"] and not Outgoing.objects.filter(purpose="survey").exists()
    page = own_page.address(talk).removeprefix("https://desk.example")
    assert "Is it solved?" in client.get(page).content.decode()
    client.post(f"{page}/resolution")
    assert SolvedCheck.objects.get().solved is True and not chats.standing(fresh(talk))["asks"]
    assert "Is it solved?" not in client.get(page).content.decode()


def test_who_says_so_before_they_are_asked_has_answered_and_is_not_asked(ada, agrees, folder):
    agrees()
    talk = asks(mailbox=Mailbox.objects.get())
    talk.answer("It comes today.", ada)
    chats.close(talk)
    row = SolvedCheck.objects.get()
    assert row.solved is True and row.put
    a_day_later()
    assert not Outgoing.objects.filter(purpose="survey").exists()
    assert LedgerEntry.objects.filter(kind="asked").count() == 1


def test_whoever_is_not_in_the_sample_is_not_touched(ada, everybody):
    everybody.percent = 0
    everybody.save()
    talk = done(ada)
    assert not SolvedCheck.objects.exists() and asking.say(talk, solved=True) is False
    with pytest.raises(IntegrityError), transaction.atomic():
        for _twice in range(2):
            SolvedCheck.objects.create(conversation=talk, due=0)


@pytest.mark.parametrize("token", ["x", "aaaa", "r" * 40])
def test_a_link_that_we_did_not_sign_opens_nothing(client, token):
    assert client.get(f"/solved/{token}").status_code == 404 == client.post(f"/solved/{token}").status_code


def test_the_link_of_the_page_is_none_of_the_question_and_both_grow_old(ada, client, monkeypatch):
    talk = done(ada)
    assert client.get(f"/solved/{own_page.token_of(talk)}").status_code == 404
    token = asking.token_of(talk)
    assert client.get(f"/c/{token}").status_code == 404
    assert client.get(f"/solved/{token}").status_code == 200
    monkeypatch.setattr(asking, "GOOD_FOR_DAYS", -1)
    assert client.get(f"/solved/{token}").status_code == 404


def test_who_configures_says_how_many_are_asked(client, ada, ben):
    client.force_login(ben)
    assert client.get("/settings/desk/asking").status_code == 403
    client.force_login(ada)
    assert "of a hundred" in client.get("/settings/desk/asking").content.decode()
    assert client.post("/settings/desk/asking", {"percent": "101"}).status_code == 422
    assert client.post("/settings/desk/asking", {"percent": "25"}).status_code == 302
    assert AskedShare.own().percent == 25


@pytest.fixture
def asked(ada, agrees, folder):
    """A case whose question left by mail and waits for its answer."""
    agrees()
    talk = done(ada)
    a_day_later()
    return fresh(talk)


def days_later(days=5):
    """The question left so many days ago. What was said before it stays before it."""
    back = timedelta(days=days)
    row = SolvedCheck.objects.get()
    row.put, row.remind_at = row.put - back, row.remind_at and row.remind_at - back
    row.save()
    Message.objects.update(time=F("time") - back // timedelta(microseconds=1))
    Outgoing.objects.update(sent=F("sent") - back // timedelta(microseconds=1))
    Contact.objects.update(time=F("time") - back // timedelta(microseconds=1))


def reminders():
    upkeep.keep_up()
    outbox.step()
    return list(Outgoing.objects.filter(key__endswith="again").values_list("state", flat=True))


def test_who_does_not_answer_is_reminded_once_and_with_a_link_that_answers(asked, client):
    days_later(4)
    assert reminders() == []
    days_later(1)
    assert reminders() == ["sent"] == reminders()
    mail = Outgoing.objects.get(key__endswith="again")
    assert mail.purpose == "survey" and "once more" in mail.content["text"]
    assert [one.machine for one in asked.thread()][-2:] == ["own", "own"]
    before = rows()
    client.post(mail.content["text"].split()[-1].removeprefix("https://desk.example"), {"solved": "yes"})
    assert SolvedCheck.objects.get().solved is True and rows() == before
    days_later(90)
    assert reminders() == ["sent"]


def test_a_reminder_is_the_same_asking(asked):
    days_later()
    reminders()
    assert names("Asked Whether Solved", "Asked Again Whether Solved") == [
        "Asked Whether Solved", "Asked Again Whether Solved",
    ]  # fmt: skip
    asking.say(asked, solved=True)
    table = checks.read(connection, timezone.now(), "UTC").to_pylist()
    assert len(table) == 1 and table[0]["solved"] == 1
    assert timezone.now().replace(tzinfo=None) - table[0]["time"] > timedelta(days=4)


def test_a_reminder_has_one_key_whatever_becomes_of_the_row(asked):
    days_later()
    assert reminders() == ["sent"]
    SolvedCheck.objects.update(remind_at=0, reminder=None)
    assert reminders() == ["sent"]
    assert asked.thread().filter(machine="own").count() == 2


@pytest.mark.parametrize(
    "what",
    [
        "answered",
        "wrote",
        "elsewhere",
        "called",
        "we wrote",
        "reopened",
        "merged",
        "bounced",
        "off",
        "withdrew",
        "nobody",
    ],
)
def test_who_is_not_reminded(asked, what, ada, mailbox):
    days_later()
    happens(what, asked, ada, mailbox)
    assert reminders() in ([], ["failed"] if what == "withdrew" else [])
    SolvedCheck.objects.filter(remind_at__isnull=False).update(remind_at=0)
    assert "sent" not in reminders()


@pytest.mark.parametrize("what", ["answered", "elsewhere", "called", "reopened", "withdrew", "nobody"])
def test_a_reminder_that_waits_for_the_morning_stays_here_when_it_is_overtaken(asked, what, ada, mailbox, settings):
    days_later()
    hour = timezone.now().hour
    settings.QUIET_FROM, settings.QUIET_TO = hour, (hour + 2) % 24
    assert reminders() == ["queued"]
    happens(what, asked, ada, mailbox)
    settings.QUIET_FROM = settings.QUIET_TO
    Outgoing.objects.update(not_before=0)
    assert reminders() == ["failed"] and reminders() == ["failed"]
    assert SolvedCheck.objects.get().put  # the question itself was asked


def test_a_reminder_counts_among_what_a_customer_gets(asked):
    days_later()
    who = asked.identifier
    content = {"subject": "News", "text": "News.", "to": [["", "ines@example.org"]]}
    consent.note(who, "notice", True, timezone.now())
    outbox.send("news", "notice", "email", who, content, Mailbox.objects.get())
    outbox.step()
    assert reminders() == ["queued"]
    assert Outgoing.objects.get(key__endswith="again").held == "cap"


def test_in_the_chat_nobody_is_reminded(ada, client):
    done(ada, channel="chat", mailbox=None)
    a_day_later()
    assert SolvedCheck.objects.get().put and SolvedCheck.objects.get().remind_at is None


def happens(what, talk, ada, mailbox):
    if what == "answered":
        asking.say(talk, solved=True)
    elif what == "wrote":
        talk.receive("One more thing.")
    elif what == "elsewhere":
        asks("Something else altogether.")
    elif what == "called":
        customer = talk.identifier.customer_id
        Contact.objects.create(id=9_999_999, customer_id=customer, time=timezone.now(), name="Called", need=0)
    elif what == "we wrote":
        talk.answer("And this.", ada, then="done")
    elif what == "reopened":
        talk.reopen(ada)
    elif what == "merged":
        talk.merge(asks("Another one", "ben@example.org"), ada)
    elif what == "bounced":
        Delivery.objects.filter(outgoing=SolvedCheck.objects.get().outgoing).update(state="bounced")
    elif what == "off":
        mailbox.refresh_from_db()
        mailbox.become(Mailbox.State.OFF)
    elif what == "nobody":
        AskedShare.objects.update(percent=0)
    elif what == "withdrew":
        consent.note(talk.identifier, "survey", False, timezone.now())
