"""What members do with a conversation beside answering it: who has it, how urgent it is, what it is about."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from beforehand.channels.models import Blocked
from beforehand.lib.trouble import Trouble
from beforehand.service import assigning, notifying, reach
from beforehand.service.acts import acting, moving
from beforehand.service.clocks.ledger import Category, Kind, Verdict
from beforehand.service.models import (
    Conversation,
    LedgerEntry,
    Message,
    Notification,
    Participant,
    Priority,
    Reading,
    Status,
    Tag,
    Tagging,
)
from beforehand.team.models import AuditEntry, Member, Team

KEEP: Any = object()


def assign(
    conversation: Conversation, by: Member | None, owner: Member | None = KEEP, team: Team | None = KEEP, why: str = ""
) -> None:
    """Give it to a member, to a team, or to both; None takes it away. What is not given stays."""
    with acting.act(conversation, by) as doing:
        head = doing.head
        if team is not KEEP and head.team_id != (team.pk if team else None):
            doing.add("team", thread=head.pk, team=team.name if team else "–", why=why, **_system(by))
            head.team = team
            if owner is KEEP and head.owner is not None and not _serves(head.owner, team):
                owner = None
        if owner is not KEEP:
            assigning.own(doing, owner, why)
        if head.owner_id is None:
            assigning.hand_out(doing)


def _system(by: Member | None) -> dict[str, Any]:
    return {} if by else {"actor": "system"}


def _serves(owner: Member, team: Team | None) -> bool:
    return team is None or owner.may_configure or owner.places.filter(team=team).exists()


def prioritise(conversation: Conversation, value: int, by: Member | None) -> None:
    if value not in Priority.values:
        raise Trouble(_("There is no such priority."))
    with acting.act(conversation, by) as doing:
        if doing.head.priority != value:
            doing.add("priority", thread=doing.head.pk, priority=value, **_system(by))
            doing.head.priority = value


def tag(conversation: Conversation, name: str, by: Member | None) -> None:
    name = " ".join(name.split())[:60]
    if not name:
        raise Trouble(_("A tag needs a name."))
    with acting.act(conversation, by) as doing:
        known = Tag.objects.filter(name__iexact=name).first() or Tag.objects.create(name=name)
        _made, new = Tagging.objects.get_or_create(
            conversation=doing.head, tag=known, defaults={"by": by, "time": timezone.now()}
        )
        if new:
            doing.add("tagged", thread=doing.head.pk, tag=known.name, **_system(by))


def untag(conversation: Conversation, name: str, by: Member | None) -> None:
    with acting.act(conversation, by) as doing:
        if Tagging.objects.filter(conversation=doing.head, tag__name__iexact=name).delete()[0]:
            doing.add("untagged", thread=doing.head.pk, tag=name, **_system(by))


def judge(conversation: Conversation, message: Message, verdict: str, by: Member | None, why: str = "") -> None:
    """Say that a customer's message was only thanks (closing), a chase, or is to be answered after all ("")."""
    if verdict not in {*Verdict, ""}:
        raise Trouble(_("A message is thanks, a chase, or one to be answered."))
    with acting.act(conversation, by) as doing:
        lines = LedgerEntry.objects.filter(conversation=message.conversation_id, kind=Kind.INBOUND_HUMAN)
        said = lines.filter(message=message.pk).values_list("pk", flat=True).first()
        if said is None:
            raise Trouble(_("Only what a customer wrote can be judged."))
        doing.add(
            Kind.JUDGED,
            about=said,
            verdict=verdict,
            why=why,
            thread=message.conversation_id,
            **_system(by),
        )
        if verdict == Verdict.CLOSING:
            _put_back(doing, said)
        else:
            moving.take_up(doing, said)


def _put_back(doing: acting.Act, message: int) -> None:
    """What a message of thanks had opened again is done again."""
    last = LedgerEntry.objects.filter(conversation=doing.head, kind=Kind.STATUS).order_by("-id")[:2]
    changes = list(last)
    if len(changes) == 2 and changes[0].data.get("about") == message and changes[1].data["category"] == Category.DONE:
        moving.put(doing, Status.default(Category.DONE), about=message)


def hand_over(conversation: Conversation, by: Member | None) -> None:
    """The bot steps back: from here on people answer, and the wait that began with the bot runs on."""
    with acting.act(conversation, by) as doing:
        if doing.head.bot:
            doing.add(Kind.HANDED_OVER, thread=doing.head.pk, **_system(by))
            doing.head.bot = False
            assigning.hand_out(doing)


def block(conversation: Conversation, by: Member | None) -> None:
    """Nothing comes in from this customer's addresses any more: it waits in quarantine."""
    addresses = conversation.participants.filter(role=Participant.Role.CUSTOMER).exclude(address="")
    found = list(addresses.values_list("address", flat=True))
    if not found:
        raise Trouble(_("There is no address here that could be blocked."))
    with acting.act(conversation, by) as doing:
        for address in found:
            if Blocked.objects.get_or_create(key=address, defaults={"by": by})[1]:
                AuditEntry.note("blocked", address, by)
        doing.add("blocked", thread=doing.head.pk, addresses=found)


def read_by(conversation: Conversation, member: Member) -> None:
    """The member has read everything so far."""
    reach.check(conversation, member)
    head = conversation.head or conversation
    Reading.objects.update_or_create(conversation=head, member=member, defaults={"through": head.through})
    seen = [Notification.Kind.MENTIONED, Notification.Kind.ASSIGNED, Notification.Kind.UNDELIVERED]
    notifying.clear(head, member, seen)
    named = member.mentions.filter(message__conversation__in=[conversation.pk, head.pk], seen=None)
    named.update(seen=acting.now())
