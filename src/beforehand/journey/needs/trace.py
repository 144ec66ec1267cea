"""A customer's touchpoints into needs and contacts: a pure function, the same whatever the order of arrival.

`trace(moments, book, as_of=None) -> Traced`. The shapes are described in `shapes`. Moments of the kind contact are
linked after all needs are known as they stood at that time; see `contacting` for what is asked of `journey.contacts`.
`book.definition(kind, version) -> Definition` gives topics, owner, trouble and steps of a need's kind.
"""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

from beforehand.journey.contacts.linking import MOST_NEEDS
from beforehand.journey.contacts.tracing import JUDGED
from beforehand.journey.needs.book import Book, Claim, Roles, fits, way_at
from beforehand.journey.needs.contacting import Heard, contacts_of, heard_again
from beforehand.journey.needs.course import Course
from beforehand.journey.needs.definition import plain
from beforehand.journey.needs.outcome import settle
from beforehand.journey.needs.shapes import (
    DAY,
    SECOND,
    UNKNOWN,
    ContactTrace,
    Moment,
    NeedTrace,
    StepTrace,
    Traced,
    Trouble,
)
from beforehand.journey.promises.tracing import VERBS

__all__ = [
    "DAY",
    "SECOND",
    "UNKNOWN",
    "ContactTrace",
    "Moment",
    "NeedTrace",
    "StepTrace",
    "Traced",
    "Trouble",
    "trace",
    "traced",
]

KEY_LENGTH = 200
WHEN = attrgetter("time", "id")
BEGINNING = -(2**62)


class Past(NamedTuple):
    """What was before the first moment, where not all is traced: the needs, every one over by then, in the order in
    which they opened, and the touchpoints that promised something, kept it or judged a contact.

    Where `heard` is given, all contacts are among these and stay as they are; then nothing else is asked of the past.
    """

    needs: list[NeedTrace]
    moments: list[Moment]
    heard: list[Heard] | None = None


class ReachesBack(Exception):
    """What was before cannot be left out: tracing has to begin at a time that is earlier."""

    def __init__(self, to: int) -> None:
        self.to = to


def trace(moments: Iterable[Moment], book: Book, as_of: int | None = None, past: Past | None = None) -> Traced:
    """The needs and contacts of one customer. Moments may come in any order; those after `as_of` are left out.

    Where these are not all moments, `past` says what was before them, see `cuts`; those needs are not given again, nor
    are contacts that stay as they are.
    """
    chosen = moments if as_of is None else (moment for moment in moments if moment.time <= as_of)
    return traced(sorted(chosen, key=WHEN), book, past)


def traced(ordered: Sequence[Moment], book: Book, past: Past | None = None) -> Traced:
    """The same of moments that are known to be in order of (time, id)."""
    tracing = Tracing(book, past is None)
    for moment in ordered:
        tracing.take(moment)
    courses = tracing.courses
    needs = [course.finish() for course in courses]
    contacts = contacts_of(ordered, needs, book) if past is None else _said_after(past, ordered, needs, book)
    settle(courses, needs, contacts, ordered)
    if past is not None and past.heard is not None:
        return Traced(needs, [])
    return Traced(needs, contacts) if len(needs) == len(courses) else in_order(needs, contacts)


def _said_after(past: Past, ordered: Sequence[Moment], needs: list[NeedTrace], book: Book) -> list[ContactTrace]:
    """The contacts where not all moments are known. One that hangs on more of the past asks for it."""
    if past.heard is not None:
        return heard_again(past.heard, ordered, needs, book) if past.heard else []
    said = [moment.time for moment in past.moments if moment.name in VERBS or moment.name == JUDGED]
    if said or any(moment.name == JUDGED for moment in ordered):
        raise ReachesBack(min(said, default=BEGINNING))
    before = len(past.needs)
    everything = [*past.needs, *needs]
    contacts = contacts_of(ordered, everything, book, past.moments)
    if len(everything) > MOST_NEEDS:
        raise ReachesBack(BEGINNING)
    for contact in contacts:
        if contact.need < before:
            raise ReachesBack(past.needs[contact.need].opened)
        contact.need -= before
    needs.extend(everything[before + len(needs) :])
    return contacts


def in_order(needs: list[NeedTrace], contacts: list[ContactTrace]) -> Traced:
    """Needs that contacts have opened stand at the end: put all in the order in which they opened."""
    places = sorted(range(len(needs)), key=lambda place: (needs[place].opened, needs[place].opened_by))
    if places != list(range(len(needs))):
        moved = {old: new for new, old in enumerate(places)}
        for contact in contacts:
            contact.need = moved[contact.need]
    return Traced([needs[place] for place in places], contacts)


