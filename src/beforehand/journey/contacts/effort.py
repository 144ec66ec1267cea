"""What a need cost the customer: explaining again, changing channel, waiting for an answer."""

import itertools
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from beforehand.journey.needs.shapes import SECOND, Moment, NeedTrace, Traced

EFFORT_SQL = """
    WITH answers AS (
        SELECT t.customer, t.time FROM touchpoints t JOIN catalogue k ON k.name = t.name WHERE k.kind = 'service'
    ),
    asked AS (
        SELECT c.need, c.id, c.time, c.channel, min(a.time) AS answered
        FROM contacts c LEFT JOIN answers a ON a.customer = c.customer AND a.time >= c.time
        GROUP BY c.need, c.id, c.time, c.channel
    ),
    told AS (
        SELECT a.need, a.id, a.time, a.channel,
            lag(a.channel) OVER (PARTITION BY a.need ORDER BY a.time, a.channel, a.id) AS channel_before,
            max(a.time) OVER (PARTITION BY a.need) AS last_contact, a.answered,
            CASE WHEN n.met IS NULL THEN n.abandoned WHEN n.abandoned IS NULL THEN n.met
                ELSE least(n.met, n.abandoned) END AS over
        FROM asked a JOIN needs n ON n.need = a.need
    ),
    waits AS (
        SELECT need, id, time, channel, channel_before,
            CASE WHEN over IS NOT NULL AND over <= {as_of} AND over >= last_contact THEN
                    CASE WHEN answered < over THEN answered ELSE over END
                WHEN answered < {as_of} THEN answered ELSE {as_of} END AS until
        FROM told
    ),
    spells AS (
        SELECT need, until, min(time) AS since, count(*) AS contacts,
            sum(CASE WHEN channel <> channel_before THEN 1 ELSE 0 END) AS changes
        FROM waits GROUP BY need, until
    )
    SELECT need, sum(contacts) - 1 AS explained_again, sum(changes) AS channel_changes,
        sum(CASE WHEN until > since THEN epoch(until - since) ELSE 0 END) AS waited
    FROM spells GROUP BY need"""
"""The same over the tables of the lake's reader: a row for each need with a contact. {as_of} is a timestamp in SQL."""


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


def efforts(traced: Traced, moments: Iterable[Moment], as_of: int) -> list[Effort]:
    """The effort of each need of one customer, in the order of `traced.needs`."""
    answers = [moment.time for moment in moments if moment.kind == "service"]
    by_need: dict[int, list[tuple[int, str]]] = {}
    for contact in traced.contacts:
        by_need.setdefault(contact.need, []).append((contact.time, contact.channel))
    return [
        effort(by_need.get(place, ()), answers, _end(need, by_need.get(place, ()), as_of))
        for place, need in enumerate(traced.needs)
    ]


def _end(need: NeedTrace, contacts: Sequence[tuple[int, str]], as_of: int) -> int:
    """When waiting ends at the latest: the need is over (but for contacts after that), or now."""
    over = [end for end in (need.met, need.abandoned) if end is not None and end <= as_of]
    last = max((time for time, _channel in contacts), default=0)
    return min(over) if over and min(over) >= last else as_of
