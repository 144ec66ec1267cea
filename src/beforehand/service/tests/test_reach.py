"""Who sees what: one predicate, and nobody goes past it."""

import re
from pathlib import Path

import pytest

from beforehand.service import reach
from beforehand.service.models import Conversation, Notification
from beforehand.service.tests.desk import asks
from beforehand.team.models import Member, Team, TeamMember

ROOM = Path(__file__).parents[1]
QUERY = re.compile(r"\bConversation\.objects\.(?!(?:heads_)?reachable_by)\w+[^\n]*")
PAGES = {"api", "listing", "palette"}
ALLOWED = ['Conversation.objects.values_list("through", flat=True).get(pk=']  # of one that was reached before


@pytest.fixture
def desk(mailbox, ada, ben):
    """Conversations of ben's team, of another, of none, owned by ben elsewhere, and one with his name in a note."""
    mine, other = Team.objects.create(name="Mine"), Team.objects.create(name="Other")
    TeamMember.objects.create(team=mine, member=ben)
    talks = {name: asks(name) for name in ("mine", "other", "none", "owned", "named", "merged")}
    talks["mine"].assign(ada, team=mine)
    for name in ("other", "owned", "named", "merged"):
        talks[name].assign(ada, team=other)
    talks["owned"].assign(ada, owner=ben)
    talks["named"].write_note("@ben please look", ada)
    talks["merged"].merge(talks["mine"], ada)
    return talks


def names(member):
    return {
        one.thread().first().text if one.head_id is None else "merged"
        for one in Conversation.objects.reachable_by(member)
    }


@pytest.mark.django_db
def test_owners_reach_all_agents_theirs_viewers_none(desk, ada, ben, vic):
    assert len(Conversation.objects.reachable_by(ada)) == 6
    assert names(ben) == {"mine", "none", "owned", "named", "merged"}
    assert not Conversation.objects.reachable_by(vic)


@pytest.mark.django_db
def test_who_has_left_reaches_nothing(desk, ada, ben):
    ben.leave(ada)
    ben.refresh_from_db()
    assert not Conversation.objects.reachable_by(ben)


@pytest.mark.django_db
def test_verbs_refuse_who_is_out_of_reach(desk, ben):
    for verb in (
        lambda: desk["other"].answer("x", ben),
        lambda: desk["other"].write_note("x", ben),
        lambda: desk["other"].read_by(ben),
        lambda: desk["other"].merge(desk["mine"], ben),
        lambda: desk["other"].side(["a@example.org"], "x", "x", ben),
    ):
        with pytest.raises(reach.OutOfReach):
            verb()


@pytest.mark.django_db
def test_a_mention_by_first_name_tells_the_only_one_who_bears_it(mailbox, ada, ben):
    talk = asks()
    Member.objects.create_user("c1@example.com", "x", name="Cem One", role="agent")
    Member.objects.create_user("c2@example.com", "x", name="Cem Two", role="agent")
    talk.write_note("@ben and @c2@example.com, not @Cem nor mail@cem.example", ada)
    told = Notification.objects.filter(kind="mentioned").values_list("member__email", flat=True)
    assert set(told) == {"ben@example.com", "c2@example.com"}
    talk.read_by(ben)
    assert not Notification.objects.filter(kind="mentioned", member=ben, seen=None)


def test_pages_and_the_api_look_up_conversations_through_reach_alone():
    """Whoever adds a look-up of their own to a page finds it here."""
    places = [*(ROOM / "views").glob("*.py"), *(path for path in ROOM.rglob("*.py") if path.stem in PAGES)]
    found = {
        f"{path.name}: {match[0][:90]}"
        for path in places
        for match in QUERY.finditer(path.read_text(encoding="utf-8"))
        if not any(match[0].startswith(one) for one in ALLOWED)
    }
    assert places and not found
