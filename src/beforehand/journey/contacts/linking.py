"""Which need a contact is about: by a key that it names, by its topic, by what was open, in this order.

Only what was known at the moment of the contact counts. Points, in the spirit of a person who reads the mail beside the
customer's page: a word of the topic is worth about as much as a need that is open, trouble and being stuck more.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from beforehand.journey.contacts.reading import Reading
from beforehand.journey.needs.definition import Definition, plain
from beforehand.journey.needs.shapes import DAY, UNKNOWN, Moment, NeedTrace

OPEN = 1.5
STUCK = 2.5
TROUBLE = 3.0
TROUBLE_DAYS = 10
FRESH_DAYS = 7
CLOSED_DAYS = 4
FORGOTTEN_DAYS = 30
TOPIC = 1.5
MOST_TOPIC = 6.0
CLEAR_TOPIC = 1.0
SAME_TOPIC = 0.5
UNKNOWN_DAYS = 14
SHORTEST_KEY = 3
MOST_NEEDS = 200
OF_OPEN = ("chase", "when", "overdue", "failure")


class Link(NamedTuple):
    """The place of the need among those given, None for one that is not known yet, and how it was found."""

    need: int | None
    by: str


def standing(need: NeedTrace, time: int) -> float | None:
    """How much a need asks for attention at a time; None when it is long over."""
    over = over_since(need, time)
    if over is not None:
        days = (time - over) / DAY
        return math.exp(-days / CLOSED_DAYS) if days <= FORGOTTEN_DAYS else None
    points = OPEN
    trouble = last_trouble(need, time)
    if trouble is not None:
        points += TROUBLE * math.exp(-(time - need.trouble[trouble].time) / DAY / TROUBLE_DAYS)
    if stuck(need, time):
        points += STUCK
    moved = max((stay.entered for stay in need.steps if stay.entered <= time), default=need.opened)
    return points + math.exp(-(time - moved) / DAY / FRESH_DAYS)


def over_since(need: NeedTrace, time: int) -> int | None:
    """Since when it has been met or abandoned, seen from a time."""
    ends = [end for end in (need.met, need.abandoned) if end is not None and end <= time]
    return min(ends) if ends else None


def last_trouble(need: NeedTrace, time: int) -> int | None:
    """The place of the latest trouble before a time."""
    places = [place for place, trouble in enumerate(need.trouble) if trouble.time <= time]
    return max(places, key=lambda place: (need.trouble[place].time, need.trouble[place].touchpoint), default=None)


def stuck(need: NeedTrace, time: int) -> bool:
    return any(
        stay.stuck_at is not None and stay.stuck_at <= time and stay.entered <= time
        and (stay.left is None or stay.left > time)
        for stay in need.steps
    )  # fmt: skip


def link(
    moment: Moment,
    reading: Reading,
    keys: Sequence[str],
    needs: Sequence[NeedTrace],
    definitions: Mapping[str, Definition],
    unknown_last: Mapping[int, tuple[int, str]],
    previous: tuple[int, int] | None = None,
) -> Link:
    """The need that a contact is about. `unknown_last`: of unknown needs, their last contact's time and topic.

    `previous`: the place of the need of the contact before, and its time.
    """
    time = moment.time
    there = [place for place, need in enumerate(needs) if need.opened <= time][-MOST_NEEDS:]
    for place in reversed(there):
        if needs[place].opened_by == moment.id:
            return Link(place, "topic")
    named = by_key(moment.properties, keys, [(place, needs[place]) for place in there], definitions)
    if named:
        return Link(max(named, key=lambda place: _points(needs[place], time, reading, place)), "key")
    strangers = _keyed_otherwise(moment.properties, definitions)
    known = [place for place in there if needs[place].kind != UNKNOWN and needs[place].kind not in strangers]
    standings = {place: points for place in known if (points := standing(needs[place], time)) is not None}
    best = max(reading.topics.values(), default=0.0)
    if best >= CLEAR_TOPIC:
        spoken = {place: reading.topics.get(needs[place].kind, 0.0) for place in standings}
        about = [place for place, points in spoken.items() if points >= SAME_TOPIC * best]
        about = about or [place for place, points in spoken.items() if points >= CLEAR_TOPIC]
        if about:
            return Link(max(about, key=lambda place: _points(needs[place], time, reading, place)), "topic")
    if previous is not None and "chase" in reading.signals and time - previous[1] <= UNKNOWN_DAYS * DAY:
        return Link(previous[0], "open")
    topic = topic_of(reading)
    for place in reversed(there):
        if place in unknown_last and _goes_on(unknown_last[place], time, topic):
            return Link(place, "open")
    still = [place for place in standings if over_since(needs[place], time) is None] or list(standings)
    if best < CLEAR_TOPIC and not strangers and speaks_of_something_open(reading) and still:
        return Link(max(still, key=lambda place: _points(needs[place], time, reading, place)), "open")
    return Link(None, UNKNOWN)


def speaks_of_something_open(reading: Reading) -> bool:
    """Whether a contact that names no topic is likely about what is under way.

    It says nothing, asks for news, asks when something comes, or says that something is wrong. Other questions may be
    about anything.
    """
    return not reading.words or any(reading.signals.get(signal) for signal in OF_OPEN)


def topic_of(reading: Reading) -> str:
    """The kind of need that a text is most about; empty when it does not say."""
    if not reading.topics:
        return ""
    kind, points = max(reading.topics.items(), key=lambda item: (item[1], item[0]))
    return kind if points >= CLEAR_TOPIC else ""


def by_key(
    properties: Mapping[str, Any],
    keys: Sequence[str],
    needs: Sequence[tuple[int, NeedTrace]],
    definitions: Mapping[str, Definition],
) -> list[int]:
    """The places of the needs whose key stands in the properties or, failing that, in the text."""
    found = [
        place
        for place, need in needs
        if need.key and need.kind in definitions and plain(properties.get(definitions[need.kind].key)) == need.key
    ]
    if found or not keys:
        return found
    written = {key for key in keys if len(key) >= SHORTEST_KEY}
    return [place for place, need in needs if need.key and _written(need.key.casefold(), written)]


def _written(key: str, written: set[str]) -> bool:
    """Whether a key stands there as it is, or its number without the letters in front ("A-1042" as "1042")."""
    if key in written:
        return True
    number = key.lstrip("abcdefghijklmnopqrstuvwxyz-_#")
    return len(number) > SHORTEST_KEY and number.isdigit() and number in written


def _keyed_otherwise(properties: Mapping[str, Any], definitions: Mapping[str, Definition]) -> set[str]:
    """The kinds that go by a key which the contact names, though none of their needs has it."""
    return {
        kind for kind, definition in definitions.items() if definition.key and plain(properties.get(definition.key))
    }


def _points(need: NeedTrace, time: int, reading: Reading, place: int) -> tuple[float, int]:
    topic = min(reading.topics.get(need.kind, 0.0), MOST_TOPIC)
    return (standing(need, time) or 0.0) + TOPIC * topic, place


def _goes_on(last: tuple[int, str], time: int, topic: str) -> bool:
    before, about = last
    return time - before <= UNKNOWN_DAYS * DAY and (not topic or not about or topic == about)
