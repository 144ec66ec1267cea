"""Which need a contact is about: by a key that it names, by its topic, by what was open, in this order.

Only what was known at the moment of the contact counts. Points, in the spirit of a person who reads the mail beside the
customer's page: a word of the topic is worth about as much as a need that is open, trouble and being stuck more.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from beforehand.journey.contacts.reading import Reading
from beforehand.journey.needs.definition import Definition, plain
from beforehand.journey.needs.shapes import DAY, UNKNOWN, Moment, NeedTrace, Trouble

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
        points += TROUBLE * math.exp(-(time - trouble.time) / DAY / TROUBLE_DAYS)
    if stuck(need, time):
        points += STUCK
    moved = need.opened
    for stay in need.steps:
        if moved < stay.entered <= time:
            moved = stay.entered
    return points + math.exp(-(time - moved) / DAY / FRESH_DAYS)


def over_since(need: NeedTrace, time: int) -> int | None:
    """Since when it has been met or abandoned, seen from a time."""
    met, abandoned = need.met, need.abandoned
    if met is not None and met <= time:
        return met if abandoned is None or met <= abandoned else abandoned
    return abandoned if abandoned is not None and abandoned <= time else None


def last_trouble(need: NeedTrace, time: int) -> Trouble | None:
    """The latest trouble before a time."""
    latest = None
    for trouble in need.trouble:
        if trouble.time <= time and (
            latest is None or (trouble.time, trouble.touchpoint) > (latest.time, latest.touchpoint)
        ):
            latest = trouble
    return latest


def stuck(need: NeedTrace, time: int) -> bool:
    for stay in need.steps:
        since = stay.stuck_at
        if since is not None and since <= time and stay.entered <= time and (stay.left is None or stay.left > time):
            return True
    return False


def link(
    moment: Moment,
    reading: Reading,
    keys: Sequence[str],
    needs: Sequence[NeedTrace],
    definitions: Mapping[str, Definition],
    unknown_last: dict[int, tuple[int, str]],
    previous: tuple[int, int] | None = None,
) -> Link:
    """The need that a contact is about. `unknown_last`: of unknown needs, their last contact's time and topic.

    `previous`: the place of the need of the contact before, and its time.
    """
    time = moment.time
    there = [place for place, need in enumerate(needs) if need.opened <= time][-MOST_NEEDS:]
    for place in there:
        if needs[place].opened_by == moment.id:
            return Link(place, "topic")
    properties = moment.properties
    if properties:
        named = by_key(properties, keys, there, needs, definitions)
        if named:
            return Link(named[0] if len(named) == 1 else _best(named, needs, time, reading), "key")
    strangers = _keyed_otherwise(properties, definitions) if properties else ()
    standings: dict[int, float] = {}
    for place in there:
        need = needs[place]
        if need.kind != UNKNOWN and need.kind not in strangers and (points := standing(need, time)) is not None:
            standings[place] = points
    best = max(reading.topics.values()) if reading.topics else 0.0
    if best >= CLEAR_TOPIC and (about := _spoken_of(standings, needs, reading, best)):
        return Link(_best(about, needs, time, reading, standings), "topic")
    if previous is not None and "chase" in reading.signals and time - previous[1] <= UNKNOWN_DAYS * DAY:
        return Link(previous[0], "open")
    topic = topic_of(reading)
    for unknown in reversed(unknown_last):
        if _goes_on(unknown_last[unknown], time, topic):
            return Link(unknown, "open")
    if standings and best < CLEAR_TOPIC and not strangers and speaks_of_something_open(reading):
        still = [place for place in standings if over_since(needs[place], time) is None] or list(standings)
        return Link(_best(still, needs, time, reading, standings), "open")
    return Link(None, UNKNOWN)


def _spoken_of(standings: Mapping[int, float], needs: Sequence[NeedTrace], reading: Reading, best: float) -> list[int]:
    """Those whose kind the text names at least half as much as the one that it names most, else at all clearly."""
    spoken = {place: reading.topics.get(needs[place].kind, 0.0) for place in standings}
    about = [place for place, points in spoken.items() if points >= SAME_TOPIC * best]
    return about or [place for place, points in spoken.items() if points >= CLEAR_TOPIC]


def _best(
    places: Sequence[int],
    needs: Sequence[NeedTrace],
    time: int,
    reading: Reading,
    standings: Mapping[int, float] | None = None,
) -> int:
    """The need with the most points for standing and topic; of equals the one that opened last."""
    chosen, most = places[0], -1.0
    for place in places:
        need = needs[place]
        points = standings[place] if standings is not None else standing(need, time) or 0.0
        points += TOPIC * min(reading.topics.get(need.kind, 0.0), MOST_TOPIC)
        if points >= most:
            chosen, most = place, points
    return chosen


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
    there: Sequence[int],
    needs: Sequence[NeedTrace],
    definitions: Mapping[str, Definition],
) -> list[int]:
    """The places of the needs whose key stands in the properties or, failing that, in the text."""
    found = []
    for place in there:
        need = needs[place]
        if need.key and (definition := definitions.get(need.kind)) is not None:
            value = properties.get(definition.key)
            if value is not None and plain(value) == need.key:
                found.append(place)
    if found or not keys:
        return found
    written = {key for key in keys if len(key) >= SHORTEST_KEY}
    return [place for place in there if needs[place].key and _written(needs[place].key.casefold(), written)]


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


def _goes_on(last: tuple[int, str], time: int, topic: str) -> bool:
    before, about = last
    return time - before <= UNKNOWN_DAYS * DAY and (not topic or not about or topic == about)
