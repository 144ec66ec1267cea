"""One act on many conversations: what it would do, doing it one by one, and taking it back."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from beforehand.lib.trouble import Trouble
from beforehand.service.acts.deeds import DEEDS, do
from beforehand.service.models import BulkRun, Conversation
from beforehand.team.models import AuditEntry, Member

MOST = 500
DONE = "done"


@dataclass(frozen=True)
class Preview:
    """What an act would touch: conversations within reach, customers, those out of reach, and what would be sent."""

    deed: str
    conversations: int
    customers: int
    beyond: int
    sends: int

    def __str__(self) -> str:
        return f"{self.deed}: {self.touched}"

    @property
    def touched(self) -> str:
        touched = ngettext("%(count)d conversation", "%(count)d conversations", self.conversations)
        people = ngettext("%(count)d customer", "%(count)d customers", self.customers)
        words = f"{touched % {'count': self.conversations}}, {people % {'count': self.customers}}."
        if self.sends:
            sent = ngettext("%(count)d answer will be sent.", "%(count)d answers will be sent.", self.sends)
            words += " " + sent % {"count": self.sends}
        if self.beyond:
            left = ngettext("%(count)d is out of your reach.", "%(count)d are out of your reach.", self.beyond)
            words += " " + left % {"count": self.beyond}
        return words


def preview(action: dict[str, Any], ids: Iterable[int], member: Member) -> Preview:
    """Raises Trouble for an act that there is not, or for too many at once."""
    wanted = _checked(action, ids)
    found = Conversation.objects.reachable_by(member).filter(pk__in=wanted)
    rows = list(found.values_list("pk", "identifier__customer"))
    deed = DEEDS[action["do"]]
    customers = len({customer for _pk, customer in rows})
    sends = len(rows) if deed.sends else 0
    return Preview(str(deed.about), len(rows), customers, len(wanted) - len(rows), sends)


def _checked(action: dict[str, Any], ids: Iterable[int]) -> list[int]:
    wanted = list(dict.fromkeys(ids))
    if action.get("do") not in DEEDS:
        raise Trouble(_("“%(name)s” is nothing that can be done here.") % {"name": str(action.get("do"))[:40]})
    if not wanted:
        raise Trouble(_("Choose at least one conversation."))
    if len(wanted) > MOST:
        raise Trouble(_("At most %(most)d at once. Choose fewer, and do the rest afterwards.") % {"most": MOST})
    return wanted


def run(action: dict[str, Any], ids: Iterable[int], member: Member) -> BulkRun:
    """Each by itself: what goes wrong with one leaves the others done. `results` says for each what came of it."""
    wanted = _checked(action, ids)
    row = BulkRun.objects.create(member=member, time=timezone.now(), action=action, conversations=wanted)
    results: dict[str, str] = {}
    undo: list[dict[str, Any]] = []
    found = Conversation.objects.reachable_by(member).in_bulk(wanted)
    for number in wanted:
        conversation = found.get(number)
        if conversation is None:
            results[str(number)] = _("Out of your reach.")
            continue
        try:
            with transaction.atomic():
                back = do(conversation, action["do"], _value(action, row), member)
        except Trouble as trouble:
            results[str(number)] = str(trouble)
            continue
        results[str(number)] = DONE
        undo += [{"conversation": number, **one} for one in back]
    row.results, row.undo, row.done = results, undo, timezone.now()
    row.save()
    if len(wanted) > 1:
        AuditEntry.note("did in bulk", str(DEEDS[action["do"]].about), member, conversations=len(wanted), run=row.pk)
    return row


def _value(action: dict[str, Any], row: BulkRun) -> Any:
    """An answer to many is sent to each once, though the run be repeated."""
    value = action.get("value", "")
    if action["do"] != "reply":
        return value
    said = value if isinstance(value, dict) else {"text": str(value)}
    return said | {"key": f"bulk-{row.pk}"}


def undo(run: BulkRun, member: Member) -> BulkRun:
    """Take a run back, the last deed first. What cannot be taken back any more is told in `results`."""
    with transaction.atomic():
        row = BulkRun.objects.select_for_update().get(pk=run.pk)
        if row.undone is not None:
            raise Trouble(_("This was undone already."))
        if row.member_id != member.pk:
            raise Trouble(_("Only who did it can undo it."))
        row.undone = timezone.now()
        row.save(update_fields=["undone"])
    found = Conversation.objects.reachable_by(member).in_bulk([one["conversation"] for one in row.undo])
    for one in reversed(row.undo):
        conversation = found.get(one["conversation"])
        if conversation is None:
            row.results[str(one["conversation"])] = _("Out of your reach.")
            continue
        try:
            with transaction.atomic():
                do(conversation, one["do"], one["value"], member)
        except Trouble as trouble:
            row.results[str(one["conversation"])] = str(trouble)
    row.save(update_fields=["results"])
    run.refresh_from_db()
    return run
