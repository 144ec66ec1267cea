"""What goes out: answers, notes, and what becomes of them on their way."""

import re
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from beforehand.channels import outbox
from beforehand.channels.email.addresses import key_of
from beforehand.channels.models import Delivery, Outgoing
from beforehand.lib import bus, rows
from beforehand.lib.fields import to_micros
from beforehand.lib.prepared import Prepared
from beforehand.lib.trouble import Trouble
from beforehand.service import notifying, reach, variables, vocabulary
from beforehand.service.acts import acting, drafting, messages, moving
from beforehand.service.acts.messages import File
from beforehand.service.acts.recipients import Recipients, recipients
from beforehand.service.arrivals.receiving import shown, speak
from beforehand.service.clocks import cases
from beforehand.service.clocks.ledger import Category, Kind
from beforehand.service.models import (
    Attachment,
    Conversation,
    KnownId,
    LedgerEntry,
    Macro,
    Mention,
    Message,
    Notification,
    Status,
)
from beforehand.team.models import Member

State = Outgoing.State
AT = re.compile(r"(?<![\w@])@([\w.+-]+(?:@[\w.-]+\w)?)")
LEAVING = frozenset({State.QUEUED, State.SENDING, State.SENT, State.PARTLY, State.UNKNOWN})
STAYED = frozenset({State.HELD, State.FAILED, State.CANCELLED})
SOON = timedelta(minutes=2)
THEN = {category.value: category for category in Category if category != Category.NEW}


class ThreadChanged(Trouble):
    """Somebody wrote since the answer was begun: `messages` are what is new."""

    def __init__(self, messages: list[Message]) -> None:
        self.messages = messages
        super().__init__(_("Your answer was not sent: somebody wrote meanwhile. Read what is new, then send it again."))


def answer(
    conversation: Conversation,
    text: str,
    by: Member,
    to: Sequence[Any] | None = None,
    cc: Sequence[Any] = (),
    bcc: Sequence[Any] = (),
    files: Sequence[File] = (),
    html: str = "",
    then: str | None = None,
    snooze: datetime | None = None,
    not_before: datetime | None = None,
    based_on: int | None = None,
    macro: Macro | None = None,
    key: str | None = None,
) -> Message:
    """Write to the customer. `key`: the same one twice is one answer. `based_on`: the conversation's `through` when the
    answer was begun. Raises ThreadChanged, FieldsMissing, and Trouble for what cannot be sent at all.
    """
    if not text.strip() and not files:
        raise Trouble(_("Write something before you send it."))
    variables.check(text)
    with acting.act(conversation, by) as doing:
        if key and (known := _by_key.first(_key(conversation, key))):
            return known
        reach.check(conversation, by)
        _check(doing, based_on, then)
        whom = recipients(conversation, to, cc, bcc)
        message = _written(doing, text, whom, files, html, macro)
        send_off(doing, message, whom, _key(conversation, key or str(uuid.uuid4())), not_before)
        speak(doing, message, "member", bool(files))
        _afterwards(doing, then, snooze)
        drafting.forget(conversation, by, "reply")
        bus.emit("message.written", message=message)
    return message


def _key(conversation: Conversation, key: str) -> str:
    """Under which the outbox knows an answer."""
    return f"reply:{conversation.pk}:{key}"


_by_key = Prepared(lambda key: Message.objects.filter(outgoing__key=key), str)


def write_first(
    conversation: Conversation,
    text: str,
    by: Member,
    whom: Recipients,
    files: Sequence[File] = (),
    key: str = "",
    then: str = "waiting_customer",
) -> Message:
    """The first words of a conversation that we began."""
    with acting.act(conversation, by) as doing:
        message = _written(doing, text, whom, files)
        send_off(doing, message, whom, key or f"first:{conversation.pk}", None)
        speak(doing, message, "member", bool(files))
        _afterwards(doing, then, None)
        bus.emit("message.written", message=message)
    return message


def _written(
    doing: acting.Act, text: str, whom: Recipients, files: Sequence[File], html: str = "", macro: Macro | None = None
) -> Message:
    """An answer as a row, with its files, before it leaves."""
    return messages.put(
        doing,
        Message.Kind.OUTBOUND,
        text,
        files,
        channel=whom.channel,
        subject=whom.subject,
        headers=whom.headers(),
        member=doing.by,
        html=html,
        macro=macro,
    )


def _check(doing: acting.Act, based_on: int | None, then: str | None) -> None:
    if then is not None and then not in THEN:
        raise Trouble(_("After an answer it is open, done or waiting."))
    if then == "done":
        moving.check_fields(doing.head)
    if based_on is not None and doing.head.through > based_on and (new := since(doing.head, based_on, doing.by)):
        raise ThreadChanged(new)


def since(head: Conversation, through: int, reader: Member | None) -> list[Message]:
    """What people wrote after a moment: customers, and other members to the customer."""
    new = thread(head).filter(touchpoint__gt=through, machine="").exclude(kind=Message.Kind.NOTE)
    return list(new.exclude(member=reader) if reader else new)


