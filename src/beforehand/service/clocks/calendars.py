"""Whose working hours hold, which policy fits, and the versions of both that targets were frozen with."""

import json
from collections.abc import Iterable
from functools import lru_cache

from beforehand.lib.kept import kept
from beforehand.lib.working import DAY_LONG, Calendar, calendar_in
from beforehand.service.clocks.policy import Policy, policy_in
from beforehand.service.models import Conversation, PolicyVersion, ServicePolicy
from beforehand.team.models import Hours, HoursVersion, Team, Workspace

NO_POLICY = Policy()


@kept("team.Team", "team.Hours")
def team(number: int | None) -> Team | None:
    """A team with its hours."""
    return Team.objects.select_related("hours").filter(pk=number).first() if number else None


def fitting(conversation: Conversation) -> ServicePolicy | None:
    """The first policy by position that fits; None where there is none."""
    return next((one for one in _policies() if _fits(one, conversation)), None)


@kept("service.ServicePolicy", "team.Hours")
def _policies() -> list[ServicePolicy]:
    found = ServicePolicy.objects.filter(off=False).select_related("hours").order_by("position", "id")
    return list(found)


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
    policy = _policy_in(json.dumps(row.plain, sort_keys=True))
    if not _has_policy(policy.version):
        PolicyVersion.objects.get_or_create(version=policy.version, defaults={"plain": policy.plain()})
    return policy


@lru_cache(64)
def _policy_in(plain: str) -> Policy:
    return policy_in(json.loads(plain))


@kept("service.PolicyVersion")
def _has_policy(version: str) -> bool:
    return PolicyVersion.objects.filter(version=version).exists()


def calendar_for(row: ServicePolicy | None, team: Team | None) -> Calendar:
    """The hours of the policy, else those of the team, else around the clock in the company's zone."""
    hours = (row.hours if row else None) or (team.hours if team else None)
    calendar = calendar_of(hours) if hours else around_the_clock(_zone())
    if not _has_hours(calendar.version):
        HoursVersion.objects.get_or_create(version=calendar.version, defaults={"plain": calendar.plain()})
    return calendar


@kept("team.Workspace")
def _zone() -> str:
    return Workspace.own().zone


@kept("team.HoursVersion")
def _has_hours(version: str) -> bool:
    return HoursVersion.objects.filter(version=version).exists()


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
