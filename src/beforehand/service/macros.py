"""Saved replies: words with variables, and what is done besides."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import BigIntegerField, Count, Exists, ExpressionWrapper, F, OuterRef, Q
from django.utils import timezone

from beforehand.channels.models import Outgoing
from beforehand.journey.models import Touchpoint
from beforehand.lib.fields import to_micros
from beforehand.lib.trouble import Trouble
from beforehand.service import vocabulary
from beforehand.service.acts import deeds
from beforehand.service.models import Conversation, Macro, Message
from beforehand.service.variables import fill_in
from beforehand.team.models import Member

DAY = 86_400_000_000
LATELY, QUIET = 90 * DAY, 7 * DAY
LEFT = (Outgoing.State.SENT, Outgoing.State.PARTLY)


def render(macro: Macro, conversation: Conversation, member: Member) -> str:
    return fill_in(macro.text, conversation, member)


def apply(macro: Macro, conversation: Conversation, member: Member) -> list[str]:
    """Do what the macro does besides; gives what could not be done, in plain words."""
    troubles = []
    for action in macro.actions:
        try:
            deeds.do(conversation, str(action.get("do", "")), action.get("value", ""), member)
        except Trouble as trouble:
            troubles.append(str(trouble))
    Macro.objects.filter(pk=macro.pk).update(used=F("used") + 1)
    return troubles


class Outcome(NamedTuple):
    """What became of answers with a saved reply: `used` of late, `old` enough to tell, `settled` of those: the customer
    did not have to write again."""

    used: int
    old: int
    settled: int


def outcomes(macros: Iterable[int]) -> dict[int, Outcome]:
    """By saved reply, of the answers that left in the last ninety days. Thanks are no writing again."""
    now = to_micros(timezone.now())
    sent = Message.objects.filter(macro__in=list(macros), outgoing__state__in=LEFT, time__gte=now - LATELY)
    within = ExpressionWrapper(OuterRef("time") + QUIET, output_field=BigIntegerField())
    thanks = Touchpoint.objects.filter(pk=OuterRef("touchpoint"), name=vocabulary.THANKS)
    again = Message.objects.filter(
        ~Exists(thanks), conversation=OuterRef("conversation"), kind=Message.Kind.INBOUND, machine="",
        time__gt=OuterRef("time"), time__lte=within,
    )  # fmt: skip
    old, back = Q(time__lt=now - QUIET), Q(again=True)
    rows = sent.annotate(again=Exists(again)).order_by().values("macro")
    counted = rows.annotate(used=Count("pk"), old=Count("pk", old), settled=Count("pk", old & ~back))
    return {row["macro"]: Outcome(row["used"], row["old"], row["settled"]) for row in counted}
