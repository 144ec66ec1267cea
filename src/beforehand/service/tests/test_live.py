"""What happens is told to those whom it concerns, and to nobody else."""

import time

import pytest

from beforehand.channels.chat.visitors import Introduction, meet
from beforehand.channels.models import ChatWidget
from beforehand.service import chats, presence
from beforehand.service.live import agents, visitors
from beforehand.service.live.looking import Changed, Look, News
from beforehand.service.live.reaching import reached
from beforehand.service.models import Conversation, Presence
from beforehand.team.models import Member, Team, TeamMember


@pytest.fixture
def widget(db):
    return ChatWidget.make(name="Shop")[0]


@pytest.fixture
def visitor(widget):
    return meet(widget, Introduction())[0]


@pytest.fixture
def look(visitor, monkeypatch):
    chats.said(visitor, None, "Before")
    looking = Look()
    monkeypatch.setattr(looking.stillness, "holds", lambda: False)  # the test's own connection writes
    return looking


def told(news, *listeners):
    """What each of them is told."""
    found = dict(agents.agents.share(news, [one for one in listeners if isinstance(one, agents.Agent)]))
    return found | dict(visitors.guests.share(news, [one for one in listeners if isinstance(one, visitors.Guest)]))


def test_nothing_new_is_no_news(look):
    assert look.news() is None


def test_a_message_is_told_to_its_visitor_and_to_the_members_who_may_see_it(look, visitor, widget, ada, ben):
    stranger = visitors.Guest(meet(widget, Introduction())[0])
    guest, owner, agent = visitors.Guest(visitor), agents.Agent(ada), agents.Agent(ben)
    chats.said(visitor, None, "Hello")
    heard = told(look.news(), guest, stranger, owner, agent)
    assert heard[guest].news and stranger not in heard
    assert [one.id for one in heard[owner].changed] == [one.id for one in heard[agent].changed]


