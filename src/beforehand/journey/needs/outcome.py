"""What is said of a need at the end: how it was met, who noticed first, how often the customer had to come to us."""

from collections.abc import Sequence

from beforehand.journey.needs.course import Course
from beforehand.journey.needs.definition import plain
from beforehand.journey.needs.shapes import SECOND, ContactTrace, Moment, NeedTrace


def settle(
    courses: Sequence[Course], needs: Sequence[NeedTrace], contacts: Sequence[ContactTrace], moments: Sequence[Moment]
) -> None:
    """Fill in what follows from contacts, help and messages of ours. `courses` are those of the first needs."""
    times: dict[int, list[int]] = {}
    for contact in contacts:
        times.setdefault(contact.need, []).append(contact.time)
    served = _served(courses, moments)
    for place, need in enumerate(needs):
        if place < len(courses) and place not in times and place not in served and not courses[place].notices:
            need.how = _alone(courses[place].helped) if need.met is not None else ""
            continue
        asked = sorted(times.get(place, ()))
        need.contacts, need.first_contact = len(asked), asked[0] if asked else None
        course = courses[place] if place < len(courses) else None
        notices = course.notices if course else []
        if need.met is not None:
            person = place in served or (need.first_contact is not None and need.first_contact <= need.met)
            need.how = _how(need, person, notices, course.helped if course else set())
        need.noticed_by, need.lead = _noticed(need, asked, notices)


def _how(need: NeedTrace, person: bool, notices: Sequence[int], helped: set[str]) -> str:
    """The first that applies. A message of ours counts when it followed the trouble and came before any contact."""
    if person:
        return "human"
    if any(_proactive(need, notice) for notice in notices):
        return "proactive"
    return _alone(helped)


def _alone(helped: set[str]) -> str:
    if not helped:
        return "by_itself"
    return "guided" if "guided" in helped else "self_service"


def _noticed(need: NeedTrace, asked: Sequence[int], notices: Sequence[int]) -> tuple[str, float | None]:
    """Who noticed first that something was wrong, and by how many seconds we were ahead."""
    if need.first_trouble is None:
        return ("customer" if asked else ""), None
    theirs = next((time for time in asked if time >= need.first_trouble), None)
    ours = next((time for time in notices if time >= need.first_trouble), None)
    lead = None if theirs is None or ours is None else (theirs - ours) / SECOND
    if ours is not None and (theirs is None or ours < theirs):
        return "us", lead
    return ("customer" if theirs is not None else ""), lead


def _served(courses: Sequence[Course], moments: Sequence[Moment]) -> set[int]:
    """The needs in which a person of ours had a hand: a touchpoint of service carries their key."""
    work = [moment for moment in moments if moment.kind == "service"]
    if not work:
        return set()
    keyed: dict[tuple[str, str], list[int]] = {}
    for place, course in enumerate(courses):
        if course.need.key and course.need.met is not None:
            keyed.setdefault((course.way.key, course.need.key), []).append(place)
    keys = {key for key, _value in keyed}
    return {
        place
        for moment in work
        for key in keys
        if (value := plain(moment.properties.get(key)))
        for place in keyed.get((key, value), ())
        if _had_a_hand(moment, courses[place])
    }


def _had_a_hand(moment: Moment, course: Course) -> bool:
    need = course.need
    return need.met is not None and need.opened <= moment.time <= need.met and moment.name not in course.way.roles


def _proactive(need: NeedTrace, notice: int) -> bool:
    if need.first_trouble is None or need.met is None or not need.first_trouble <= notice <= need.met:
        return False
    return need.first_contact is None or need.first_contact > notice
