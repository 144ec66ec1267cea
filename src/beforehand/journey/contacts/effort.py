"""What a need cost the customer: explaining again, changing channel, waiting for an answer."""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from beforehand.journey.needs.shapes import SECOND


class Effort(NamedTuple):
    """Of one need: contacts beyond the first; contacts in another channel than the one before; seconds waited."""

    explained_again: int = 0
    channel_changes: int = 0
    waited: float = 0.0


def effort(contacts: Sequence[tuple[int, str]], answers: Sequence[int], end: int) -> Effort:
    """From the contacts of a need (time, channel) and the times of our answers to the customer, seen at `end`.

    A customer waits from each contact until our next answer; waiting for one answer with two contacts counts once. What
    is not answered by `end` (the need was over, or now) was waited for until then. Times in microseconds, any order.
    """
    if not contacts:
        return Effort()
    ordered = sorted(contacts)
    changes = sum(1 for (_, before), (_, after) in itertools.pairwise(ordered) if before != after)
    later = sorted(answers)
    waited, until, place = 0, ordered[0][0], 0
    for time, _channel in ordered:
        while place < len(later) and later[place] < time:
            place += 1
        answered = min(later[place], end) if place < len(later) else end
        waited += max(0, answered - max(time, until))
        until = max(until, answered)
    return Effort(len(ordered) - 1, changes, waited / SECOND)
