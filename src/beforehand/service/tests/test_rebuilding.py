"""Ledger and clocks that are made again are those that live work gave."""

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from beforehand.channels import outbox
from beforehand.lib.trouble import Trouble
from beforehand.lib.working import HOUR, Calendar, window
from beforehand.service.clocks.ledger import Category, Name
from beforehand.service.clocks.policy import Goal, Policy
from beforehand.service.clocks.rebuilding import rebuild
from beforehand.service.models import ClockRow, Conversation, LedgerEntry, Message, ServicePolicy
from beforehand.service.tests.desk import asks, fresh, rows
from beforehand.team.models import Hours, HoursVersion, Team

pytestmark = pytest.mark.django_db
PAUSED = (Category.WAITING_CUSTOMER,)
GOALS = (
    Goal(Name.FIRST_RESPONSE, 2 * HOUR),
    Goal(Name.NEXT_RESPONSE, HOUR, working=False),
    Goal(Name.RESOLUTION, 9 * HOUR, pauses=PAUSED),
)


@pytest.fixture(autouse=True)
def live(mailbox):
    return mailbox


@pytest.fixture
def policy(db):
    week = ((window("09:00", "17:00"),),) * 5 + ((), ())
    hours = Hours.objects.create(name="Office", plain=Calendar("Europe/Berlin", week).plain())
    return ServicePolicy.objects.create(name="All", plain=Policy(GOALS).plain(), hours=hours)


def ledger():
    return [
        (one.pk, one.conversation_id, one.time, one.kind, one.channel, one.message, one.data)
        for one in LedgerEntry.objects.order_by("pk")
    ]


def standing():
    found = Conversation.objects.filter(head=None).order_by("pk")
    return list(found.values_list("pk", "waiting_since", "due", "due_clock"))


def some_verb(dice, talk, others, ada):
    act = dice.randrange(11)
    if act <= 2:
        talk.receive(dice.choice(["Where is it?", "Thanks a lot!", "Any news?", "It broke again."]))
    elif act <= 4:
        talk.answer("Here you are.", ada, then=dice.choice([None, "done", "waiting_customer"]))
    elif act == 5:
        talk.set_status(dice.choice(list(Category)[1:]), ada)
    elif act == 6 and others:
        talk.merge(dice.choice(others), ada)
    elif act == 7 and talk.head_id:
        talk.unmerge(ada)
    elif act == 8 and (asked := talk.messages.filter(kind="inbound").last()):
        talk.judge(asked, dice.choice(["closing", "chase", ""]), ada)
    elif act == 9 and (answered := talk.messages.filter(kind="outbound").last()):
        outbox.bounced(answered.outgoing, answered.headers["to"][0][1], "5.1.1", "unknown")
    elif act == 10:
        dice.choice([talk.mark_spam, talk.not_spam, talk.not_spam, talk.not_spam])(ada)


@pytest.mark.parametrize("seed", range(6))
def test_a_rebuild_gives_what_live_work_gave(seed, policy, ada):
    dice = random.Random(seed)
    talks = [asks(f"Question {n}", f"c{n}@example.org").pk for n in range(3)]
    for _ in range(22):
        found = Conversation.objects.in_bulk(talks)
        talk = found[dice.choice(talks)]
        try:
            some_verb(dice, talk, [one for one in found.values() if one != talk], ada)
        except Trouble:
            continue
    before = rows(), ledger(), standing()
    rebuild()
    assert (rows(), ledger(), standing()) == before
    assert before[1]


def test_what_is_said_in_one_case_is_said_in_no_other(policy, ada):
    talks = [asks(f"Question {n}", f"c{n}@example.org") for n in range(2)]
    before = rows()
    talks[0].answer("Here.", ada)
    mine = [row for row in before if f"'conversation_id': {talks[1].pk}," in row]
    assert mine and set(mine) <= set(rows())


def test_a_target_is_frozen_with_its_policy_and_its_hours(policy, ada):
    talk = asks()
    due, clock = talk.due, talk.due_clock
    assert clock == "first_response" and due is not None
    entry = LedgerEntry.objects.filter(kind="target_set").first()
    assert HoursVersion.objects.filter(version=entry.data["target"]["calendar"]).exists()
    policy.hours.plain = Calendar("Asia/Tokyo", ((window("00:00", "24:00"),),) * 7).plain()
    policy.hours.save()
    policy.plain = Policy((Goal(Name.FIRST_RESPONSE, 60),)).plain()
    policy.save()
    talk.write_note("Hm.", ada)
    assert talk.due == due
    rebuild()
    assert fresh(talk).due == due


def test_the_first_policy_that_fits_holds(policy, ada):
    team = Team.objects.create(name="VIP")
    ServicePolicy.objects.create(
        name="VIP", plain=Policy((Goal(Name.FIRST_RESPONSE, HOUR, False),)).plain(), team=team, position=0
    )
    ServicePolicy.objects.filter(pk=policy.pk).update(position=1)
    assert asks(team=team).due - timezone.now() < timedelta(hours=1)
    assert ClockRow.objects.exclude(span=None).count() == 1


def test_erased_conversations_do_not_come_back(policy, ada):
    talk = asks()
    Message.objects.all().delete()
    LedgerEntry.objects.all().delete()
    Conversation.objects.filter(pk=talk.pk).delete()
    assert rebuild() == 0 and not LedgerEntry.objects.exists()