def test_a_member_out_of_reach_hears_nothing_not_even_who_types(look, visitor, ada, ben):
    conversation = Conversation.objects.get()
    team = Team.objects.create(name="Theirs")
    conversation.assign(ada, team=team)
    look.news()
    agent = agents.Agent(ben)
    chats.said(visitor, None, "Hello")
    presence.write({(conversation.pk, "v:1"): presence.Sign("", True, time.time_ns() // 1000 + 10**6)})
    assert agent not in told(look.news(), agent)
    TeamMember.objects.create(team=team, member=ben)
    chats.said(visitor, None, "Hello again")
    assert agent in told(look.news(), agent)


def test_who_listens_reaches_what_the_one_predicate_says(visitor, ada, ben, vic):
    """Every place a conversation can have, for every role, merged or not, named in a note of it or of its head."""
    cem = Member.objects.create_user("cem@example.com", "x", name="Cem", role="agent")
    away = Member.objects.create_user("away@example.com", "x", name="Away", role="agent", is_active=False)
    teams = [Team.objects.create(name=name) for name in ("Mine", "Theirs")]
    TeamMember.objects.create(team=teams[0], member=ben)
    TeamMember.objects.create(team=teams[1], member=away)
    talks = []
    for owner in (None, ben, cem):
        for team in (None, *teams):
            for _again in range(2):
                talks.append(Conversation.begin(visitor.identifier, "chat", team=team, owner=owner))
    named = Conversation.begin(visitor.identifier, "chat", team=teams[1])
    named.write_note("@cem look", by=ada, mentions=[cem])
    for merged, into in zip(talks[1::2], [*talks[4::2], named], strict=False):
        merged.merge(into, ada)
    members = [ada, ben, vic, cem, away]
    found = reached(members, list(Conversation.objects.values_list("pk", flat=True)))
    for member in members:
        assert found[member.pk] == set(Conversation.objects.reachable_by(member).values_list("pk", flat=True)), member
    assert len({frozenset(one) for one in found.values()}) == 4  # the test can tell them apart


def test_the_reach_of_many_costs_as_many_queries_as_that_of_one(visitor, ada, ben, django_assert_max_num_queries):
    chats.said(visitor, None, "Hello")
    ids = {Conversation.objects.get().pk}
    crowd = [Member.objects.create_user(f"a{n}@example.com", "x", role="agent") for n in range(30)]
    for members in ([ben], [ada, ben, *crowd]):
        with django_assert_max_num_queries(3):
            reached(members, ids)


def test_what_moves_out_of_reach_is_gone_for_those_who_had_it_and_for_nobody_else(look, visitor, ada, ben):
    talk, owner, agent = Conversation.objects.get(), agents.Agent(ada), agents.Agent(ben)
    agent.hear(News(changed=(Changed(talk.pk, 1, "customer", 0, 0),)))  # not sent yet, and out of date by then
    talk.assign(ada, team=Team.objects.create(name="Theirs"))
    heard = told(look.news(), owner, agent)
    for listener, news in heard.items():
        listener.hear(news)
    assert agent.take().decode() == f'event: gone\ndata: {{"conversation":{talk.pk}}}\n\n'
    assert b"event: gone" not in owner.take()
    chats.said(visitor, None, "Hello")  # of what is gone nothing more is told
    assert agent not in told(look.news(), agent)
    talk.refresh_from_db()
    talk.assign(ada, team=None)
    agent.hear(told(look.news(), agent)[agent])
    assert agent.take().startswith(b"id: ") and not agent.gone


def test_who_types_is_told_and_that_they_stopped(look, visitor, ada):
    conversation, guest, owner = Conversation.objects.get(), visitors.Guest(visitor), agents.Agent(ada)
    until = time.time_ns() // 1000 + 300_000
    presence.write({(conversation.pk, "m:1"): presence.Sign("Ada Osei", True, until)})
    heard = told(look.news(), guest, owner)
    assert heard[guest].typing == "Ada"
    assert [one.typing for one in heard[owner].present[conversation.pk]] == [True]
    assert look.news() is None
    time.sleep(0.35)
    heard = told(look.news(), guest, owner)
    assert heard[guest].typing == "" and heard[owner].present[conversation.pk] == ()


def test_a_name_of_a_member_is_told_to_customers_as_a_first_name_only():
    assert chats.first_name("Ada Osei") == "Ada"
    assert "ada@" not in chats.first_name("ada@example.com")


def test_signs_that_are_over_are_forgotten_and_those_of_nothing_ignored(look):
    conversation = Conversation.objects.get()
    old = time.time_ns() // 1000 - 10**8
    presence.write(
        {(conversation.pk, "m:1"): presence.Sign("Ada", True, old), (10**6, "m:1"): presence.Sign("", True, old)}
    )
    assert not Presence.objects.exists()


def test_a_slow_browser_is_told_each_conversation_once_and_everything_when_it_is_too_much(look, visitor, ada):
    agent = agents.Agent(ada)
    for number in range(3):
        chats.said(visitor, None, f"Hello {number}")
        agent.hear(look.news())
    chunk = agent.take().decode()
    assert chunk.count("event: conversation") == 1 and agent.take() == b""
    agent.changed = {number: agents.Changed(number, number, "", 0, 0) for number in range(agents.MOST + 1)}
    chats.said(visitor, None, "One more")
    agent.hear(look.news())
    assert agent.take().decode().startswith("event: everything")


def test_what_a_stream_missed_comes_when_it_is_back(look, visitor, ada, ben):
    before = Conversation.objects.get().through
    chats.said(visitor, None, "Meanwhile")
    assert [one.id for one in agents.missed(ada, before).changed] == [Conversation.objects.get().pk]
    chunk, after = visitors.fresh(visitor, 0)
    assert b"Meanwhile" in chunk
    assert visitors.fresh(visitor, after)[0].count(b"event: message") == 0


def test_the_desks_stream_knows_members_by_their_session_alone(client, ada):
    client.force_login(ada)
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    assert agents.member_of(cookie) == ada
    for wrong in ("", "sessionid=x", "other=1", "sessionid"):
        assert agents.member_of(wrong) is None
    ada.is_active = False
    ada.save()
    assert agents.member_of(cookie) is None


def test_the_chats_stream_stands_on_named_sites_only(widget):
    widget.change(origins=["https://shop.example"])
    assert visitors.may_stand(widget.key, "https://shop.example", "http://desk")
    assert visitors.may_stand(widget.key, "http://desk", "http://desk")
    assert not visitors.may_stand(widget.key, "https://evil.example", "http://desk")
    assert not visitors.may_stand("nothing", "", "http://desk")
