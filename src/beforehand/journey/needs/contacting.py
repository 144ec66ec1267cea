"""The contacts of one customer, and the needs that are only known by a contact."""

from collections.abc import Sequence

from beforehand.journey import contacts
from beforehand.journey.needs.book import Book, Way, fits
from beforehand.journey.needs.shapes import UNKNOWN, ContactTrace, Moment, NeedTrace


def contacts_of(moments: Sequence[Moment], needs: list[NeedTrace], book: Book) -> list[ContactTrace]:
    """Link and explain each contact in turn. A contact that fits no need opens an unknown one, added to `needs`."""
    if not any(moment.kind == "contact" for moment in moments):
        return []
    found, opened = contacts.contacts_of(moments, needs, book.understanding)
    place = len(needs)
    needs.extend(opened)
    for need in opened:
        _follow(need, [contact.time for contact in found if contact.need == place], moments, book)
        place += 1
    return found


def _follow(need: NeedTrace, times: list[int], moments: Sequence[Moment], book: Book) -> None:
    """What became of a need of which only contacts are known: met when its case is resolved, else given up in time."""
    ways = book.ways.get(UNKNOWN)
    if not ways:
        return
    way = ways[-1]
    need.version = way.version
    last = max(times, default=need.opened)
    for moment in moments:
        if moment.time >= last and _meets(way, moment):
            if moment.time - last < way.patience:
                need.met, need.met_by = moment.time, moment.id
                return
            break
    need.abandoned = last + way.patience


def _meets(way: Way, moment: Moment) -> bool:
    roles = way.roles.get(moment.name)
    return roles is not None and fits(roles.meets, moment.properties)
