"""Threads become one, are parted, branch off: always links between rows, never a move of what was said."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from beforehand.journey.withdrawing import bring_back, withdraw
from beforehand.lib.trouble import Trouble
from beforehand.service import reach, vocabulary
from beforehand.service.acts import acting, answering, handling, messages, telling
from beforehand.service.acts.messages import File
from beforehand.service.acts.recipients import Recipients, read
from beforehand.service.arrivals import receiving
from beforehand.service.clocks import cases
from beforehand.service.clocks.ledger import Kind, Verdict
from beforehand.service.models import (
    Conversation,
    LedgerEntry,
    Merge,
    Message,
    Notification,
    Participant,
)
from beforehand.team.models import AuditEntry, Member

ITS_OWN = {"id", "conversation", "outgoing", "touchpoint", "split_from"}
"""What a copy of a message does not share with it."""


def merge(conversation: Conversation, into: Conversation, by: Member | None) -> Merge:
    """One thread from here on. It may be another customer's: everybody keeps who they are, and so do the messages."""
    reach.check(conversation, by)
    reach.check(into, by)
    with transaction.atomic():
        held = acting.hold([conversation.pk, into.pk])
        mine, theirs = held[conversation.pk], held[into.pk]
        if mine.head_id is not None:
            raise Trouble(_("#%(number)d is merged already. Part it first.") % {"number": mine.pk})
        if mine.pk in {theirs.pk, theirs.head_id}:
            raise Trouble(_("A conversation cannot be merged into itself. Choose another one."))
        if Conversation.Kept.SPAM in {mine.kept, theirs.kept}:
            raise Trouble(_("Spam is merged with nothing. Mark it as no spam first."))
        target = theirs.head_id or theirs.pk
        with acting.act(conversation, by) as doing:
            doing.add(Kind.MERGED, into=target)
        made = Merge.objects.create(conversation=mine, into_id=target, time=timezone.now(), by=by)
        Conversation.objects.filter(head=mine.pk).update(head=target)
        Conversation.objects.filter(pk=mine.pk).update(head=target)
        Notification.objects.filter(conversation=mine, seen=None).delete()
        AuditEntry.note("merged", f"#{mine.pk} → #{target}", by)
        _settle_again(mine.pk, target)
    conversation.refresh_from_db()
    into.refresh_from_db()
    return made


def unmerge(conversation: Conversation, by: Member | None) -> None:
    """Two threads again, as if they had never been one: the clocks of both are those of their own ledgers."""
    reach.check(conversation, by)
    with transaction.atomic():
        row = Merge.objects.select_for_update().filter(conversation=conversation.pk, undone=None).first()
        if row is None:
            raise Trouble(_("#%(number)d is not merged into another.") % {"number": conversation.pk})
        top = Conversation.objects.values_list("head", flat=True).get(pk=conversation.pk)
        merged = LedgerEntry.objects.filter(conversation=conversation, kind=Kind.MERGED).order_by("-id").first()
        with acting.act(conversation, by) as doing:
            doing.add(Kind.UNMERGED, about=merged.pk if merged else None)
        row.undone, row.undone_by = timezone.now(), by
        row.save()
        _lead(conversation.pk)
        AuditEntry.note("parted", f"#{conversation.pk} – #{top}", by)
        _settle_again(conversation.pk, top or conversation.pk)
    conversation.refresh_from_db()


def _lead(root: int) -> None:
    """Give a parted conversation and all that was merged into it their own head again."""
    links = dict(Merge.objects.filter(undone=None).values_list("conversation", "into"))
    below, found = [root], set[int]()
    while below:
        one = below.pop()
        for member, into in links.items():
            if into == one and member not in found:
                found.add(member)
                below.append(member)
    Conversation.objects.filter(pk__in=found).update(head=root)
    Conversation.objects.filter(pk=root).update(head=None)


def _settle_again(*numbers: int) -> None:
    """Rows, clocks and notifications of both sides out of their ledgers."""
    for number in sorted(set(numbers)):
        row = Conversation.objects.get(pk=number)
        if row.head_id is not None:
            cases.keep(row, None, [])
            Conversation.objects.filter(pk=number).update(waiting_since=None, due=None, due_clock="")
            continue
        telling.retell(row)
        with acting.act(row):
            pass


