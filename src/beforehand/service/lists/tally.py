"""How many conversations each view holds, for the rail: two queries whatever the number of views.

Both are put together once for those who reach all and once for agents: that takes ten times what asking them takes.
"""

from collections import Counter
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Case, Count, IntegerField, QuerySet, When
from django.utils import timezone

from beforehand.lib.prepared import Prepared, Statement, marks_of
from beforehand.service.lists.desk_views import Moments, held_by
from beforehand.service.models import Conversation
from beforehand.service.reach import stand_in
from beforehand.team.models import Member

MOST = 1000
"""More than so many are not counted: the rail says “999+”."""
COUNTED = ("mine", "mentions", "them", "snoozed", "promises", "done", "spam")


def counts(member: Member, now: datetime | None = None) -> dict[str, int]:
    """The number of conversations by the slug of a view; those who wait by team too."""
    if not member.is_active or not member.may_see_customers:
        return {}
    at = Moments.at(now or timezone.now())
    others = _others(member.may_configure, connection.vendor).rows(member.pk, *at)
    return dict(_waiting(member, at)) | dict(others)


def waiting(member: Member) -> int:
    held = held_by("waiting", member, Moments.at(timezone.now()))
    return Conversation.objects.heads_reachable_by(member).filter(held).count()


def _waiting(member: Member, at: Moments) -> Counter[str]:
    found: Counter[str] = Counter()
    for team, free, number in _of_all(at.now) if member.may_configure else _of_agent(member.pk, at.now):
        found["waiting"] += number
        found["nobodys"] += number if free else 0
        if team is not None:
            found[f"team-{team}"] += number
    return found


def _by_team(member: Member, now: int) -> QuerySet[Any, Any]:
    nobodys = Case(When(owner__isnull=True, then=1), default=0, output_field=IntegerField())
    held = held_by("waiting", member, Moments(now, 0, 0, 0))
    waiting = Conversation.objects.heads_reachable_by(member).filter(held).order_by().annotate(nobodys=nobodys)
    return waiting.values_list("team", "nobodys").annotate(Count("pk"))


_of_all = Prepared(lambda now: _by_team(stand_in(True), now), int)
_of_agent = Prepared(lambda member, now: _by_team(stand_in(False, member), now), int, int)


@cache
def _others(may_configure: bool, vendor: str) -> Statement:
    """One query over all of COUNTED, each counted up to MOST; asked with the member and the moments."""
    marks = marks_of(*[int] * 5)
    member, at = stand_in(may_configure, int(marks[0])), Moments(*map(int, marks[1:]))
    parts, params = [], list[Any]()
    for slug in COUNTED:
        reachable = Conversation.objects.heads_reachable_by(member)
        sql, asked = reachable.filter(held_by(slug, member, at)).order_by().values("pk")[:MOST].query.sql_with_params()
        parts.append(f"select '{slug}', count(*) from ({sql}) as {slug}")
        params += asked
    whole = " union all ".join(parts)
    if vendor == "sqlite" and not may_configure:
        # So that it looks among their teams' rather than through all that stand in the same state.
        whole = whole.replace('"service_conversation"."kept" = ', '+"service_conversation"."kept" = ')
    return Statement.of(whole, params, marks)
