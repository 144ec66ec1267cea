"""Who answers: handing out what waits in a team, and taking back what its owner cannot answer.

Every waiting customer is in exactly one queue: that of the owner, else that of the team, else the one for what belongs
to nobody yet. An owner who is gone has no queue: what waits goes back to the team.
"""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from beforehand.lib import rows
from beforehand.lib.kept import kept
from beforehand.lib.prepared import Prepared
from beforehand.lib.trouble import Trouble
from beforehand.service import notifying
from beforehand.service.acts import acting
from beforehand.service.clocks import calendars, cases
from beforehand.service.clocks.ledger import Category, Kind
from beforehand.service.models import Conversation, Notification
from beforehand.team import availability
from beforehand.team.availability import State
from beforehand.team.models import Member, Team, TeamMember

AT_DESK = Q(kept=Conversation.Kept.DESK, head=None)
WAITING = AT_DESK & Q(waiting_since__isnull=False)
HELD = AT_DESK & Q(category__in=[Category.NEW, Category.OPEN, Category.WAITING_US], snoozed_until=None)
AT_ONCE = 200


class Queue(NamedTuple):
    """Where a customer waits: at a member, in a team, or with nobody."""

    kind: str
    of: int | None = None

    def holds(self) -> Q:
        """The conversations of this queue."""
        if self.kind == "member":
            return WAITING & Q(owner=self.of)
        return WAITING & Q(owner=None, team=self.of)


def queue_of(conversation: Conversation) -> Queue:
    if conversation.owner_id is not None:
        return Queue("member", conversation.owner_id)
    return Queue("team", conversation.team_id) if conversation.team_id else Queue("nobody")


def own(doing: acting.Act, owner: Member | None, why: str = "") -> None:
    """The owner changes; whoever is given something by another is told."""
    head = doing.head
    if head.owner_id == (owner.pk if owner else None):
        return
    if owner is not None and (not owner.is_active or not owner.may_see_customers):
        raise Trouble(_("%(name)s does not answer customers. Choose another member.") % {"name": owner})
    actor = "company" if doing.by else "system"
    doing.add(Kind.OWNER, thread=head.pk, actor=actor, owner=str(owner or "–"), why=why)
    head.owner = owner
    if not doing.is_new:
        Notification.objects.filter(conversation=head, kind=Notification.Kind.ASSIGNED, seen=None).delete()
    if owner is not None and (doing.by is None or owner.pk != doing.by.pk):
        notifying.tell(owner.pk, head, Notification.Kind.ASSIGNED, doing.by)


def hand_out(doing: acting.Act, without: int | None = None) -> None:
    """Give what waits in a team without an owner to somebody, the team's way; first take it from an owner who is gone.

    Nobody gets anything new who is away, or has as many open ones as the team allows. Who has a skill that is asked for
    (the customer's language, a tag) comes before who has none. `without`: a member who does not get it.
    """
    head = doing.head
    if head.owner_id is not None and _is_gone(head.owner_id):
        own(doing, None, why=_("the owner is away"))
    team = calendars.team(head.team_id)
    if head.owner_id is not None or team is None or team.handing == Team.Handing.BY_HAND:
        return
    if head.kept != Conversation.Kept.DESK or not cases.waiting_in(doing.events):
        return
    place = _next(head, team, doing.is_new, without)
    if place is not None:
        place.last_given = acting.now()
        rows.replace(place, "last_given")
        own(doing, place.member, why=str(Team.Handing(team.handing).label))


def _next(head: Conversation, team: Team, is_new: bool, without: int | None) -> TeamMember | None:
    places = [one for one in _places(team.pk) if one.member.is_active and one.member.may_see_customers]
    places = [one for one in places if one.member_id != without]
    state = availability.states(one.member_id for one in places)
    by_load = team.handing == Team.Handing.BY_LOAD
    load = loads(one.member_id for one in places) if by_load or team.most else {}
    free = [one for one in places if state[one.member_id] == State.HERE]
    free = [one for one in free if not team.most or load.get(one.member_id, 0) < team.most]
    wanted = _skills(head, is_new)
    best = max((len(wanted & _has(one)) for one in free), default=0)
    free = [one for one in free if len(wanted & _has(one)) == best]
    return min(
        free, key=lambda one: (load.get(one.member_id, 0) if by_load else 0, one.last_given, one.pk), default=None
    )


# Acts are done in turn, so two conversations that come together do not both go to the same member.
_places = Prepared(lambda team: TeamMember.objects.filter(team=team).select_related("member").order_by("id"), int)


def loads(members: Iterable[int]) -> dict[int, int]:
    """How many open conversations each of these has."""
    counted = Conversation.objects.filter(HELD, owner__in=list(members)).values("owner").annotate(count=Count("pk"))
    return {row["owner"]: row["count"] for row in counted}


def _skills(head: Conversation, is_new: bool) -> set[str]:
    """What a conversation asks for. A new one has no tags yet."""
    tags = {name.casefold() for name in head.taggings.values_list("tag__name", flat=True)} if not is_new else set()
    language = head.language.casefold()
    return tags | {language, language.partition("-")[0]} - {""}


def _has(place: TeamMember) -> set[str]:
    return {str(skill).casefold() for skill in place.skills or ()}


@kept("team.Member", "team.Availability")
def _is_gone(member: int) -> bool:
    there = rows.found(Member, "id = %s and is_active", member)
    return not there or availability.states([member])[member] == State.GONE


def give_back(member: int) -> int:
    """What waits for a member who is gone goes back to its team, and is handed out there; how many."""
    waiting = Conversation.objects.filter(WAITING, owner=member).order_by("waiting_since")
    given = 0
    for conversation in waiting:
        with acting.act(conversation) as doing:
            hand_out(doing)
            given += doing.head.owner_id != member
    return given


def keep_up() -> int:
    """Give back what waits for members who are gone, and hand out what waits in teams that hand out."""
    owners = set(Conversation.objects.filter(WAITING, owner__isnull=False).values_list("owner", flat=True).distinct())
    moved = sum(give_back(owner) for owner in owners if owner is not None and _is_gone(owner))
    handing = [Team.Handing.IN_TURN, Team.Handing.BY_LOAD]
    waiting = Conversation.objects.filter(WAITING, owner=None, team__handing__in=handing, snoozed_until=None)
    for conversation in waiting.order_by("waiting_since")[:AT_ONCE]:
        with acting.act(conversation) as doing:
            hand_out(doing)
            moved += doing.head.owner_id is not None
    return moved
