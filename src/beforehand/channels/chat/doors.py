"""What comes in by chat, form or API is taken once, however often it is sent."""

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import transaction

from beforehand.channels import files
from beforehand.channels.models import Arrival, StoredFile
from beforehand.lib.kept import kept
from beforehand.lib.prepared import Prepared
from beforehand.lib.text import storable
from beforehand.lib.turns import take_turn

Taken = TypeVar("Taken")
LONGEST_KEY = 100
_before = Prepared(lambda door, place: Arrival.objects.filter(door=door, place=place, mailbox=None), str, str)


@kept("channels.StoredFile")
def _nothing() -> StoredFile:
    return files.keep(b"")


def once(door: str, place: str, take: Callable[[Arrival], Taken]) -> Taken | None:
    """Take what came, in one transaction; None when it was taken before.

    `place` names it within its door, with the sender's own key in it. What is not acknowledged was not taken, and comes
    again with the same key. The message itself is what came, so no raw file is kept beside it: a chat would wait for
    the disk twice.
    """
    raw, place = _nothing(), storable(place)
    with transaction.atomic():
        take_turn()
        if _before(door, place):
            return None
        return take(
            Arrival.objects.create(
                door=door, place=place, raw=raw, received=time.time_ns() // 1000, state=Arrival.State.PLACED
            )
        )
