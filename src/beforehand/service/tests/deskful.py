"""Conversations for tests of the desk."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from beforehand.channels.models import Mailbox
from beforehand.customers.identity import Claim, describe, identify
from beforehand.customers.models import Identifier
from beforehand.service.models import Conversation
from beforehand.team.models import Member, Team, TeamMember


def person(name: str, email: str) -> Identifier:
    with transaction.atomic():
        found = identify([Claim("email", email, True)])
        number = next(iter(found.values()))
        describe([(number, int(timezone.now().timestamp() * 1e6), {"name": name})])
    return Identifier.objects.get(pk=number)


def asks(name: str, subject: str, text: str, minutes: int = 10, team: Team | None = None, **more: Any) -> Conversation:
    """Somebody wrote so many minutes ago, and waits."""
    email = f"{name.split()[0].lower()}@example.org"
    Mailbox.objects.get_or_create(address="hello@shop.example", defaults={"state": Mailbox.State.LIVE})
    when = timezone.now() - timedelta(minutes=minutes)
    conversation = Conversation.begin(person(name, email), more.pop("channel", "email"), subject, team=team, time=when)
    conversation.receive(text, time=when, headers={"from": [[name, email]], "proof": {"verdict": "pass"}}, **more)
    return conversation


def in_team(member: Member, name: str) -> Team:
    team = Team.objects.get_or_create(name=name)[0]
    TeamMember.objects.get_or_create(team=team, member=member)
    return team
