"""Who may see which conversations: the one predicate for lists, search, live updates, notifications, export and API."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from beforehand.lib.trouble import Trouble
from beforehand.team.models import Member, TeamMember

if TYPE_CHECKING:
    from beforehand.service.models import Conversation


class OutOfReach(Trouble):
    def __init__(self) -> None:
        super().__init__(_("This conversation belongs to a team that you are not in. Ask somebody in it."))


def within(member: Member, of: str = "") -> Q:
    """What a member may reach, as a condition on conversations; `of` is the path to one, such as `conversation__`.

    Owners and managers reach all. An agent reaches those of their teams, those of no team, those they own, and those in
    a note of which they were named. Viewers reach none. A merged conversation is reached as its head is.
    """
    if not member.is_active or not member.may_see_customers:
        return Q(pk__in=[])
    if member.may_configure:
        return Q()
    teams = TeamMember.objects.filter(member=member).values("team")
    own = Q(**{f"{of}owner": member.pk}) | Q(**{f"{of}team": None}) | Q(**{f"{of}team__in": teams})
    return own | _named(member, of)


def _named(member: Member, of: str) -> Q:
    from beforehand.service.models import Mention

    named = Mention.objects.filter(member=member)
    return Q(**{f"{of}pk__in": named.values("message__conversation")}) | Q(
        **{f"{of}pk__in": named.values("message__conversation__head")}
    )


class Conversations(models.QuerySet["Conversation"]):
    def reachable_by(self, member: Member) -> Self:
        """Those that a member may see, and nothing else: every look-up begins here."""
        if not member.is_active or not member.may_see_customers:
            return self.none()
        if member.may_configure:
            return self
        heads = self.model._default_manager.filter(within(member)).values("pk")
        return self.filter(within(member) & Q(head=None) | Q(head__in=heads))


def may_reach(conversation: "Conversation", member: Member) -> bool:
    from beforehand.service.models import Conversation

    return Conversation.objects.filter(pk=conversation.pk).reachable_by(member).exists()


def check(conversation: "Conversation", member: Member | None) -> None:
    """Raises OutOfReach where a member may not reach a conversation."""
    if member is not None and not may_reach(conversation, member):
        raise OutOfReach
