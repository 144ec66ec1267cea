"""What a member is writing: kept on the server with its files, read from what a form sends."""

import re
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from beforehand.channels import files
from beforehand.journey.promises.making import make
from beforehand.lib.trouble import Trouble
from beforehand.service import when
from beforehand.service.models import Attachment, Conversation, Draft
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
    return [one.strip() for value in sent.getlist(name) for one in re.split(r"[,;\n]", value) if one.strip()]


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
    mode, text = mode_of(sent), sent.get("text", "").replace("\0", "")[:LONGEST]
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
        "based_on": int(based_on[:18]) if based_on.isascii() and based_on.isdigit() else conversation.through,
        "changed": timezone.now(),
    }
    return Draft.objects.update_or_create(conversation=conversation, member=member, mode=mode, defaults=facts)[0]


def files_of(conversation: Conversation, member: Member, mode: str) -> list[Attachment]:
    found = Attachment.objects.filter(draft__conversation=conversation, draft__member=member, draft__mode=mode)
    return list(found.select_related("file"))


def attach(conversation: Conversation, member: Member, mode: str, uploads: Sequence[UploadedFile]) -> None:
    """Put files to a draft. Raises Trouble where they are too many or too large for a mail."""
    there = files_of(conversation, member, mode)
    if len(there) + len(uploads) > MOST_FILES:
        raise Trouble(_("A message takes at most %(most)d files.") % {"most": MOST_FILES})
    if sum(one.file.size for one in there) + sum(one.size or 0 for one in uploads) > LARGEST:
        raise Trouble(_("Together the files are larger than 25 MB, which mail servers refuse. Send a link instead."))
    with transaction.atomic():
        draft = Draft.objects.get_or_create(
            conversation=conversation, member=member, mode=mode,
            defaults={"changed": timezone.now(), "based_on": conversation.through},
        )[0]  # fmt: skip
        for place, upload in enumerate(uploads, len(there)):
            name = (upload.name or "file").replace("\\", "/").rpartition("/")[2].replace("\0", "")[:200] or "file"
            Attachment.objects.create(
                draft=draft, file=files.keep(upload.read()), name=name, position=place,
                type=(upload.content_type or "application/octet-stream")[:120],
            )  # fmt: skip


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
