"""The names under which the desk records what it did, and what they mean on a journey.

What a customer sees or does stands on the journey. What happens inside begins with `$`: it is in the record, with its
time and its author, and never on a timeline or in a measure of journeys.
"""

from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext_noop

from beforehand.journey.models import CatalogueEntry, Stage
from beforehand.journey.models.catalogue import Kind as Meaning
from beforehand.lib.bus import emit
from beforehand.lib.kept import kept
from beforehand.service.clocks.ledger import Kind

REASON = "the desk's own"
STAGE = "assistance"


class Name(NamedTuple):
    """A name of the journey with its label and kind."""

    name: str
    label: str
    kind: str


RECEIVED = "Message Received"
CONTINUED = "Message Continued"
THANKS = "Thanks Received"
WROTE_FIRST = "Message Sent"
REPLIED = "Reply Received"
TAKEN_BACK = "$Reply Taken Back"
SPLIT = "$Conversation Split"
ADOPTED = "$Message Adopted"
ASKED = "Asked Whether Solved"
REMINDED = "Asked Again Whether Solved"
SOLVED = "Said It Is Solved"
UNSOLVED = "Said It Is Not Solved"
ON_THE_JOURNEY = (
    Name(RECEIVED, gettext_noop("Wrote to us"), Meaning.CONTACT),
    Name(CONTINUED, gettext_noop("Wrote on"), Meaning.VALUE),
    Name(THANKS, gettext_noop("Said thanks"), Meaning.FEEDBACK),
    Name("Reply Sent", gettext_noop("We answered"), Meaning.SERVICE),
    Name(WROTE_FIRST, gettext_noop("We wrote to them"), Meaning.OUTREACH),
    Name(REPLIED, gettext_noop("Answered what we had written"), Meaning.VALUE),
    Name("Automatic Reply Sent", gettext_noop("We sent an automatic reply"), Meaning.OUTREACH),
    Name("Bot Answered", gettext_noop("The bot answered"), Meaning.OUTREACH),
    Name("Answer Not Delivered", gettext_noop("Our answer did not arrive"), Meaning.FAILURE),
    Name(ASKED, gettext_noop("We asked whether it is solved"), Meaning.OUTREACH),
    Name(REMINDED, gettext_noop("We asked once more whether it is solved"), Meaning.OUTREACH),
    Name(SOLVED, gettext_noop("Said that it is solved"), Meaning.FEEDBACK),
    Name(UNSOLVED, gettext_noop("Said that it is not solved"), Meaning.FEEDBACK),
)

OPENED = "opened"
NAMES: dict[str, str] = {
    Kind.INBOUND_HUMAN: RECEIVED,
    Kind.INBOUND_AUTO: "$Automatic Message Received",
    Kind.OUTBOUND_PUBLIC_HUMAN: "Reply Sent",
    Kind.OUTBOUND_AUTO: "Automatic Reply Sent",
    Kind.BOT_MESSAGE: "Bot Answered",
    Kind.BOT_ACCEPTED: "$Bot Accepted",
    Kind.HANDED_OVER: "$Handed Over",
    Kind.NOTE: "$Note Written",
    Kind.JUDGED: "$Message Judged",
    Kind.UNDELIVERED: "Answer Not Delivered",
    Kind.STATUS: "$Status Changed",
    Kind.OWNER: "$Owner Changed",
    Kind.MERGED: "$Conversations Merged",
    Kind.UNMERGED: "$Conversations Unmerged",
    Kind.TARGET_SET: "$Target Set",
    Kind.PAUSED: "$Target Paused",
    Kind.RESUMED: "$Target Resumed",
    OPENED: "$Conversation Opened",
    "team": "$Team Changed",
    "priority": "$Priority Changed",
    "tagged": "$Tagged",
    "untagged": "$Untagged",
    "filled": "$Field Filled",
    "snoozed": "$Snoozed",
    "woke": "$Woke Up",
    "spam": "$Marked As Spam",
    "not_spam": "$Marked As No Spam",
    "linked": "$Need Linked",
    "caused": "$Cause Set",
    "blocked": "$Sender Blocked",
    "side": "$Side Conversation Opened",
    "asked": ASKED,
    "said_solved": SOLVED,
}
SHOWN = [name.name for name in ON_THE_JOURNEY]
"""Names that are part of a journey. Of spam and of side conversations they are bookkeeping too, with a `$`."""
ALL = frozenset((*NAMES.values(), *SHOWN, *(f"${name}" for name in SHOWN), TAKEN_BACK, SPLIT, ADOPTED))
"""Every name that the desk records."""


def install() -> None:
    """Say what our names mean, where nobody has said it yet. A company's own word on them stays."""
    if not _missing():
        return
    _missing.forget()
    missing = [one for one in ON_THE_JOURNEY if one.name in _missing()]
    stage = Stage.objects.filter(key=STAGE).first()
    with transaction.atomic():
        CatalogueEntry.objects.bulk_create(
            [
                CatalogueEntry(name=one.name, label=one.label, stage=stage, kind=one.kind, reason=REASON)
                for one in missing
            ],
            ignore_conflicts=True,
        )
        emit("catalogue.changed")
    _missing.forget()


@kept("journey.CatalogueEntry")
def _missing() -> frozenset[str]:
    return frozenset(SHOWN) - set(CatalogueEntry.objects.filter(name__in=SHOWN).values_list("name", flat=True))
