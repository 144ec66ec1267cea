"""What the desk knows about mail: which conversation an id or a number means, whom we know, whom we have blocked."""

from collections.abc import Mapping, Sequence

from django.utils import timezone

from beforehand.channels import blocking
from beforehand.channels.email.addresses import key_of
from beforehand.channels.email.placing import Place
from beforehand.service.clocks.ledger import Category, Kind
from beforehand.service.models import Conversation, KnownId, LedgerEntry, Participant
from beforehand.team.models import Member

DAY = 86_400
MOST_IDS = 400


class Desk:
    """The look-up that placing asks (`placing.Lookup`)."""

    def by_ids(self, ids: Sequence[str]) -> Mapping[str, Place]:
        rows = KnownId.objects.filter(mail_id__in=list(ids)[:MOST_IDS]).select_related("conversation__head")
        found: dict[str, Place] = {}
        places: dict[int, Place] = {}
        for row in rows.order_by("id"):
            conversation = row.conversation
            if conversation.kept == Conversation.Kept.SPAM:
                continue
            if conversation.pk not in places:
                places[conversation.pk] = place_of(conversation)
            found[row.mail_id] = places[conversation.pk]
        return found

    def conversation(self, number: int) -> Place | None:
        found = Conversation.objects.select_related("head").filter(pk=number).first()
        return place_of(found) if found else None

    def stored(self, message_id: str) -> Sequence[tuple[int, str]]:
        return list(
            KnownId.objects.filter(mail_id=message_id[:998])
            .exclude(fingerprint="")
            .values_list("message_id", "fingerprint")
        )

    def member_address(self, member: int) -> str:
        found = Member.objects.filter(pk=member, is_active=True).first()
        return key_of(found.email) if found and found.may_see_customers else ""

    def is_blocked(self, address: str) -> bool:
        return blocking.is_blocked(address)


def place_of(conversation: Conversation) -> Place:
    head = conversation.head or conversation
    known = Participant.objects.filter(conversation__in={conversation.pk, head.pk}).exclude(address="")
    addresses = frozenset(known.values_list("address", flat=True))
    return Place(conversation.pk, head.pk, addresses, head.subject, closed_days(head))


def closed_days(head: Conversation) -> float | None:
    """Days since it was done; None while it is not."""
    if head.category != Category.DONE:
        return None
    done = LedgerEntry.objects.filter(conversation=head, kind=Kind.STATUS).order_by("-id").first()
    since = done.time if done else head.last_message
    return (timezone.now() - since).total_seconds() / DAY
