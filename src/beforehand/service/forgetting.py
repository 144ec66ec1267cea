"""Somebody asks for what the desk has of them, or to be forgotten: their conversations, files, raw mails."""

from collections.abc import Collection
from typing import Any

from django.db.models import Q

from beforehand.channels import files
from beforehand.channels.email.addresses import key_of
from beforehand.channels.models import Arrival, Blocked, Outgoing, StoredFile, Visitor
from beforehand.customers.models import Identifier
from beforehand.journey.models import Touchpoint
from beforehand.service.acts import telling
from beforehand.service.clocks import cases
from beforehand.service.models import (
    Attachment,
    Conversation,
    KnownId,
    LedgerEntry,
    MacroFile,
    Merge,
    Message,
    Participant,
)
from beforehand.service.search import searching
from beforehand.team.models import AuditEntry

FORGOTTEN = "[forgotten]"


def export(identifiers: Collection[int]) -> dict[str, Any]:
    """Every conversation of theirs with what was said in it, and what they said in others'."""
    theirs = Conversation.objects.filter(identifier__in=list(identifiers)).order_by("pk")
    elsewhere = Message.objects.filter(identifier__in=list(identifiers)).exclude(conversation__in=theirs)
    return {
        "conversations": [_plain(one) for one in theirs.select_related("status", "team")],
        "messages in other conversations": [_said(one) for one in elsewhere.order_by("time", "pk")],
    }


def _plain(conversation: Conversation) -> dict[str, Any]:
    return {
        "number": conversation.pk,
        "subject": conversation.subject,
        "channel": conversation.channel,
        "opened": conversation.opened.isoformat(),
        "status": conversation.status.name,
        "team": conversation.team.name if conversation.team else "",
        "tags": list(conversation.taggings.values_list("tag__name", flat=True)),
        "fields": dict(conversation.values.values_list("field__label", "value")),
        "messages": [_said(one) for one in conversation.messages.order_by("time", "pk")],
    }


def _said(message: Message) -> dict[str, Any]:
    return {
        "time": message.time.isoformat(),
        "kind": message.kind,
        "channel": message.channel,
        "subject": message.subject,
        "text": message.text,
        "files": [one.name for one in message.attachments.all()],
    }


def erase(identifiers: Collection[int]) -> dict[str, Any]:
    """Their conversations go with all that is in them, raw mails and files too; of what they said elsewhere the words
    go. Files that somebody else has as well stay."""
    ids = sorted(identifiers)
    addresses = _addresses(ids)
    own = set(Conversation.objects.filter(identifier__in=ids).values_list("pk", flat=True))
    own |= set(Conversation.objects.filter(about__in=own).values_list("pk", flat=True))
    ours = Message.objects.filter(conversation__in=own)
    others = Message.objects.filter(identifier__in=ids).exclude(conversation__in=own)
    touched = set(others.values_list("conversation", flat=True))
    arrivals = Arrival.objects.filter(Q(messages__in=ours) | Q(messages__in=others) | Q(sender__in=addresses))
    arrived = set(arrivals.values_list("pk", flat=True))
    kept = set(Arrival.objects.filter(pk__in=arrived).values_list("raw", flat=True))
    kept |= set(Attachment.objects.filter(Q(message__in=ours) | Q(message__in=others)).values_list("file", flat=True))
    kept |= set(Attachment.objects.filter(draft__conversation__in=own).values_list("file", flat=True))
    sent = Q(identifier__in=ids) | Q(message__in=ours)
    leaving = set(Outgoing.objects.filter(sent).values_list("pk", flat=True)) | _told_colleagues(own | touched)
    count = {"conversations": len(own), "messages": ours.count(), "messages elsewhere": others.count()}
    searching.forget([*ours, *others])
    _blank(others)
    touched |= _remove(own)
    Message.objects.filter(outgoing__in=leaving).update(outgoing=None)
    Message.objects.filter(arrival__in=arrived).update(arrival=None)
    Participant.objects.filter(identifier__in=ids).delete()
    count["sent"] = Outgoing.objects.filter(pk__in=leaving).delete()[1].get("channels.Outgoing", 0)
    count["arrivals"] = Arrival.objects.filter(pk__in=arrived).delete()[0]
    count["visitors"] = Visitor.objects.filter(identifier__in=ids).delete()[0]
    Blocked.objects.filter(key__in=addresses).delete()
    AuditEntry.objects.filter(subject__in=addresses).update(subject=FORGOTTEN, detail={})
    count["files"] = _drop_files(kept)
    _tell_again(touched - own)
    return {"part": "desk", **count}


def _told_colleagues(conversations: set[int]) -> set[int]:
    """Mails to members that tell of these conversations."""
    told = Outgoing.objects.filter(purpose=Outgoing.Purpose.OPERATIONAL).values_list("pk", "content")
    return {pk for pk, content in told.iterator() if conversations.intersection(content.get("about", ()))}


def _addresses(ids: Collection[int]) -> set[str]:
    """The mail addresses by which they wrote."""
    found = set(Participant.objects.filter(identifier__in=ids).exclude(address="").values_list("address", flat=True))
    mails = Identifier.objects.filter(pk__in=ids, kind=Identifier.Kind.EMAIL).values_list("value", flat=True)
    shared = Participant.objects.filter(address__in=found).exclude(identifier__in=ids)
    return (found | {key_of(one) for one in mails}) - set(shared.values_list("address", flat=True))


def _blank(messages: Any) -> None:
    """Their words in the conversations of others."""
    numbers = list(messages.values_list("pk", flat=True))
    Attachment.objects.filter(message__in=numbers).delete()
    KnownId.objects.filter(message__in=numbers).delete()
    Message.objects.filter(pk__in=numbers).update(
        text=FORGOTTEN, html="", subject="", headers={}, reply_ends=None, identifier=None, arrival=None
    )


def _remove(own: set[int]) -> set[int]:
    """The conversations with everything that hangs on them; gives those that they were merged with."""
    numbers = list(LedgerEntry.objects.filter(conversation__in=own).values_list("pk", flat=True))
    merged = Merge.objects.filter(Q(conversation__in=own) | Q(into__in=own))
    beside = {one for pair in merged.values_list("conversation", "into") for one in pair}
    beside |= set(Conversation.objects.filter(head__in=own).values_list("pk", flat=True))
    Conversation.objects.filter(head__in=own).update(head=None)
    Conversation.objects.filter(about__in=own).update(about=None)
    Conversation.objects.filter(pk__in=own).delete()
    for start in range(0, len(numbers), 500):
        Touchpoint.objects.filter(pk__in=numbers[start : start + 500]).delete()
    return beside


def _drop_files(kept: set[int]) -> int:
    """Files that nobody else has, from the disk too."""
    used = set(Arrival.objects.filter(raw__in=kept).values_list("raw", flat=True))
    used |= set(Attachment.objects.filter(file__in=kept).values_list("file", flat=True))
    used |= set(MacroFile.objects.filter(file__in=kept).values_list("file", flat=True))
    gone = StoredFile.objects.filter(pk__in=kept - used)
    paths = [files.path(one) for one in gone]
    count = gone.delete()[0]
    for path in paths:
        path.unlink(missing_ok=True)
    return count


def _tell_again(numbers: set[int]) -> None:
    """What is left of other conversations says what is left."""
    for head in Conversation.objects.filter(pk__in=numbers, head=None):
        telling.retell(head)
        cases.settle(head, cases.past(head))
        head.save()
