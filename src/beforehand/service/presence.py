"""Who is here: who looks at a conversation, who types in it. Rows that live for some seconds.

Signs come often, so they are gathered and written together, a few times a second.
"""

import time
from typing import NamedTuple

from django.db import transaction

from beforehand.lib.gathered import Gathered
from beforehand.service.models import AtDesk, Conversation, Presence

EVERY = 0.05
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
    until = time.time_ns() // 1000 + AT_DESK_MICROS
    AtDesk.objects.update_or_create(member_id=member, defaults={"until": until})


def is_at_desk(member: int) -> bool:
    return AtDesk.objects.filter(member=member, until__gt=time.time_ns() // 1000).exists()


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


batch: Gathered[tuple[int, str], Sign] = Gathered("presence", EVERY, write)