def thread(conversation: Conversation) -> Any:
    """The messages of a case in order, over everything that was merged."""
    members = Conversation.objects.of_case(conversation.head_id or conversation.pk)
    return Message.objects.filter(conversation__in=members).order_by("time", "id")


def send_off(doing: acting.Act, message: Message, whom: Recipients, key: str, not_before: datetime | None) -> None:
    """Put it into the outbox. It answers the customer once it is on its way, not while something holds it."""
    assert message.identifier is not None
    outgoing = outbox.send(
        key=key,
        purpose=Outgoing.Purpose.REPLY,
        channel=whom.channel,
        identifier=message.identifier,
        content=whom.content(message),
        mailbox=message.conversation.mailbox,
        by=doing.by,
        not_before=not_before,
    )
    doing.fill(message, outgoing=outgoing)
    if known := outgoing.message_id:
        rows.put([KnownId(mail_id=known, message=message, conversation_id=message.conversation_id)])
    if not_before is None or not_before <= timezone.now() + SOON:
        follow(doing, message, is_new=True)


def follow(doing: acting.Act, message: Message, is_new: bool = False) -> None:
    """Let the ledger say what became of an answer: it answered, or it never left. Asking again changes nothing.
    `is_new`: nothing is said of it yet."""
    outgoing = message.outgoing
    assert outgoing is not None
    said = None if is_new else _standing_answer(message)
    if outgoing.state in LEAVING and said is None:
        time = message.time if outgoing.sent is None else min(outgoing.sent, timezone.now())
        number = doing.add(
            Kind.OUTBOUND_PUBLIC_HUMAN,
            time=time,
            message=message.pk,
            channel=message.channel,
            identifier=message.identifier_id,
            thread=message.conversation_id,
            name=vocabulary.WROTE_FIRST if cases.unheard(doing.head, doing.events) else "",
            by=str(message.member or ""),
            member=message.member_id,
            shown=shown(message),
        )
        doing.fill(message, touchpoint=number)
    elif outgoing.state in STAYED and said is not None:
        taken_back = outgoing.state == Outgoing.State.CANCELLED
        undeliver(doing, message, said, outgoing.reason, vocabulary.TAKEN_BACK if taken_back else "")


def undeliver(doing: acting.Act, message: Message, said: int, why: str, name: str = "") -> None:
    """The answer never was one: the customer waits on."""
    doing.add(
        Kind.UNDELIVERED,
        about=said,
        message=message.pk,
        thread=message.conversation_id,
        why=why,
        name=name,
        actor="system",
    )


def _standing_answer(message: Message) -> int | None:
    """The line of the ledger by which a message answered and which nothing took back."""
    lines = _lines_of(message.conversation_id, message.pk)
    standing: int | None = None
    for line in lines:
        if line.kind == Kind.OUTBOUND_PUBLIC_HUMAN:
            standing = line.pk
        elif line.kind == Kind.UNDELIVERED:
            standing = None
    return standing


_lines_of = Prepared(
    lambda conversation, message: LedgerEntry.objects.filter(conversation=conversation, message=message).order_by("id"),
    int, int,
)  # fmt: skip


def _afterwards(doing: acting.Act, then: str | None, snooze: datetime | None) -> None:
    head = doing.head
    head.undelivered = False
    wanted = THEN[then] if then else Category.OPEN if head.category == Category.NEW else None
    if wanted is not None and head.category != wanted:
        moving.put(doing, Status.default(wanted))
    if snooze is not None:
        moving.put_aside(doing, snooze)


def take_back(message: Message, by: Member) -> bool:
    """Stop an answer that has not left yet; whether it stays here. It is the member's draft again, with its files."""
    if message.outgoing is None:
        return False
    with transaction.atomic():
        if not outbox.take_back(message.outgoing, by):
            return False
        keep_draft(message, by)  # What the ledger hears of it comes by “outgoing.changed”.
    return True


def keep_draft(message: Message, by: Member) -> None:
    """What was taken back is the draft again; what was begun meanwhile stands below it."""
    begun = message.conversation.drafts.filter(member=by, mode="reply").first()
    more = begun.text if begun and begun.text.strip() not in {"", message.text.strip()} else ""
    text = f"{message.text}\n\n{more}" if more else message.text
    facts = {"text": text[: drafting.LONGEST], "changed": timezone.now()}
    draft = message.conversation.drafts.update_or_create(member=by, mode="reply", defaults=facts)[0]
    there = set(draft.attachments.values_list("file", "name"))
    again = [one for one in message.attachments.all() if (one.file_id, one.name) not in there]
    rows.put([Attachment(draft=draft, file_id=one.file_id, name=one.name, type=one.type, cid=one.cid) for one in again])


