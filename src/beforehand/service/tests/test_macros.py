"""Saved replies, and one act on many conversations."""

from datetime import timedelta

import pytest
from django.utils import timezone

from beforehand.customers.identity import describe
from beforehand.journey.promises.making import make
from beforehand.lib.trouble import Trouble
from beforehand.service import macros, variables
from beforehand.service.acts import bulk
from beforehand.service.models import Macro
from beforehand.service.tests.desk import asks, fresh
from beforehand.team.models import Team, TeamMember

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def live(mailbox):
    return mailbox


def named(conversation, name):
    describe([(conversation.identifier_id, 1, {"name": name})])
    return fresh(conversation)


def test_variables_come_from_the_journey(ada):
    asked = named(asks(), "Ines Vogel")
    make(asked.identifier.customer_id, "Call back", timezone.now() + timedelta(days=2), ["Phone Call Made"], ada)
    text = (
        "Hello {{ customer.first_name }}, we said: {{promise.what}}. #{{ conversation.number }} {{ member.first_name }}"
    )
    assert variables.fill_in(text, asked, ada) == f"Hello Ines, we said: Call back. #{asked.pk} Ada"


@pytest.mark.parametrize(
    "text",
    [
        "{% load x %}",
        "{{ customer.__class__ }}",
        "{{ settings.SECRET_KEY }}",
        "{{ customer.first_name|upper }}",
        "{{ member.password }}",
        "${7*7} #{7*7} {{7*7}}",
    ],
)
def test_a_template_is_nothing_but_a_look_up(text, ada):
    assert variables.fill_in(text, asks(), ada) == text


def test_a_value_is_never_read_as_a_template(ada):
    asked = named(asks(), "{{ member.name }} {{ company.name }}")
    assert variables.fill_in("Hello {{ customer.name }}", asked, ada) == "Hello {{ member.name }} {{ company.name }}"


def test_what_has_no_value_is_not_sent(ada):
    asked = asks()
    text = variables.fill_in("Due {{ promise.due }}", asked, ada)
    with pytest.raises(variables.Left):
        asked.answer(text, ada)


def test_a_macro_does_what_it_says_besides(ada):
    asked = asks()
    Team.objects.create(name="Hubs")
    macro = Macro.objects.create(name="m", actions=[{"do": "team", "value": "Hubs"}, {"do": "tag", "value": "hub"}])
    assert macros.apply(macro, asked, ada) == []
    assert asked.team.name == "Hubs" and asked.taggings.get().tag.name == "hub"


def test_bulk_says_for_each_what_came_of_it_and_can_be_taken_back(ada, ben):
    first, second, far = asks("One"), asks("Two"), asks("Three")
    far.assign(ada, team=Team.objects.create(name="Others"))
    first.tag("late", ada)
    ids = [first.pk, second.pk, far.pk]
    assert bulk.preview({"do": "tag", "value": "late"}, ids, ben).beyond == 1
    run = bulk.run({"do": "tag", "value": "late"}, ids, ben)
    assert run.results[str(first.pk)] == run.results[str(second.pk)] == "done" != run.results[str(far.pk)]
    bulk.undo(run, ben)
    assert first.taggings.exists() and not second.taggings.exists()  # what was there before stays
    with pytest.raises(Trouble):
        bulk.undo(run, ben)


def test_bulk_answers_are_sent_once_each_and_can_be_taken_back(ada):
    first, second = asks("One"), asks("Two", "ben@example.org")
    action = {"do": "reply", "value": "Hello, your number is {{ conversation.number }}."}
    assert bulk.preview(action, [first.pk, second.pk], ada).sends == 2
    run = bulk.run(action, [first.pk, second.pk], ada)
    assert first.thread().last().text == f"Hello, your number is {first.pk}."
    bulk.undo(run, ada)
    assert fresh(first).waiting_since and fresh(second).waiting_since


@pytest.mark.parametrize(
    ("do", "value"), [("status", "done"), ("owner", "me"), ("priority", "high"), ("snooze", "in 2 days"), ("spam", "")]
)
def test_what_was_done_is_as_it_was_after_undo(do, value, ada):
    asked = asks()
    facts = ("status_id", "owner_id", "priority", "snoozed_until", "kept", "waiting_since")
    before = [getattr(fresh(asked), fact) for fact in facts]
    run = bulk.run({"do": do, "value": value}, [asked.pk], ada)
    assert run.results[str(asked.pk)] == "done" and [getattr(fresh(asked), fact) for fact in facts] != before
    bulk.undo(run, ada)
    assert [getattr(fresh(asked), fact) for fact in facts] == before


def test_an_agent_may_use_macros_of_their_teams(ben, ada):
    team = Team.objects.create(name="Hubs")
    Macro.objects.create(name="ours", team=team)
    Macro.objects.create(name="ada's", member=ada)
    Macro.objects.create(name="all")
    usable = Macro.objects.filter(macros.usable_by(ben)).values_list("name", flat=True)
    assert set(usable) == {"all"}
    TeamMember.objects.create(team=team, member=ben)
    assert set(usable.all()) == {"all", "ours"}
