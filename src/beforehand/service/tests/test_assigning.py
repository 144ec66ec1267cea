"""Who gets what, and that nobody who waits is in two queues or in none."""

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from beforehand.lib.fields import to_micros
from beforehand.lib.working import Calendar, window
from beforehand.service import assigning, unopened, upkeep
from beforehand.service.acts import moving
from beforehand.service.models import Conversation, LedgerEntry, Notification
from beforehand.service.tests.desk import asks, fresh
from beforehand.team import availability
from beforehand.team.models import Hours, Member, Team, TeamMember

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def live(mailbox):
    return mailbox


def team_of(*members, handing="in_turn", **more):
    team = Team.objects.create(name=f"Team {Team.objects.count()}", handing=handing, **more)
    for member in members:
        TeamMember.objects.create(team=team, member=member)
    return team


@pytest.fixture
def cem(db):
    return Member.objects.create_user("cem@example.com", "x", name="Cem Aydin", role="agent")


def test_in_turn_everybody_gets_one_after_the_other(ben, cem):
    team = team_of(ben, cem)
    assert [asks(team=team).owner for _ in range(4)] == [ben, cem, ben, cem]
    assert Notification.objects.filter(member=ben, kind="assigned").count() == 2


def test_by_load_whoever_has_fewest_gets_the_next(ben, cem):
    team = team_of(ben, cem, handing="by_load")
    for _ in range(2):
        asks().assign(owner=ben)
    assert [asks(team=team).owner for _ in range(3)] == [cem, cem, ben]


def test_nobody_gets_more_than_the_team_allows(ben, ada):
    team = team_of(ben, most=1)
    first, second = asks(team=team), asks(team=team)
    assert (first.owner, second.owner) == (ben, None)
    first.answer("Done.", ben, then="done")
    upkeep.keep_up()
    assert fresh(second).owner == ben


def test_skills_come_first_and_are_no_condition(ben, cem):
    team = team_of(ben, cem)
    TeamMember.objects.filter(member=cem).update(skills=["de"])
    assert [asks(team=team, language=one).owner for one in ("de-AT", "de", "fr")] == [cem, cem, ben]


def test_who_is_away_gets_nothing_new_and_keeps_what_they_have(ben, cem):
    team = team_of(ben, cem)
    first = asks(team=team)
    availability.say(ben, "away")
    assert first.owner == ben and [asks(team=team).owner for _ in range(2)] == [cem, cem]
    upkeep.keep_up()
    assert fresh(first).owner == ben


def test_what_waits_for_somebody_who_is_gone_goes_back_to_the_team(ben, cem):
    team = team_of(ben, cem)
    waits = asks(team=team)
    availability.say(ben, "gone")
    assert fresh(waits).owner == cem
    availability.say(cem, "gone", until=timezone.now() + timedelta(days=1))
    assert fresh(waits).owner is None and fresh(waits).team == team


def test_an_answered_conversation_goes_back_only_when_the_customer_writes(ben, cem):
    team = team_of(ben, cem)
    talk = asks(team=team)
    talk.answer("Which order?", ben, then="waiting_customer")
    availability.say(ben, "gone")
    assert fresh(talk).owner == ben
    talk.receive("Number 7.")
    assert talk.owner == cem


def test_a_member_who_left_has_no_queue(ben, ada):
    waits = asks()
    waits.assign(ada, owner=ben)
    ben.leave(ada)
    upkeep.keep_up()
    assert fresh(waits).owner is None


def test_a_notification_follows_who_waits(ben, cem, ada):
    talk = asks()
    talk.assign(ada, owner=ben)
    waiting = Notification.objects.filter(kind="waiting", seen=None)
    assert [one.member for one in waiting] == [ben]
    talk.assign(ada, owner=cem)
    assert [one.member for one in waiting.all()] == [cem]
    talk.answer("Here it is.", ada)
    assert not waiting.all()


def test_what_is_due_soon_is_told_once(ben):
    talk = asks()
    talk.assign(ben, owner=ben)
    Conversation.objects.filter(pk=talk.pk).update(due=timezone.now() + timedelta(minutes=10))
    assert (upkeep.remind(), upkeep.remind()) == (1, 0)


def test_snoozed_ones_wake_at_their_time_and_when_the_customer_writes(ben):
    first, second = asks("One"), asks("Two")
    for talk in (first, second):
        talk.snooze(timezone.now() + timedelta(hours=1), ben)
    second.receive("Hello?")
    assert second.snoozed_until is None
    Conversation.objects.filter(pk=first.pk).update(snoozed_until=timezone.now() - timedelta(seconds=1))
    assert moving.wake_due() == 1 and fresh(first).snoozed_until is None