def write_note(
    conversation: Conversation, text: str, by: Member, mentions: Iterable[Member] = (), files: Sequence[File] = ()
) -> Message:
    """Write for the team only. Whoever is named with @ is told, and may read the conversation from then on."""
    if not text.strip() and not files:
        raise Trouble(_("Write something before you save the note."))
    with acting.act(conversation, by) as doing:
        reach.check(conversation, by)
        message = messages.put(doing, Message.Kind.NOTE, text, files, member=by)
        doing.fill(message, touchpoint=doing.add(Kind.NOTE, message=message.pk))
        for member in {one.pk: one for one in (*mentions, *mentioned_in(text))}.values():
            if member.pk != by.pk:
                Mention.objects.get_or_create(message=message, member=member)
                notifying.notify(member.pk, doing.head, Notification.Kind.MENTIONED, by)
        drafting.forget(conversation, by, "note")
        bus.emit("message.written", message=message)
    return message


def note_back(conversation: Conversation, text: str, by: Member, files: Sequence[File] = ()) -> Message:
    """A note of whoever was named in one, for whoever named them. They have seen that they were."""
    head = Conversation.objects.get(pk=conversation.head_id or conversation.pk)
    calls = Mention.objects.filter(member=by, message__conversation__in=Conversation.objects.of_case(head.pk))
    last = calls.select_related("message__member").order_by("-message__time", "-pk").first()
    note = write_note(head, text, by, [last.message.member] if last and last.message.member else [], files)
    calls.filter(seen=None).update(seen=to_micros(timezone.now()))
    notifying.clear(head, by, [Notification.Kind.MENTIONED])
    return note


def mentioned_in(text: str) -> list[Member]:
    """Members who are named with @: by the address, by what stands before its @, or by their first name where one
    bears it."""
    names = {name.casefold().rstrip(".") for name in AT.findall(text)[:50]}
    if not names:
        return []
    found, first = [], dict[str, list[Member]]()
    for member in Member.objects.filter(is_active=True).exclude(role=Member.Role.VIEWER):
        local = member.email.partition("@")[0]
        if {member.email, local, member.name.replace(" ", ".").casefold()} & names:
            found.append(member)
        first.setdefault(member.name.partition(" ")[0].casefold(), []).append(member)
    return found + [named[0] for name, named in first.items() if name in names and len(named) == 1]


def outgoing_changed(outgoing: Outgoing) -> None:
    """What happens to an answer on its way is told to its conversation."""
    message = Message.objects.filter(outgoing=outgoing).select_related("conversation", "member").first()
    if message is None:
        _automatic(outgoing)
        return
    if message.machine:
        return
    message.outgoing = outgoing
    with acting.act(message.conversation) as doing:
        follow(doing, message)
        if outgoing.state == Outgoing.State.FAILED:
            failed(doing, message)


def _automatic(outgoing: Outgoing) -> None:
    """What a machine of ours sent stands in the thread once it left. It answers nobody."""
    number = outgoing.content.get("conversation")
    if outgoing.purpose == Outgoing.Purpose.OPERATIONAL:
        return
    if not outgoing.automatic or outgoing.state not in {State.SENT, State.PARTLY} or not number:
        return
    conversation = Conversation.objects.filter(pk=number).first()
    if conversation is None:
        return
    with acting.act(conversation) as doing:
        message = messages.put(
            doing,
            Message.Kind.OUTBOUND,
            str(outgoing.content.get("shown", outgoing.content.get("text", ""))),
            mail_ids=[outgoing.message_id],
            channel=outgoing.channel,
            time=outgoing.sent or timezone.now(),
            identifier=outgoing.identifier,
            machine="own",
            subject=str(outgoing.content.get("subject", "")),
            headers={name: outgoing.content.get(name, []) for name in ("to", "cc")},
            outgoing=outgoing,
        )
        number = doing.add(
            Kind.OUTBOUND_AUTO,
            name=str(outgoing.content.get("name", "")),
            time=message.time,
            message=message.pk,
            channel=message.channel,
            actor="system",
        )
        doing.fill(message, touchpoint=number)


def delivery_changed(delivery: Delivery) -> None:
    """A bounce of whom the answer was written to makes the customer unanswered; of a copy, it is only told."""
    if delivery.state not in {Delivery.State.BOUNCED, Delivery.State.FAILED}:
        return
    message = Message.objects.filter(outgoing=delivery.outgoing_id).select_related("conversation").first()
    if message is None:
        return
    written_to = {key_of(address) for _name, address in message.headers.get("to", ())}
    left = delivery.outgoing.deliveries.exclude(state__in=[Delivery.State.BOUNCED, Delivery.State.FAILED])
    reached = any(key_of(other.address) in written_to for other in left)
    bounced(message, f"{delivery.code} {delivery.detail}".strip()[:300], counts=not reached)


def failed(doing: acting.Act, message: Message) -> None:
    """It did not arrive: the list shows it, and whoever wrote it is told."""
    doing.head.undelivered = True
    if message.member_id:
        notifying.notify(message.member_id, doing.head, Notification.Kind.UNDELIVERED)


def bounced(message: Message, why: str, counts: bool = True) -> None:
    """A mail server said that our answer did not arrive: the customer is unanswered again, where it `counts`."""
    with acting.act(message.conversation) as doing:
        said = _standing_answer(message)
        if said is not None and counts:
            undeliver(doing, message, said, why)
        failed(doing, message)
