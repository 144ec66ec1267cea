"""Who of those that listen may reach a conversation: `reach.within`, asked the other way round.

News come ten times a second for every member who listens. So it is worked out for all of them at once, in as many
queries for two hundred as for one. A test holds it against the predicate itself.
"""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from beforehand.lib.prepared import Prepared, listed, numbers
from beforehand.service.models import Conversation, Mention
from beforehand.team.models import Member, TeamMember


class Place(NamedTuple):
    """Where a conversation, or the one that leads it, belongs: the head's number, its owner and team."""

    head: int
    owner: int | None
    team: int | None


def reached(members: Iterable[Member], conversations: Collection[int]) -> dict[int, set[int]]:
    """For each member's number which of the conversations they may reach."""
    people = {member.pk: member for member in members}
    all_of_them = set(conversations)
    found = {number: set(all_of_them) if member.may_configure else set() for number, member in people.items()}
    agents = {number for number, member in people.items() if not member.may_configure and member.may_see_customers}
    if agents and conversations:
        places = _places(conversations)
        heads = {place.head for place in places.values()}
        teams, named = _in_teams({place.team for place in places.values()}), _named_in(heads)
        for one, place in places.items():
            may = agents if place.team is None else agents & (teams.get(place.team, set()) | {place.owner})
            for number in may | (agents & named.get(place.head, set())):
                found[number].add(one)
    return {number: reach if people[number].is_active else set() for number, reach in found.items()}


def _places(conversations: Collection[int]) -> dict[int, Place]:
    return {
        one: Place(head, head_owner, head_team) if head else Place(one, owner, team)
        for one, head, owner, team, head_owner, head_team in _placed(listed(conversations))
    }


def _in_teams(teams: set[int | None]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for team, member in _members(listed(one for one in teams if one is not None)):
        found.setdefault(team, set()).add(member)
    return found


def _named_in(heads: Collection[int]) -> dict[int, set[int]]:
    """Whoever was named in a note of a case."""
    found: dict[int, set[int]] = {}
    for member, head in _mentions(listed(heads)):
        found.setdefault(head, set()).add(member)
    return found


def _of_cases(heads: str) -> QuerySet[Mention, Any]:
    of_case = Q(message__conversation__in=numbers(heads)) | Q(message__conversation__head__in=numbers(heads))
    case = Coalesce("message__conversation__head", "message__conversation")
    return Mention.objects.filter(of_case).values_list("member", case)


_mentions: Prepared[Any] = Prepared(_of_cases, str)
_placed: Prepared[Any] = Prepared(
    lambda conversations: Conversation.objects.filter(pk__in=numbers(conversations)).values_list(
        "pk", "head", "owner", "team", "head__owner", "head__team"
    ),
    str,
)
_members: Prepared[Any] = Prepared(
    lambda teams: TeamMember.objects.filter(team__in=numbers(teams)).values_list("team", "member"), str
)
