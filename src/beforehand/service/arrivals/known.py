"""What the desk knows about mail: which conversation an id or a number means, whom we know, whom we have blocked."""

from collections.abc import Collection, Mapping, Sequence

from django.utils import timezone

from beforehand.channels import blocking
from beforehand.channels.email.addresses import key_of
from beforehand.channels.email.parsed import Parsed
from beforehand.channels.email.placing import Place
from beforehand.lib import rows
from beforehand.service.clocks.ledger import Category, Kind
from beforehand.service.models import Conversation, KnownId, LedgerEntry, Participant
from beforehand.team.models import Member

DAY = 86_400
MOST_IDS = 400


class Desk:
    """The look-up that placing asks (`placing.Lookup`), for one mail: what was read for it once is not read again."""

    def __init__(self, mail: Parsed) -> None:
        self._mail = mail
        self._read: dict[str, list[KnownId]] = {}
        self._rows: dict[int, Conversation] = {}

    def by_ids(self, ids: Sequence[str]) -> Mapping[str, Place]:
        known = [row for row in self._known(ids) if self.row(row.conversation_id).kept != Conversation.Kept.SPAM]
        places = {number: self._place(self.row(number)) for number in {row.conversation_id for row in known}}
        return {row.mail_id: places[row.conversation_id] for row in known}

    def conversation(self, number: int) -> Place | None:
        return self._place(self.row(number)) if number in self._rows or self._look([number]) else None

    def stored(self, message_id: str) -> Sequence[tuple[int, str]]:
        known = self._known([message_id[:998], *self._mail.in_reply_to, *self._mail.references])
        return [
            (row.message_id, row.fingerprint) for row in known if row.fingerprint and row.mail_id == message_id[:998]
        ]

    def row(self, number: int) -> Conversation:
        """A conversation as it is now; it may have changed by the time that it is held."""
        if number not in self._rows and not self._look([number]):
            raise Conversation.DoesNotExist(f"#{number}")
        return self._rows[number]

    def _known(self, ids: Sequence[str]) -> list[KnownId]:
        """The rows of these ids, oldest first. Whatever a mail refers to is mostly looked for in one go."""
        asked = list(dict.fromkeys(ids))[:MOST_IDS]
        if new := [one for one in asked if one not in self._read]:
            self._read |= {one: [] for one in new}
            found = rows.found(KnownId, f"mail_id in ({', '.join(['%s'] * len(new))})", *new)
            for row in found:
                self._read[row.mail_id].append(row)
            self._look({row.conversation_id for row in found} - set(self._rows))
        return sorted((row for one in asked for row in self._read[one]), key=lambda row: row.pk)

    def _look(self, numbers: Collection[int]) -> bool:
        """Read conversations, and those that lead them."""
        found: list[Conversation] = []
        if numbers:
            where = f"id in ({', '.join(['%s'] * len(numbers))})"
            found = rows.found(Conversation, where, *numbers)
        self._rows |= {row.pk: row for row in found}
        heads = {row.head_id for row in found if row.head_id is not None} - set(self._rows)
        if heads:
            self._look(heads)
        return bool(found)

    def _place(self, conversation: Conversation) -> Place:
        head = self.row(conversation.head_id) if conversation.head_id else conversation
        where = "conversation_id in (%s, %s) and address <> ''"
        known = rows.found(Participant, where, conversation.pk, head.pk)
        addresses = frozenset(one.address for one in known)
        return Place(conversation.pk, head.pk, addresses, head.subject, closed_days(head))

    def member_address(self, member: int) -> str:
        found = Member.objects.filter(pk=member, is_active=True).first()
        return key_of(found.email) if found and found.may_see_customers else ""

    def is_blocked(self, address: str) -> bool:
        return blocking.is_blocked(address)


def closed_days(head: Conversation) -> float | None:
    """Days since it was done; None while it is not."""
    if head.category != Category.DONE:
        return None
    done = LedgerEntry.objects.filter(conversation=head, kind=Kind.STATUS).order_by("-id").first()
    since = done.time if done else head.last_message
    return (timezone.now() - since).total_seconds() / DAY
