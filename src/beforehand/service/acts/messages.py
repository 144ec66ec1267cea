"""A message becomes a row: the one place where they are made, whoever wrote them."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone

from beforehand.channels.models import StoredFile
from beforehand.journey.record import clean
from beforehand.lib import rows
from beforehand.service.acts.acting import Act
from beforehand.service.models import Attachment, KnownId, Message

File = tuple[StoredFile, str, str, str]
"""The file, its name, its type, and its id inside the message's HTML."""
LONGEST_TEXT = 2_000_000


def put(
    doing: Act,
    kind: str,
    text: str,
    files: Sequence[File] = (),
    mail_ids: Iterable[str] = (),
    fingerprint: str = "",
    **more: Any,
) -> Message:
    """Put a message down with its files and the ids under which mail programs know it. What `more` (fields of Message)
    does not say is as in the conversation, and now."""
    conversation = doing.conversation
    about: dict[str, Any] = {"channel": conversation.channel, "time": timezone.now()} | more
    about["subject"] = clean(about.get("subject", ""), 300)
    if kind != Message.Kind.NOTE:
        about["identifier"] = about.get("identifier") or conversation.identifier
    message = Message(conversation=conversation, kind=kind, text=clean(text, LONGEST_TEXT), **about)
    rows.put([message])
    attached = [_attached(message, file, position) for position, file in enumerate(files)]
    rows.put(attached)
    _know(message, attached)
    ids = dict.fromkeys(one[:998] for one in mail_ids if one)
    rows.put([_known(message, one, fingerprint) for one in ids])
    return message


def _know(message: Message, attached: list[Attachment]) -> None:
    """Let `message.attachments.all()` give what has just been put there."""
    known = message.attachments.all()
    known._result_cache, known._prefetch_done = attached, True  # type: ignore[attr-defined]
    message._prefetched_objects_cache = {"attachments": known}  # type: ignore[attr-defined]


def _attached(message: Message, given: File, position: int) -> Attachment:
    file, name, kind, cid = given
    called, typed, inside = clean(name, 200), clean(kind, 120), clean(cid, 200)
    return Attachment(message=message, file=file, name=called, type=typed, cid=inside, position=position)


def _known(message: Message, mail_id: str, fingerprint: str) -> KnownId:
    conversation = message.conversation_id
    return KnownId(mail_id=mail_id, message=message, conversation_id=conversation, fingerprint=fingerprint)
