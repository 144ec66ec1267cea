"""Who is there: the latest word on each member holds, until the time that it names."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from beforehand.lib import bus, rows
from beforehand.team.models import Availability, Member

State = Availability.State


def states(members: Iterable[int]) -> dict[int, str]:
    """How it stands with each of these members now; who never said anything is here."""
    wanted = list(members)
    latest: dict[int, Availability] = {}
    if wanted:
        given = ", ".join(["%s"] * len(wanted))
        newest = f"select max(id) from {Availability._meta.db_table} where member_id in ({given}) group by member_id"
        latest = {row.member_id: row for row in rows.found(Availability, f"id in ({newest})", *wanted)}
    now = timezone.now()
    return {
        member: State.HERE if (said := latest.get(member)) is None or _is_over(said, now) else State(said.state)
        for member in wanted
    }


def _is_over(row: Availability, now: datetime) -> bool:
    return row.until is not None and row.until <= now


def say(member: Member, state: str, by: Member | None = None, until: datetime | None = None) -> Availability:
    """From now on a member is here, away (nothing new), or gone (what waits goes back to the team)."""
    with transaction.atomic():
        row = Availability.objects.create(member=member, state=State(state), by=by, until=until)
        bus.emit("availability.changed", member=member, state=row.state)
    return row