@pytest.mark.parametrize("seed", range(3))
def test_every_waiting_customer_is_in_exactly_one_queue(seed, ben, cem, ada):
    dice = random.Random(seed)
    teams = [team_of(ben, cem), team_of(cem, handing="by_load", most=2), team_of(ben, handing="by_hand")]
    talks = [asks(f"Text {n}", team=dice.choice([None, *teams])) for n in range(8)]
    for _ in range(25):
        talk = Conversation.objects.get(pk=dice.choice(talks).pk)
        act = dice.randrange(7)
        if act == 0:
            availability.say(dice.choice([ben, cem]), dice.choice(["here", "away", "gone"]))
        elif act == 1:
            talk.assign(ada, owner=dice.choice([None, ben, cem, ada]))
        elif act == 2:
            talk.assign(ada, team=dice.choice([None, *teams]))
        elif act == 3:
            talk.answer("Yes.", ada, then=dice.choice([None, "done", "waiting_customer"]))
        elif act == 4:
            talk.receive("And another question: why?")
        elif act == 5 and talk.head_id is None:
            other = dice.choice([one for one in talks if one.pk != talk.pk])
            if Conversation.objects.get(pk=other.pk).head_id != talk.pk:
                talk.merge(Conversation.objects.get(pk=other.pk), ada)
        elif act == 6 and talk.head_id:
            talk.unmerge(ada)
    upkeep.keep_up()
    waiting = Conversation.objects.filter(assigning.WAITING)
    gone = [one for one, state in availability.states([ben.pk, cem.pk]).items() if state == "gone"]
    assert not waiting.filter(owner__in=gone).exists()
    queues = [assigning.Queue("member", one.pk) for one in (ada, ben, cem)]
    queues += [assigning.Queue("team", one.pk) for one in teams] + [assigning.Queue("nobody")]
    for talk in waiting:
        inside = [queue for queue in queues if Conversation.objects.filter(queue.holds(), pk=talk.pk).exists()]
        assert inside == [assigning.queue_of(talk)]


def ago(talk, minutes):
    """As if all of it had happened so much earlier."""
    by = minutes * 60_000_000
    for row in LedgerEntry.objects.filter(conversation=talk):
        LedgerEntry.objects.filter(pk=row.pk).update(time=to_micros(row.time) - by)
    Conversation.objects.filter(pk=talk.pk).update(waiting_since=to_micros(fresh(talk).waiting_since) - by)


def test_what_its_owner_does_not_open_goes_back_and_to_another(ben, cem):
    team = team_of(ben, cem, back_after=30)
    talk = asks(team=team)
    assert talk.owner == ben
    ago(talk, 29)
    upkeep.keep_up()
    assert fresh(talk).owner == ben
    ago(talk, 2)
    upkeep.keep_up()
    assert fresh(talk).owner == cem  # who has as long again
    assert Notification.objects.filter(member=ben, seen=None).count() == 0
    upkeep.keep_up()
    assert fresh(talk).owner == cem


def test_without_anybody_else_it_waits_in_the_team(ben):
    team = team_of(ben, back_after=30)
    talk = asks(team=team)
    ago(talk, 31)
    unopened.keep_up()
    assert fresh(talk).owner is None and assigning.queue_of(fresh(talk)) == ("team", team.pk)


def test_whoever_has_opened_it_keeps_it_until_there_is_more_to_read_than_they_were_given(ben, cem):
    talk = asks(team=team_of(ben, cem, back_after=30))
    talk.read_by(ben)
    ago(talk, 300)
    talk.tag("late", ben)  # whatever else happens is no message
    assert unopened.keep_up() == 0
    talk.assign(owner=cem, by=ben)
    ago(talk, 31)
    assert unopened.keep_up() == 1


def test_only_the_teams_own_hours_count_and_only_teams_that_want_it(ben, cem):
    closed = Calendar("UTC", ((),) * 6 + ((window("00:00", "00:01"),),), overrides=()).plain()
    team = team_of(ben, cem, back_after=30, hours=Hours.objects.create(name="Closed", plain=closed))
    talk, other = asks(team=team), asks(team=team_of(ben, cem))
    for one in (talk, other):
        ago(one, 300)
    assert unopened.keep_up() == 0


def test_what_waits_for_the_customer_or_is_put_aside_stays(ben, cem):
    team = team_of(ben, cem, back_after=30)
    answered, snoozed = asks(team=team), asks(team=team, address="b@example.org")
    ago(snoozed, 31)
    answered.answer("It comes.", answered.owner)
    snoozed.snooze(timezone.now() + timedelta(days=1), snoozed.owner)
    assert unopened.keep_up() == 0