class Tracing:
    """All needs of one customer while the touchpoints go by. `latest` has the last need of each kind and key."""

    __slots__ = ("by_name", "courses", "latest", "whole")

    def __init__(self, book: Book, whole: bool = True) -> None:
        self.by_name = book.by_name
        self.whole = whole
        self.courses: list[Course] = []
        self.latest: dict[str, dict[str, Course]] = {}

    def add(self, course: Course) -> None:
        """A need that is on its way already."""
        self.courses.append(course)
        self.latest.setdefault(course.way.kind, {})[course.need.key] = course

    def take(self, moment: Moment) -> None:
        for claim in self.by_name.get(moment.name, ()):
            latest = self.latest.get(claim.kind)
            if latest is None:
                if not claim.opens:
                    continue
                latest = self.latest[claim.kind] = {}
            key = key_of(moment, claim.keys) if claim.keys else ""
            own = latest.get(key)
            if own is None or own.over or moment.time - own.moved >= own.way.patience:
                self._begin(moment, claim, key, latest)
            elif (roles := claim.roles.get(own.way.version)) is not None:
                _move(own, moment, roles)

    def _begin(self, moment: Moment, claim: Claim, key: str, latest: dict[str, Course]) -> None:
        """Open a need where none is under way, or take up another one."""
        own, time = latest.get(key), moment.time
        standing = own if own is not None and not own.over else None
        way = claim.only or way_at(claim.ways, time)
        roles = claim.roles.get(way.version) if way is not None else None
        if way is not None and roles is not None and roles.opens and fits(roles.opens, moment.properties):
            if standing is not None:
                standing.fall_silent()
            course = latest[key] = Course(way, moment, key)
            self.courses.append(course)
            _move(course, moment, roles, opening=True)
            return
        taken = self._taken_up(latest, key, standing, time, own is not None)
        if taken is not None and (roles := claim.roles.get(taken.way.version)) is not None:
            _move(taken, moment, roles)

    def _taken_up(
        self, latest: dict[str, Course], key: str, own: Course | None, time: int, known: bool
    ) -> Course | None:
        """The open need that a touchpoint belongs to when its own is over, silent or not there.

        A need with a key that had fallen silent moves on when its key is seen again. A touchpoint without a key belongs
        to the need that moved last.
        """
        if not key:
            open_ = [one for one in latest.values() if not one.over and not one.silent_at(time)]
            return max(open_, key=_moved, default=None)
        if known:
            return own
        unnamed = latest.get("")
        if unnamed is None or unnamed.over or unnamed.silent_at(time):
            return None
        if not self.whole:
            raise ReachesBack(BEGINNING)  # whether this key was there before decides
        return unnamed


def key_of(moment: Moment, keys: tuple[str, ...]) -> str:
    """What tells this need from others of its kind: the newest version's property, or an older one's."""
    for key in keys:
        value = moment.properties.get(key)
        if value is not None and (text := value if isinstance(value, str) else plain(value)):
            return text[:KEY_LENGTH]
    return ""


def _move(course: Course, moment: Moment, roles: Roles, opening: bool = False) -> None:
    """What a touchpoint does to a need that is open."""
    if roles.only is not None:
        course.step(roles.only, moment)
        course.moved = moment.time
        return
    if roles.opens_only:
        if not opening:
            course.go_back(moment.time)
            course.moved = moment.time
        return
    properties = moment.properties
    moved = opening
    for place, part in roles.steps:
        if part is True or fits(part, properties):
            course.step(place, moment)
            moved = True
    if roles.trouble and fits(roles.trouble, properties):
        course.trouble(moment)
        moved = True
    if not moved and roles.opens and fits(roles.opens, properties):
        course.go_back(moment.time)
        moved = True
    if roles.helps:
        note_help(course, roles, moment)
    if roles.meets and fits(roles.meets, properties):
        course.meet(moment)
    elif roles.ends and fits(roles.ends, properties):
        course.end(moment)
    if moved:
        course.moved = moment.time


def note_help(course: Course, roles: Roles, moment: Moment) -> None:
    properties = moment.properties
    if fits(roles.notices, properties):
        course.notices.append(moment.time)
    if fits(roles.guides, properties):
        course.helped.add("guided")
    if fits(roles.self_service, properties):
        course.helped.add("self_service")
    if fits(roles.excludes, properties):
        course.need.excluded = moment.name


def _moved(course: Course) -> tuple[int, int]:
    return course.moved, course.need.opened_by
