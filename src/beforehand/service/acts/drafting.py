"""What a member is writing: kept on the server with its files, read from what a form sends."""

import re
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from beforehand.channels import handles
from beforehand.channels.handles import Handed
from beforehand.journey.promises.making import make
from beforehand.lib.prepared import Prepared
from beforehand.lib.statements import ask, tell
from beforehand.lib.text import number_in, storable
from beforehand.lib.trouble import Trouble
from beforehand.service import when
from beforehand.service.acts.messages import File
from beforehand.service.acts.recipients import apart
from beforehand.service.models import Attachment, Conversation, Draft, Macro
from beforehand.team.models import Member

MODES = ("reply", "note", "forward")
LONGEST = 200_000
LARGEST = 25_000_000
MOST_FILES = 20
FILE_WORDS = re.compile(
    r"\b(?:attach(?:ed|ment|ments|ing)?|enclosed|anbei|im anhang|angehängt|beigefügt|beiliegend|ci-joint|pièce jointe"
    r"|adjunto|adjunta|allegato|bijlage|bijgevoegd|bifogad|vedhæftet|załącz\w*)\b",
    re.IGNORECASE,
)


def mode_of(sent: QueryDict) -> str:
    mode = sent.get("mode", "reply")
    return mode if mode in MODES else "reply"


def listed(sent: QueryDict, name: str) -> list[str] | None:
    """Addresses as chips send them, one each or with commas between; None where the form has no such field."""
    if name not in sent:
        return None
    return apart(storable(",".join(sent.getlist(name))))


def moment(text: str) -> datetime | None:
    """A time as people write it, or as a machine does; nothing for nothing. Raises Trouble."""
    if not text.strip():
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return when.read(text, timezone.now(), timezone.get_current_timezone())
    return read if read.tzinfo else read.replace(tzinfo=timezone.get_current_timezone())


def keep(conversation: Conversation, member: Member, sent: QueryDict) -> Draft | None:
    """Keep the draft as it is now. One that says nothing and has no files is gone."""
    mode, text = mode_of(sent), storable(sent.get("text", ""))[:LONGEST]
    drafts = Draft.objects.filter(conversation=conversation, member=member, mode=mode)
    if not text.strip() and not Attachment.objects.filter(draft__in=drafts).exists():
        drafts.delete()
        return None
    based_on = sent.get("based_on", "")
    facts = {
        "text": text,
        "to": listed(sent, "to") or [],
        "cc": listed(sent, "cc") or [],
        "bcc": listed(sent, "bcc") or [],
        "based_on": number_in(based_on) if based_on else conversation.through,
        "changed": timezone.now(),
    }
    return Draft.objects.update_or_create(conversation=conversation, member=member, mode=mode, defaults=facts)[0]


def forget(conversation: Conversation, member: Member, mode: str) -> None:
    """What was being written is written, and its files are the message's."""
    draft = "conversation_id = %s and member_id = %s and mode = %s"
    gone = ask(f"delete from {Draft._meta.db_table} where {draft} returning id", [conversation.pk, member.pk, mode])
    for row in gone:
        tell(f"delete from {Attachment._meta.db_table} where draft_id = %s", row)


def files_of(conversation: Conversation, member: Member, mode: str) -> list[Attachment]:
    return _files_of(conversation.pk, member.pk, mode)


def _files(conversation: int, member: int, mode: str) -> QuerySet[Attachment]:
    found = Attachment.objects.filter(draft__conversation=conversation, draft__member=member, draft__mode=mode)
    return found.select_related("file")


_files_of = Prepared(_files, int, int, str)


def attach(conversation: Conversation, member: Member, mode: str, uploads: Sequence[UploadedFile]) -> None:
    """Put files to a draft. Raises Trouble where they are too many or too large for a mail."""
    there = files_of(conversation, member, mode)
    check_files([*(one.file.size for one in there), *(one.size or 0 for one in uploads)])
    _enclose(conversation, member, mode, [handles.received(one) for one in uploads], len(there))


def attach_saved(conversation: Conversation, member: Member, mode: str, macro: Macro) -> None:
    """Put the files of a saved reply to a draft, save those that it has. Raises Trouble as `attach` does."""
    there = files_of(conversation, member, mode)
    known = {(one.file_id, one.name) for one in there}
    new = [Handed(*one[:3]) for one in macro.enclosed() if (one[0].pk, one[1]) not in known]
    check_files([*(one.file.size for one in there), *(one.file.size for one in new)])
    _enclose(conversation, member, mode, new, len(there))


def enclosed(conversation: Conversation, member: Member, mode: str) -> list[File]:
    """The files of a draft, as a message takes them."""
    return [(one.file, one.name, one.type, one.cid) for one in files_of(conversation, member, mode)]


def _enclose(conversation: Conversation, member: Member, mode: str, handed: Sequence[Handed], first: int) -> None:
    if not handed:
        return
    with transaction.atomic():
        draft = Draft.objects.get_or_create(
            conversation=conversation, member=member, mode=mode,
            defaults={"changed": timezone.now(), "based_on": conversation.through},
        )[0]  # fmt: skip
        for place, (file, name, type) in enumerate(handed, first):
            Attachment.objects.create(draft=draft, file=file, name=name, type=type, position=place)


def check_files(sizes: Sequence[int]) -> None:
    """Raises Trouble where files of these sizes are too many or too large for a mail."""
    if len(sizes) > MOST_FILES:
        raise Trouble(_("A message takes at most %(most)d files.") % {"most": MOST_FILES})
    if sum(sizes) > LARGEST:
        raise Trouble(_("Together the files are larger than 25 MB, which mail servers refuse. Send a link instead."))


def names_a_file(text: str) -> bool:
    """Whether the words, without what they quote, speak of a file that goes with them."""
    own = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(">"))
    return bool(FILE_WORDS.search(own))


def undo_seconds() -> int:
    return int(settings.UNDO_SECONDS)


def promise(conversation: Conversation, what: str, due: datetime | None, by: Member) -> None:
    """Make what was said in an answer a promise to the customer. Raises Trouble."""
    if due is None:
        raise Trouble(_("Say by when it will be kept."))
    try:
        make(conversation.identifier.customer_id, what[:200], due, ["Promise Kept"], by, None, None)
    except ValidationError as problem:
        raise Trouble(" ".join(problem.messages)) from problem
