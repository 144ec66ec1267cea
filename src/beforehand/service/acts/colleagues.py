"""What waits for members, by mail while they are not at the desk, with an address by which they answer as themselves.

Nothing is told of what was seen meanwhile, several words on one conversation are one mail, and many conversations are
one list. The mails say of themselves that a machine wrote them, and what a machine answers to them goes nowhere.
"""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from beforehand.channels import outbox
from beforehand.channels.email.addresses import key_of
from beforehand.channels.models import Mailbox, Outgoing
from beforehand.lib.trouble import Trouble
from beforehand.service import presence
from beforehand.service.acts.recipients import own_addresses
from beforehand.service.arrivals.receiving import new_part
from beforehand.service.models import Conversation, DeskSetting, Message, Notification
from beforehand.team.models import Member, Workspace

WAIT = timedelta(minutes=2)
"""Whoever is at hand sees it at the desk within so long."""
LATEST = timedelta(days=1)
TOGETHER = 5
"""Of more conversations than this at once there is one list."""
AT_ONCE = 500
LONGEST = 4000
Mails, Kind = DeskSetting.Mails, Notification.Kind


def keep_up() -> int:
    """Tell by mail what has waited unseen; how many mails."""
    now = timezone.now()
    waiting = Notification.objects.filter(seen=None, mailed=None, time__lte=now - WAIT, time__gte=now - LATEST)
    rows = waiting.exclude(member__in=_left_alone()).select_related("member").order_by("member_id", "time", "id")
    by_member = [list(told) for _member, told in groupby(rows[:AT_ONCE], lambda row: row.member_id)]
    return sum(_tell(told[0].member, told) for told in by_member)


def _left_alone() -> set[int]:
    """Members whom it waits for: in their quiet hours, or with the desk open, unless they want mails all the same."""
    hour = timezone.localtime().hour
    quiet = {one.member_id for one in DeskSetting.objects.exclude(quiet_from=None) if one.is_quiet_at(hour)}
    always = DeskSetting.objects.filter(mails=Mails.ALWAYS).values("member")
    return quiet | set(presence.at_desk_now().exclude(member__in=always).values_list("member", flat=True))


def _tell(member: Member, rows: Sequence[Notification]) -> int:
    setting = DeskSetting.objects.filter(member=member).first() or DeskSetting(member=member)
    wanted = [row for row in rows if row.kind in setting.mailed_kinds and setting.mails != Mails.NEVER]
    if not member.is_active or key_of(member.email) in own_addresses():
        wanted = []
    reach = Conversation.objects.reachable_by(member).select_related("mailbox", "identifier")
    talks = {one.pk: one for one in reach.filter(pk__in={row.conversation_id for row in wanted})}
    by_talk: dict[int, list[Notification]] = {}
    for row in wanted:
        if row.conversation_id in talks:
            by_talk.setdefault(row.conversation_id, []).append(row)
    sent = 0
    with transaction.atomic(), translation.override(Workspace.own().language or settings.LANGUAGE_CODE):
        if len(by_talk) > TOGETHER:
            sent += _send(member, by_talk, _list(talks, by_talk), None)
        else:
            for number, told in by_talk.items():
                sent += _send(member, {number: told}, _one(talks[number], told), talks[number])
        Notification.objects.filter(pk__in=[row.pk for row in rows]).update(mailed=timezone.now())
    return sent


def _send(
    member: Member, told: dict[int, list[Notification]], text: tuple[str, str], talk: Conversation | None
) -> bool:
    """Whether there is a mailbox that it can leave by."""
    subject, body = text
    content: dict[str, Any] = {"subject": subject, "text": body, "to": [[str(member), member.email]]}
    content |= {"about": sorted(told), "reply_token": False}
    box = talk.mailbox if talk and talk.mailbox and talk.mailbox.state == Mailbox.State.LIVE else None
    if talk is not None and _may_answer(talk):
        called = _is_called(told[talk.pk])
        content |= {"conversation": talk.pk, "member": member.pk, "note": called, "reply_token": True}
    first = min(row.pk for rows in told.values() for row in rows)
    try:
        outbox.send(f"colleague {first}", Outgoing.Purpose.OPERATIONAL, "email", None, content, box, automatic=True)
    except Trouble:
        return False  # No mailbox is live: what waits is at the desk.
    return True


def _may_answer(talk: Conversation) -> bool:
    """Not where it could not be proven that an answer by mail is theirs."""
    box = talk.mailbox
    proven = box is not None and bool(box.trusted_servers) and box.settings.get("plus") is not False
    return proven and box is not None and box.state == Mailbox.State.LIVE


def _is_called(told: Sequence[Notification]) -> bool:
    """A colleague asked: what they answer is for the team, never for the customer."""
    return any(row.kind == Kind.MENTIONED for row in told)


def _one(talk: Conversation, told: Sequence[Notification]) -> tuple[str, str]:
    """Subject and text about one conversation."""
    why = ", ".join(dict.fromkeys(_why(row) for row in told))
    called = _is_called(told)
    last = talk.thread().filter(machine="")
    said = last.filter(kind=Message.Kind.NOTE).last() if called else last.exclude(kind=Message.Kind.NOTE).last()
    lines = [f"{why}:", f"#{talk.pk} {talk.subject}".strip(), _link(talk), ""]
    if said is not None:
        lines += [f"> {line}" for line in new_part(said)[:LONGEST].strip().splitlines()]
    lines += ["", _hint(talk, called)]
    return f"[#{talk.pk}] {talk.subject or why}", "\n".join(lines)


def _hint(talk: Conversation, called: bool) -> str:
    """Where an answer to the mail goes."""
    if not _may_answer(talk):
        return _("Answer at the desk. An answer to this mail reaches nobody.")
    if called:
        return _("What you answer to this mail becomes a note for your team. The customer does not see it.")
    return _("What you answer to this mail goes to the customer, as your answer.")


def _list(talks: dict[int, Conversation], told: dict[int, list[Notification]]) -> tuple[str, str]:
    """Subject and text about many."""
    lines = [_("This waits for you at the desk:"), ""]
    for number, rows in told.items():
        talk = talks[number]
        why = ", ".join(dict.fromkeys(_why(row) for row in rows))
        lines += [f"#{number} {talk.subject}".strip(), why, _link(talk), ""]
    return _("%(count)d conversations wait for you") % {"count": len(told)}, "\n".join(lines)


def _why(row: Notification) -> str:
    label = str(Kind(row.kind).label)
    return f"{label} ({row.by})" if row.by else label


def _link(talk: Conversation) -> str:
    return settings.URL + reverse("service:conversation", args=[talk.pk])
