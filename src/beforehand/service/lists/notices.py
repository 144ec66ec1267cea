"""What waits for a member, in words: a customer, something given to them, their name in a note."""

from datetime import datetime
from typing import NamedTuple

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from beforehand.lib.fields import to_micros
from beforehand.service.models import Conversation, DeskSetting, Notification
from beforehand.team import availability
from beforehand.team.models import Member

MOST = 50
Kind = Notification.Kind
ICONS = {Kind.WAITING: "clock", Kind.ASSIGNED: "user", Kind.MENTIONED: "quote", Kind.DUE: "soon"}


class Notice(NamedTuple):
    """A line: what it is, what it is about, where it leads."""

    id: int
    conversation: int
    title: str
    about: str
    url: str
    time: datetime
    icon: str


def waiting_for(member: Member) -> list[Notice]:
    """The newest first."""
    reachable = Conversation.objects.reachable_by(member).values("pk")
    rows = Notification.objects.filter(member=member, seen=None, conversation__in=reachable)
    rows = rows.select_related("conversation__identifier__customer").order_by("-time", "-pk")[:MOST]
    return [notice_of(row) for row in rows]


def seen(member: Member, number: int | None = None) -> None:
    """The member has seen one of them, or all."""
    rows = Notification.objects.filter(member=member, seen=None)
    if number is not None:
        rows = rows.filter(pk=number)
    rows.update(seen=to_micros(timezone.now()))


def is_quiet(member: Member) -> bool:
    """Who is away, or in their quiet hours, is told nothing outside the page."""
    setting = DeskSetting.objects.filter(member=member).first()
    if setting is not None and setting.is_quiet_at(timezone.localtime().hour):
        return True
    return availability.states([member.pk])[member.pk] != availability.State.HERE


def notice_of(row: Notification) -> Notice:
    """One of them, in the language in force."""
    conversation = row.conversation
    facts = {"name": conversation.identifier.customer, "by": row.by or _("The rules")}
    said = {
        Kind.WAITING: _("%(name)s waits for you"),
        Kind.ASSIGNED: _("%(by)s gave you %(name)s"),
        Kind.MENTIONED: _("%(by)s calls you about %(name)s"),
        Kind.DUE: _("The answer to %(name)s is due soon"),
        Kind.UNDELIVERED: _("Your answer to %(name)s did not arrive"),
    }[Kind(row.kind)]
    return Notice(
        row.pk,
        conversation.pk,
        said % facts,
        conversation.subject or conversation.snippet,
        reverse("service:conversation", args=[conversation.pk]),
        row.time,
        ICONS.get(Kind(row.kind), "late"),
    )
