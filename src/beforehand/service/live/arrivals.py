"""Answers that a visitor's stream was handed: noted together, a few times a second, not one transaction each."""

from collections.abc import Iterable

from django.db import transaction

from beforehand.lib.gathered import Gathered
from beforehand.service import chats

EVERY = 0.3


def write(outgoing: Iterable[int]) -> None:
    with transaction.atomic():
        chats.deliver(list(outgoing))


class Arrivals(Gathered[int, None]):
    def note(self, outgoing: Iterable[int]) -> None:
        self.add(dict.fromkeys(outgoing))


arrivals = Arrivals("arrivals", EVERY, write)
