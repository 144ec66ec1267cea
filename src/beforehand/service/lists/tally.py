"""How many conversations each view holds, for the rail: two queries whatever the number of views."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Case, Count, IntegerField, QuerySet, When
from django.utils import timezone

from beforehand.service.lists.desk_views import held_by
from beforehand.service.models import Conversation
from beforehand.team.models import Member

MOST = 1000
"""More than so many are not counted: the rail says “999+”."""
COUNTED = ("mine", "mentions", "them", "snoozed", "promises", "done", "spam")


def counts(member: Member, now: datetime | None = None) -> dict[str, int]:
    """The number of conversations by the slug of a view; those who wait by team too."""
    if not member.is_active or not member.may_see_customers:
        return {}
    now = now or timezone.now()
    reachable = Conversation.objects.heads_reachable_by(member)
    return dict(_waiting(reachable, member, now) + _others(reachable, member, now))


def waiting(member: Member) -> int:
    return Conversation.objects.heads_reachable_by(member).filter(held_by("waiting", member, timezone.now())).count()


def _others(reachable: QuerySet[Conversation], member: Member, now: datetime) -> Counter[str]:
    """One query over all of COUNTED, each counted up to MOST."""
    parts, params = [], list[Any]()
    for slug in COUNTED:
        few = reachable.filter(held_by(slug, member, now)).order_by().values("pk")[:MOST]
        sql, asked = few.query.sql_with_params()
        parts.append(f"select '{slug}', count(*) from ({sql}) as {slug}")
        params += asked
    with connection.cursor() as cursor:
        cursor.execute(" union all ".join(parts), params)
        return Counter(dict(cursor.fetchall()))


def _waiting(reachable: QuerySet[Conversation], member: Member, now: datetime) -> Counter[str]:
    nobodys = Case(When(owner__isnull=True, then=1), default=0, output_field=IntegerField())
    waiting = reachable.filter(held_by("waiting", member, now)).order_by().annotate(nobodys=nobodys)
    found: Counter[str] = Counter()
    for team, free, number in waiting.values_list("team", "nobodys").annotate(Count("pk")):
        found["waiting"] += number
        found["nobodys"] += number if free else 0
        if team is not None:
            found[f"team-{team}"] += number
    return found
