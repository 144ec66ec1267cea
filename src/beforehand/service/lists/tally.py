"""How many conversations each view holds, for the rail: three queries whatever the number of views."""

from collections import Counter
from datetime import datetime

from django.db.models import Case, Count, IntegerField, QuerySet, Value, When
from django.utils import timezone

from beforehand.service.lists.desk_views import held_by
from beforehand.service.models import Conversation
from beforehand.team.models import Member

MOST = 1000
"""More than so many are not counted: the rail says “999+”."""
COUNTED = ("mine", "mentions", "them", "snoozed", "promises", "done", "spam")


def counts(member: Member, now: datetime | None = None) -> dict[str, int]:
    """The number of conversations by the slug of a view; those who wait by team too."""
    now = now or timezone.now()
    reachable = Conversation.objects.reachable_by(member)
    found = Counter(_waiting(reachable, member, now))
    parts = [_portion(reachable, slug, member, now) for slug in COUNTED]
    for slug, number in parts[0].union(*parts[1:], all=True):
        found[slug] = number
    return dict(found)


def waiting(member: Member) -> int:
    return Conversation.objects.reachable_by(member).filter(held_by("waiting", member, timezone.now())).count()


def _portion(reachable: QuerySet[Conversation], slug: str, member: Member, now: datetime) -> QuerySet:
    """One row: the slug and how many there are, counted up to MOST."""
    few = reachable.filter(held_by(slug, member, now)).order_by().values("pk")[:MOST]
    counted = Conversation.objects.filter(pk__in=few)
    return counted.order_by().values_list(Value(slug), Count("pk"))


def _waiting(reachable: QuerySet[Conversation], member: Member, now: datetime) -> dict[str, int]:
    nobodys = Case(When(owner__isnull=True, then=1), default=0, output_field=IntegerField())
    waiting = reachable.filter(held_by("waiting", member, now)).order_by().annotate(nobodys=nobodys)
    found: Counter[str] = Counter()
    for team, free, number in waiting.values_list("team", "nobodys").annotate(Count("pk")):
        found["waiting"] += number
        found["nobodys"] += number if free else 0
        if team is not None:
            found[f"team-{team}"] += number
    return found
