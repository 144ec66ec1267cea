"""A customer's touchpoints into needs and contacts: a pure function, the same whatever the order of arrival.

`trace(moments, book, as_of=None) -> Traced`. The shapes are described in `shapes`. Moments of the kind contact are
linked after all needs are known as they stood at that time; see `contacting` for what is asked of `journey.contacts`.
`book.definition(kind, version) -> Definition` gives topics, owner, trouble and steps of a need's kind.
"""

from collections.abc import Iterable, Sequence

from beforehand.journey.needs.book import Book, Roles, Way, way_at
from beforehand.journey.needs.contacting import contacts_of
from beforehand.journey.needs.course import Course
from beforehand.journey.needs.definition import Evidence, plain
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
]

NO_ROLES = Roles()
KEY_LENGTH = 200


def trace(moments: Iterable[Moment], book: Book, as_of: int | None = None) -> Traced:
    """The needs and contacts of one customer. Moments may come in any order; those after `as_of` are left out."""
    ordered = sorted((moment for moment in moments if as_of is None or moment.time <= as_of), key=_when)
    tracing = Tracing(book)
    for moment in ordered:
        tracing.take(moment)
    courses = sorted(tracing.courses, key=lambda one: (one.need.opened, one.need.opened_by, one.need.kind))
    needs = [course.finish() for course in courses]
    contacts = contacts_of(ordered, needs, book)
    settle(courses, needs, contacts, ordered)
    return in_order(needs, contacts)


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

    def __init__(self, book: Book) -> None:
        self.by_name = book.by_name
        self.courses: list[Course] = []
        self.latest: dict[str, dict[str, Course]] = {}

    def take(self, moment: Moment) -> None:
        for ways in self.by_name.get(moment.name, ()):
            self._take(moment, ways)

    def _take(self, moment: Moment, ways: list[Way]) -> None:
        latest = self.latest.setdefault(ways[0].kind, {})
        key = _key_of(moment, ways)
        own = latest.get(key)
        way = way_at(ways, moment.time)
        opens = way is not None and _any(way.roles.get(moment.name, NO_ROLES).opens, moment)
        if opens and (own is None or own.over or own.silent_at(moment.time)):
            assert way is not None
            if own is not None and not own.over:
                own.fall_silent()
            course = latest[key] = Course(way, moment, key)
            self.courses.append(course)
            _move(course, moment, opening=True)
        elif (standing := _standing(latest, key, moment.time)) is not None:
            _move(standing, moment)


def _key_of(moment: Moment, ways: list[Way]) -> str:
    """What tells this need from others of its kind: the newest version's property, or an older one's."""
    for way in reversed(ways):
        if way.key and (value := plain(moment.properties.get(way.key))):
            return value[:KEY_LENGTH]
    return ""


def _standing(latest: dict[str, Course], key: str, time: int) -> Course | None:
    """The open need that a touchpoint belongs to: by its key, or where it has none, the one that moved last.

    A need with a key that had fallen silent moves on when its key is seen again.
    """
    if key and (own := latest.get(key)) is not None:
        return None if own.over else own
    if key:
        unnamed = latest.get("")
        return unnamed if unnamed is not None and not unnamed.over and not unnamed.silent_at(time) else None
    standing = [one for one in latest.values() if not one.over and not one.silent_at(time)]
    return max(standing, key=lambda one: (one.moved, one.need.opened_by), default=None)


def _move(course: Course, moment: Moment, opening: bool = False) -> None:
    """What a touchpoint does to a need that is open."""
    roles = course.way.roles.get(moment.name)
    if roles is None:
        return
    moved = opening
    for place, evidence in roles.steps:
        if not evidence.where or evidence.fits(moment.properties):
            course.step(place, moment)
            moved = True
    if roles.trouble and _any(roles.trouble, moment):
        course.trouble(moment)
        moved = True
    if not moved and roles.opens and _any(roles.opens, moment):
        course.go_back(moment.time)
        moved = True
    _note_help(course, roles, moment)
    if roles.meets and _any(roles.meets, moment):
        course.meet(moment)
    elif roles.ends and _any(roles.ends, moment):
        course.end(moment)
    if moved:
        course.moved = moment.time


def _note_help(course: Course, roles: Roles, moment: Moment) -> None:
    if roles.notices and _any(roles.notices, moment):
        course.notices.append(moment.time)
    if roles.guides and _any(roles.guides, moment):
        course.helped.add("guided")
    if roles.self_service and _any(roles.self_service, moment):
        course.helped.add("self_service")
    if roles.excludes and _any(roles.excludes, moment):
        course.need.excluded = moment.name


def _any(part: Sequence[Evidence], moment: Moment) -> bool:
    """Whether one of these fits; they all have the moment's name."""
    return any(not one.where or one.fits(moment.properties) for one in part)


def _when(moment: Moment) -> tuple[int, int]:
    return moment.time, moment.id
