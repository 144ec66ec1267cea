"""Conversations as lines of a list: what is unread, who is there, how long the customer has waited."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from beforehand.customers.models import Membership
from beforehand.lib.fields import to_micros
from beforehand.lib.prepared import Prepared, listed, numbers
from beforehand.service.models import Conversation, Presence, Priority, Reading
from beforehand.service.models.conversation import status_word
from beforehand.service.search.narrowing import SOON
from beforehand.team.models import Member

EXCERPT = 90
SHOWN = {"id": "id", "subject": "subject", "snippet": "snippet", "channel": "channel", "through": "through",
    "priority": "priority", "last_by": "last_by", "has_files": "has_files", "undelivered": "undelivered",
    "messages": "messages_count", "opened": "opened", "last": "last_message", "waiting_since": "waiting_since",
    "due": "due", "snoozed_until": "snoozed_until", "customer": "identifier__customer__name",
    "customer_id": "identifier__customer", "owner": "owner__name", "address": "owner__email", "team": "team__name",
    "status": "status__name"}  # fmt: skip
"""What a line says of a conversation: the line's name for it, and where it stands."""


@dataclass(slots=True)
class Row:
    """A conversation as a line of a list: plain values, since a page has fifty of them and objects cost more than all
    the rest of it. `owner`: the name of who has it, empty for nobody."""

    id: int
    subject: str
    snippet: str
    channel: str
    through: int
    priority: int
    last_by: str
    has_files: bool
    undelivered: bool
    messages: int
    opened: datetime
    last: datetime
    waiting_since: datetime | None
    due: datetime | None
    snoozed_until: datetime | None
    customer: str
    customer_id: int
    owner: str
    address: str
    team: str
    status: str
    company: str
    unread: bool
    here: list[Presence] = field(default_factory=list)
    excerpt: str = ""
    now: datetime = field(default_factory=timezone.now)

    @property
    def waits(self) -> timedelta | None:
        return self.now - self.waiting_since if self.waiting_since else None

    @property
    def tone(self) -> str:
        """How it stands to its next deadline: broken when late, near when close, else nothing."""
        if self.due is None:
            return ""
        return "broken" if self.due <= self.now else "near" if self.due - self.now < SOON else ""

    @property
    def icon(self) -> str:
        return {"email": "mail", "chat": "chat", "form": "web", "api": "link"}.get(self.channel, "mail")

    @property
    def urgency(self) -> str:
        return str(Priority(self.priority).label)


def rows_of(ids: Sequence[int], member: Member, now: datetime | None = None) -> list[Row]:
    """These conversations as lines, in this order: two queries however many."""
    now = now or timezone.now()
    if not ids:
        return []
    asked = listed(ids)
    here: dict[int, list[Presence]] = {}
    for who in _here(asked, to_micros(now), f"m:{member.pk}"):
        here.setdefault(who.conversation_id, []).append(who)
    found = {values[0]: values for values in _found(asked, member.pk)}
    return [_row(found[id], here.get(id, []), now) for id in ids if id in found]


def _row(values: Sequence[Any], here: list[Presence], now: datetime) -> Row:
    *said, read, company = values
    shown = dict(zip(SHOWN, said, strict=True))
    shown["customer"] = shown["customer"] or f"c-{shown['customer_id']}"
    shown["status"] = status_word(shown["status"])
    shown["owner"] = shown["owner"] or shown["address"] or ""
    return Row(**shown, company=company or "", unread=(read or 0) < shown["through"], here=here, now=now)


def _lines(ids: str, member: int) -> QuerySet[Conversation, tuple[Any, ...]]:
    read = Reading.objects.filter(member=member, conversation=OuterRef("pk")).values("through")[:1]
    companies = Membership.objects.filter(identifier=OuterRef("identifier")).order_by("-since")
    company = Subquery(companies.values("company__name")[:1])
    found = Conversation.objects.filter(pk__in=numbers(ids)).annotate(read=Subquery(read), company=company)
    return found.values_list(*(F(one) for one in SHOWN.values()), "read", "company")


_found: Prepared[Any] = Prepared(_lines, str, int)
_here = Prepared(
    lambda ids, now, me: Presence.objects.filter(conversation__in=numbers(ids), until__gt=now).exclude(who=me),
    str, int, str,
)  # fmt: skip


def excerpt(text: str, words: Sequence[str]) -> str:
    """A line of a text around the first of these words."""
    line = " ".join(text[:20_000].split())
    lower = line.lower()
    places = [at for word in words if (at := lower.find(word)) >= 0]
    if not places:
        return line[: 2 * EXCERPT]
    start = max(0, min(places) - EXCERPT // 2)
    return ("… " if start else "") + line[start : start + 2 * EXCERPT]
