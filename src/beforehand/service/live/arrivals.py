"""What open chats tell by being open, written for all of them together: which answers arrived, who is still there."""

import time
from collections.abc import Iterable

from django.db import transaction

from beforehand.channels.models import Visitor
from beforehand.lib.gathered import Gathered
from beforehand.service import chats

EVERY, SEEN_EVERY = 0.3, 30.0


def write(outgoing: Iterable[int]) -> None:
    with transaction.atomic():
        chats.deliver(list(outgoing))


def write_seen(visitors: Iterable[int]) -> None:
    Visitor.objects.filter(pk__in=list(visitors)).update(last_seen=time.time_ns() // 1000)


class Noted(Gathered[int, None]):
    def note(self, outgoing: Iterable[int]) -> None:
        self.add(dict.fromkeys(outgoing))


arrivals = Noted("arrivals", EVERY, write)
seen = Noted("seen", SEEN_EVERY, write_seen)
