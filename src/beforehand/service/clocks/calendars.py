"""Whose working hours hold, which policy fits, and the versions of both that targets were frozen with."""

import json
from collections.abc import Iterable
from functools import lru_cache

from beforehand.lib.working import DAY_LONG, Calendar, calendar_in
from beforehand.service.clocks.policy import Policy, policy_in
from beforehand.service.models import Conversation, PolicyVersion, ServicePolicy
from beforehand.team.models import Hours, HoursVersion, Team, Workspace

NO_POLICY = Policy()


def fitting(conversation: Conversation) -> ServicePolicy | None:
    """The first policy by position that fits; None where there is none."""
    found = ServicePolicy.objects.filter(off=False).select_related("hours").order_by("position", "id")
    return next((one for one in found if _fits(one, conversation)), None)


def _fits(policy: ServicePolicy, conversation: Conversation) -> bool:
    return (
        policy.team_id in {None, conversation.team_id}
        and policy.channel in {"", conversation.channel}
        and policy.priority in {None, conversation.priority}
    )


def policy_of(row: ServicePolicy | None) -> Policy:
    """What a policy says; its version is kept, so that a target's policy can be read for ever."""
    if row is None:
        return NO_POLICY
    policy = policy_in(row.plain)
    PolicyVersion.objects.get_or_create(version=policy.version, defaults={"plain": policy.plain()})
    return policy


def calendar_for(row: ServicePolicy | None, team: Team | None) -> Calendar:
    """The hours of the policy, else those of the team, else around the clock in the company's zone."""
    hours = (row.hours if row else None) or (team.hours if team else None)
    calendar = calendar_of(hours) if hours else around_the_clock(Workspace.own().zone)
    HoursVersion.objects.get_or_create(version=calendar.version, defaults={"plain": calendar.plain()})
    return calendar


def calendar_of(hours: Hours) -> Calendar:
    return _read(json.dumps(hours.plain, sort_keys=True))


def by_version(versions: Iterable[str]) -> dict[str, Calendar]:
    """Calendars as they once were. One that is missing is left out: the clocks say so when they need it."""
    wanted = {version for version in versions if version}
    if missing := wanted - set(_kept):
        for row in HoursVersion.objects.filter(version__in=sorted(missing)):
            _kept[row.version] = _read(json.dumps(row.plain, sort_keys=True))
    return {version: _kept[version] for version in wanted if version in _kept}


_kept: dict[str, Calendar] = {}
"""Calendars by version: what a version says never changes."""


@lru_cache(64)
def _read(plain: str) -> Calendar:
    """A calendar lays its years out once, so it is kept."""
    return calendar_in(json.loads(plain))


@lru_cache(16)
def around_the_clock(zone: str) -> Calendar:
    return Calendar(zone, ((DAY_LONG,),) * 7)
