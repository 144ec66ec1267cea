"""Who is here: who looks at a conversation, who types in it. Rows that live for some seconds.

Signs come often, so they are gathered and written together, a few times a second; who has the desk open, every few.
"""

import time
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from beforehand.lib.gathered import Gathered
from beforehand.service import serving
from beforehand.service.models import AtDesk, Conversation, Presence
from beforehand.team.models import Member

EVERY = 0.05
EVERY_DESK = 5.0
TYPING_MICROS = 6_000_000
LOOKING_MICROS = 45_000_000
LONGEST_NAME = 120
AT_DESK_MICROS = 150_000_000


class Sign(NamedTuple):
    """`until` 0: gone."""

    name: str
    typing: bool
    until: int


def note(conversation: int, who: str, name: str, typing: bool = False, gone: bool = False) -> None:
    """Somebody is there: `m:<member>` or `v:<visitor>`. It is seen by others within a fraction of a second."""
    now = time.time_ns() // 1000
    until = 0 if gone else now + (TYPING_MICROS if typing else LOOKING_MICROS)
    sign = Sign(name[:LONGEST_NAME], typing, until)
    transaction.on_commit(lambda: batch.add({(conversation, who): sign}))


def at_desk(member: int) -> None:
    """A member has the desk open. To be said about once a minute."""
    desks.add({member: time.time_ns() // 1000 + AT_DESK_MICROS})


def at_desk_now() -> QuerySet[AtDesk]:
    return AtDesk.objects.filter(until__gt=time.time_ns() // 1000)


def is_at_desk(member: int) -> bool:
    return at_desk_now().filter(member=member).exists()


def write(signs: dict[tuple[int, str], Sign]) -> None:
    """Put down many at once, and forget those whose time is over."""
    now = time.time_ns() // 1000
    with transaction.atomic():
        there = set(Conversation.objects.filter(pk__in={one for one, _who in signs}).values_list("pk", flat=True))
        rows = [
            Presence(conversation_id=one, who=who, name=sign.name, typing=sign.typing, until=sign.until)
            for (one, who), sign in signs.items()
            if one in there
        ]
        Presence.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["conversation", "who"],
            update_fields=["name", "typing", "until"],
        )
        Presence.objects.filter(until__lt=now - LOOKING_MICROS).delete()
        members = [(one, who[2:]) for (one, who), sign in signs.items() if sign.typing and who.startswith("m:")]
        serving.renew((one, int(number)) for one, number in members)


def write_desks(untils: dict[int, int]) -> None:
    """Put down for many at once until when they are taken to be at the desk."""
    there = Member.objects.filter(pk__in=untils).values_list("pk", flat=True)
    rows = [AtDesk(member_id=member, until=untils[member]) for member in there]
    AtDesk.objects.bulk_create(rows, update_conflicts=True, unique_fields=["member"], update_fields=["until"])


batch: Gathered[tuple[int, str], Sign] = Gathered("presence", EVERY, write)
desks: Gathered[int, int] = Gathered("at the desk", EVERY_DESK, write_desks)
