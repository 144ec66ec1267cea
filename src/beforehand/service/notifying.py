"""Who is told. A notification follows who waits, not who typed: it is there as long as what it says is true."""

from collections.abc import Iterable

from django.utils import timezone

from beforehand.lib import rows
from beforehand.lib.bus import emit
from beforehand.lib.fields import to_micros
from beforehand.service.models import Conversation, Notification
from beforehand.team.models import Member

WAITING = Notification.Kind.WAITING


def follow(head: Conversation, by: Member | None, is_new: bool = False) -> None:
    """Whoever is to answer a waiting customer is told of it, and nobody else any more. `is_new`: nobody is yet."""
    wanted = set(answerable(head)) if head.waiting_since is not None and head.snoozed_until is None else set()
    waiting = "conversation_id = %s and kind = %s and seen is null"
    open_ones = [] if is_new else rows.found(Notification, waiting, head.pk, WAITING)
    there = {one.member_id: one.pk for one in open_ones}
    gone = [id for member, id in there.items() if member not in wanted]
    if gone:
        Notification.objects.filter(pk__in=gone).delete()
    for member in wanted - set(there) - ({by.pk} if by else set()):
        tell(member, head, WAITING)


def answerable(head: Conversation) -> Iterable[int]:
    """Who is to answer: the owner. Where there is none the team's queue is, which everybody in it sees."""
    return [head.owner_id] if head.owner_id else []


def notify(member: int, conversation: Conversation, kind: str, by: Member | None = None) -> None:
    """Tell a member, once as long as they have not seen it."""
    told, new = Notification.objects.get_or_create(
        member_id=member,
        conversation=conversation,
        kind=kind,
        seen=None,
        defaults={"time": timezone.now(), "by": str(by or "")[:120]},
    )
    if new:
        emit("notification.made", notification=told)


def tell(member: int, conversation: Conversation, kind: str, by: Member | None = None) -> None:
    """Tell a member who is not told of it already, while the conversation is held."""
    told = Notification(
        member_id=member, conversation=conversation, kind=kind, time=timezone.now(), by=str(by or "")[:120]
    )
    rows.put([told])
    emit("notification.made", notification=told)


def clear(conversation: Conversation, member: Member, kinds: Iterable[str]) -> None:
    """A member has seen these."""
    Notification.objects.filter(conversation=conversation, member=member, kind__in=list(kinds), seen=None).update(
        seen=to_micros(timezone.now())
    )
