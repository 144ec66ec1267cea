"""What its owner does not open goes back to the team: nobody waits for somebody who is not looking."""

from typing import Any

from django.db.models import BigIntegerField, Exists, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.translation import gettext as _

from beforehand.lib.fields import to_micros
from beforehand.service import assigning
from beforehand.service.acts import acting
from beforehand.service.clocks import calendars
from beforehand.service.clocks.ledger import Category, Kind
from beforehand.service.models import Conversation, LedgerEntry, Reading
from beforehand.team.models import Team

MINUTE = 60_000_000
AT_ONCE = 100


def keep_up() -> int:
    """How many went back, in all teams that want it."""
    return sum(_of_team(team) for team in Team.objects.filter(back_after__gt=0).select_related("hours"))


def _of_team(team: Team) -> int:
    now = timezone.now()
    calendar = calendars.calendar_for(None, team)
    allowed = team.back_after * MINUTE
    back = 0
    since = _unopened(team, to_micros(now) - allowed).values_list("pk", "began")[:AT_ONCE]
    over = [number for number, began in since if calendar.worked(began, to_micros(now)) >= allowed]
    for conversation in Conversation.objects.filter(pk__in=over).order_by("waiting_since"):
        back += _give_back(conversation, team)
    return back


def _unopened(team: Team, before: int) -> QuerySet[Any]:
    """Those who wait in a team since before a moment for an owner who has not opened it since it was theirs."""
    lines = LedgerEntry.objects.filter(conversation=OuterRef("pk"))
    owned = lines.filter(kind=Kind.OWNER).order_by("-id")
    asked = lines.filter(kind=Kind.INBOUND_HUMAN, time__gte=OuterRef("waiting_since")).order_by("time", "id")
    read = Reading.objects.filter(
        conversation=OuterRef("pk"), member=OuterRef("owner"), through__gte=OuterRef("needed")
    )
    whole = BigIntegerField()
    waiting = Conversation.objects.filter(assigning.WAITING, team=team, owner__isnull=False, snoozed_until=None)
    waiting = waiting.filter(waiting_since__lte=before).exclude(category=Category.DONE)
    waiting = waiting.annotate(
        given=Coalesce(Subquery(owned.values("time")[:1], output_field=whole), Value(0), output_field=whole),
        began=Greatest(F("waiting_since"), F("given"), output_field=whole),
        needed=Greatest(
            Coalesce(Subquery(owned.values("id")[:1]), Value(0)), Coalesce(Subquery(asked.values("id")[:1]), Value(0))
        ),
    )
    return waiting.filter(~Exists(read), given__lte=before).order_by("waiting_since")


def _give_back(conversation: Conversation, team: Team) -> bool:
    owner = conversation.owner_id
    with acting.act(conversation) as doing:
        if doing.head.owner_id != owner:
            return False
        assigning.own(doing, None, why=_("not opened for %(n)d minutes") % {"n": team.back_after})
        assigning.hand_out(doing, without=owner)
    return True
