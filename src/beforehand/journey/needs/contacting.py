"""The contacts of one customer, and the needs that are only known by a contact."""

from bisect import bisect_left
from collections.abc import Sequence

from beforehand.journey import contacts
from beforehand.journey.needs.book import Book, Way, fits
from beforehand.journey.needs.shapes import UNKNOWN, ContactTrace, Moment, NeedTrace


def contacts_of(
    moments: Sequence[Moment], needs: list[NeedTrace], book: Book, before: Sequence[Moment] = ()
) -> list[ContactTrace]:
    """Link and explain each contact in turn. A contact that fits no need opens an unknown one, added to `needs`.

    `before`: what was promised before the first of these moments.
    """
    if not any(moment.kind == "contact" for moment in moments):
        return []
    found, opened = contacts.contacts_of(moments, needs, book.understanding, before=before)
    ways = book.ways.get(UNKNOWN)
    if opened and ways:
        last = {contact.need: contact.time for contact in found}
        closing = [moment for moment in moments if _meets(ways[-1], moment)]
        for place, need in enumerate(opened, len(needs)):
            _follow(need, ways[-1], last.get(place, need.opened), closing)
    needs.extend(opened)
    return found


def _follow(need: NeedTrace, way: Way, last: int, closing: Sequence[Moment]) -> None:
    """What became of a need of which only contacts are known: met when its case is resolved, else given up in time."""
    need.version = way.version
    following = bisect_left(closing, last, key=_time)
    if following < len(closing) and closing[following].time - last < way.patience:
        need.met, need.met_by = closing[following].time, closing[following].id
    else:
        need.abandoned = last + way.patience


def _meets(way: Way, moment: Moment) -> bool:
    roles = way.roles.get(moment.name)
    return roles is not None and fits(roles.meets, moment.properties)


def _time(moment: Moment) -> int:
    return moment.time
