"""The rows that a page of a conversation shows, by look-ups that are put together once."""

from collections.abc import Iterable

from django.db.models import OuterRef, QuerySet, Subquery

from beforehand.channels.models import Delivery
from beforehand.lib.prepared import Prepared, listed, numbers
from beforehand.service.clocks.ledger import Kind
from beforehand.service.models import Attachment, Conversation, Draft, LedgerEntry, Message, Reading, Tagging
from beforehand.service.reach import stand_in
from beforehand.team.models import Member

SHOWN = 60
"""Messages that a page shows; earlier ones come when asked for."""
MOST = 1000
SPOKEN = (
    Kind.INBOUND_HUMAN, Kind.INBOUND_AUTO, Kind.OUTBOUND_PUBLIC_HUMAN, Kind.OUTBOUND_AUTO, Kind.BOT_MESSAGE, Kind.NOTE,
)  # fmt: skip


def find(number: int, member: Member) -> Conversation | None:
    """A conversation, if the member may reach it, with all that a page says of it: `read_through` is how far the member
    has read."""
    if not member.is_active or not member.may_see_customers:
        return None
    return (_for_all if member.may_configure else _for_agent).first(number, member.pk)


def _one(number: int, member: Member) -> QuerySet[Conversation]:
    read = Reading.objects.filter(member=member.pk, conversation=OuterRef("pk"))
    related = ("identifier__customer", "owner", "team", "status", "mailbox", "head", "about")
    found = Conversation.objects.reachable_by(member).filter(pk=number).select_related(*related)
    return found.annotate(read_through=Subquery(read.values("through")[:1]))


def messages(head: int, everything: bool = False) -> list[Message]:
    """Those of a case, the newest first; one more than are shown, where there are more."""
    return (_every if everything else _newest)(head)


def _of_case(head: int) -> QuerySet[Message]:
    found = Message.objects.filter(conversation__in=Conversation.objects.of_case(head))
    found = found.select_related("member", "identifier__customer", "outgoing")
    return found.defer("identifier__traits", "identifier__trait_times", "outgoing__content").order_by("-time", "-id")


def files(messages: Iterable[int], head: int, member: int) -> list[Attachment]:
    """Those of messages, and of what the member is writing in the conversation."""
    return _files(listed(messages), head, member)


def _with_files(messages: str, head: int, member: int) -> QuerySet[Attachment]:
    drafts = Draft.objects.filter(conversation=head, member=member)
    every = Attachment.objects.order_by().values("pk")
    wanted = every.filter(message__in=numbers(messages)).union(every.filter(draft__in=drafts), all=True)
    return Attachment.objects.filter(pk__in=wanted).select_related("file", "draft")


def deliveries(outgoing: Iterable[int]) -> list[Delivery]:
    return _deliveries(listed(outgoing))


def _happened(head: int) -> QuerySet[LedgerEntry]:
    """What the ledger says besides what was spoken."""
    found = LedgerEntry.objects.filter(conversation__in=Conversation.objects.of_case(head))
    return found.exclude(kind__in=SPOKEN).order_by("time", "id")


_for_all = Prepared(lambda number, member: _one(number, stand_in(True, member)), int, int)
_for_agent = Prepared(lambda number, member: _one(number, stand_in(False, member)), int, int)
_newest = Prepared(lambda head: _of_case(head)[: SHOWN + 1], int)
_every = Prepared(lambda head: _of_case(head)[: MOST + 1], int)
_files = Prepared(_with_files, str, int, int)
_deliveries = Prepared(lambda outgoing: Delivery.objects.filter(outgoing__in=numbers(outgoing)), str)
happened = Prepared(_happened, int)
drafts = Prepared(lambda head, member: Draft.objects.filter(conversation=head, member=member), int, int)
taggings = Prepared(lambda head: Tagging.objects.filter(conversation=head).select_related("tag"), int)