def split(conversation: Conversation, message: Message, by: Member | None) -> Conversation:
    """Begin a conversation of its own with one of the customer's messages. Its wait there runs from when it was
    written; in the old one it needs no answer any more.
    """
    reach.check(conversation, by)
    if message.kind != Message.Kind.INBOUND or message.identifier is None:
        raise Trouble(_("A conversation begins with what a customer wrote. Choose one of their messages."))
    if Message.objects.filter(split_from=message.pk).exists():
        raise Trouble(_("This message has a conversation of its own already."))
    with transaction.atomic():
        new = receiving.begin(
            message.identifier,
            message.channel,
            message.subject or conversation.subject,
            mailbox=conversation.mailbox,
            widget=conversation.widget,
            team=conversation.team,
            time=message.time,
            by=by,
            split_from=conversation,
            language=conversation.language,
        )
        _copy(message, new, by)
        if message.touchpoint is not None and not message.machine:
            why = _("has a conversation of its own: #%(number)d") % {"number": new.pk}
            handling.judge(conversation, message, Verdict.CLOSING, by, why)
        AuditEntry.note("split", f"#{conversation.pk} → #{new.pk}", by)
    return new


def _copy(message: Message, new: Conversation, by: Member | None) -> None:
    said = {one.name: getattr(message, one.name) for one in Message._meta.concrete_fields if one.name not in ITS_OWN}
    files = [(one.file, one.name, one.type, one.cid) for one in message.attachments.select_related("file")]
    with acting.act(new, by) as doing:
        copy = messages.put(doing, files=files, split_from=message.pk, **said)
        kind = Kind.INBOUND_AUTO if copy.machine else Kind.INBOUND_HUMAN
        number = doing.add(
            kind, name=vocabulary.SPLIT, time=copy.time, message=copy.pk, channel=copy.channel, actor="customer"
        )
        doing.fill(copy, touchpoint=number)
        receiving.speak(doing, copy, "customer", bool(files))


def side(
    conversation: Conversation,
    to: Sequence[str],
    subject: str,
    text: str,
    by: Member,
    files: Sequence[File] = (),
) -> Conversation:
    """Ask a third party: a thread of its own beside the customer's, with its own clocks, which no customer sees."""
    reach.check(conversation, by)
    whom = read(to)
    if not whom:
        raise Trouble(_("Say whom you ask."))
    if not text.strip():
        raise Trouble(_("Write something before you send it."))
    with transaction.atomic():
        identifiers = [receiving.addressed(address) for _name, address in whom]
        new = receiving.begin(
            identifiers[0],
            "email",
            subject or conversation.subject,
            mailbox=conversation.mailbox,
            team=conversation.team,
            by=by,
            about=conversation.head or conversation,
            owner=by,
        )
        Participant.objects.filter(conversation=new).update(role=Participant.Role.THIRD)
        for identifier, (_name, address) in zip(identifiers[1:], whom[1:], strict=True):
            receiving.join(new, identifier, Participant.Role.THIRD, receiving.key_of(address))
        answering.write_first(new, text, by, Recipients("email", new.subject, whom), files)
        with acting.act(conversation, by) as doing:
            doing.add("side", side=new.pk, to=[address for _name, address in whom])
    return new


def mark_spam(conversation: Conversation, by: Member | None, spam: bool = True) -> None:
    """Spam waits for nothing and counts for nothing: no contact, no part of a journey. Taken back, it is as it was."""
    kept = Conversation.Kept.SPAM if spam else Conversation.Kept.DESK
    with acting.act(conversation, by) as doing:
        if doing.head.kept == kept:
            return
        (withdraw if spam else bring_back)(_touchpoints(doing.head), vocabulary.SHOWN)
        doing.head.kept = doing.conversation.kept = kept
        Conversation.objects.filter(head=doing.head).update(kept=kept)
        doing.add("spam" if spam else "not_spam", thread=doing.head.pk)
        if spam:
            Notification.objects.filter(conversation=doing.head, seen=None).delete()


def _touchpoints(head: Conversation) -> set[int]:
    """What is recorded of a case; nothing of a side conversation, which is on nobody's journey anyway."""
    if head.about_id is not None:
        return set()
    members = Q(conversation__in=Conversation.objects.of_case(head.pk))
    said = Message.objects.filter(members).exclude(touchpoint=None).values_list("touchpoint", flat=True)
    return {*LedgerEntry.objects.filter(members).values_list("pk", flat=True), *filter(None, said)}
