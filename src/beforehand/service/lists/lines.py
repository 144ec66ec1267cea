"""Conversations as lines of a list: what is unread, who is there, how long the customer has waited."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from beforehand.customers.models import Membership
from beforehand.service.models import Conversation, Presence, Reading
from beforehand.service.search.narrowing import SOON
from beforehand.team.models import Member

EXCERPT = 90


@dataclass
class Row:
    """A conversation as a line of a list."""

    conversation: Conversation
    unread: bool = False
    company: str = ""
    here: list[Presence] = field(default_factory=list)
    excerpt: str = ""
    now: datetime = field(default_factory=timezone.now)

    @property
    def waits(self) -> timedelta | None:
        since = self.conversation.waiting_since
        return self.now - since if since else None

    @property
    def tone(self) -> str:
        """How it stands to its next deadline: broken when late, near when close, else nothing."""
        due = self.conversation.due
        if due is None:
            return ""
        return "broken" if due <= self.now else "near" if due - self.now < SOON else ""

    @property
    def icon(self) -> str:
        return {"email": "mail", "chat": "chat", "form": "web", "api": "link"}.get(self.conversation.channel, "mail")


def rows_of(ids: Sequence[int], member: Member, now: datetime | None = None) -> list[Row]:
    """These conversations as lines, in this order: two queries however many."""
    now = now or timezone.now()
    if not ids:
        return []
    read = Reading.objects.filter(member=member, conversation=OuterRef("pk"))
    companies = Membership.objects.filter(identifier=OuterRef("identifier")).order_by("-since")
    found = (
        Conversation.objects.filter(pk__in=ids)
        .select_related("identifier__customer", "owner", "team", "status")
        .defer("identifier__traits", "identifier__trait_times")
        .annotate(read=Subquery(read.values("through")[:1]), company=Subquery(companies.values("company__name")[:1]))
        .in_bulk()
    )
    here: dict[int, list[Presence]] = {}
    for who in Presence.objects.filter(conversation__in=ids, until__gt=now).exclude(who=f"m:{member.pk}"):
        here.setdefault(who.conversation_id, []).append(who)
    return [
        Row(one, (one.read or 0) < one.through, one.company or "", here.get(id, []), now=now)
        for id in ids
        if (one := found.get(id))
    ]


def excerpt(text: str, words: Sequence[str]) -> str:
    """A line of a text around the first of these words."""
    line = " ".join(text[:20_000].split())
    lower = line.lower()
    places = [at for word in words if (at := lower.find(word)) >= 0]
    if not places:
        return line[: 2 * EXCERPT]
    start = max(0, min(places) - EXCERPT // 2)
    return ("… " if start else "") + line[start : start + 2 * EXCERPT]
