"""The contacts of one customer, and the needs that are only known by a contact."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from beforehand.journey import contacts
from beforehand.journey.needs.book import KIND_BITS, Book, Way, fits
from beforehand.journey.needs.shapes import UNKNOWN, ContactTrace, Moment, NeedTrace

Heard = tuple[int, int, int]  # a contact as the record has it: its id, time and need


def contacts_of(
    moments: Sequence[Moment], needs: list[NeedTrace], book: Book, before: Sequence[Moment] = ()
) -> list[ContactTrace]:
    """Link and explain each contact in turn. A contact that fits no need opens an unknown one, added to `needs`.

    `before`: what was promised before the first of these moments.
    """
    if not any(moment.kind == "contact" for moment in moments):
        return []
    found, opened = contacts.contacts_of(moments, needs, book.understanding, before=before)
    _add_opened(opened, found, moments, needs, book)
    return found


def heard_again(
    heard: Iterable[Heard], moments: Sequence[Moment], needs: list[NeedTrace], book: Book
) -> list[ContactTrace]:
    """Contacts that stay as they are, with no more than their needs' places. The needs that they opened are added."""
    places = {book.id_of(need): place for place, need in enumerate(needs)}
    found: list[ContactTrace] = []
    opened: list[NeedTrace] = []
    for id, time, need in sorted(heard, key=_when):
        if need == id << KIND_BITS:
            places[need] = len(needs) + len(opened)
            opened.append(NeedTrace(UNKNOWN, 0, "", time, id))
        if need in places:
            found.append(ContactTrace(id, time, "", "", places[need]))
    _add_opened(opened, found, moments, needs, book)
    return found


def _add_opened(
    opened: list[NeedTrace],
    found: Sequence[ContactTrace],
    moments: Sequence[Moment],
    needs: list[NeedTrace],
    book: Book,
) -> None:
    """Add the unknown needs that contacts have opened, followed to their ends."""
    ways = book.ways.get(UNKNOWN)
    if opened and ways:
        last = {contact.need: contact.time for contact in found}
        roles = ways[-1].roles
        closing = [one for one in moments if one.name in roles and fits(roles[one.name].meets, one.properties)]
        for place, need in enumerate(opened, len(needs)):
            _follow(need, ways[-1], last.get(place, need.opened), closing)
    needs.extend(opened)


def _follow(need: NeedTrace, way: Way, last: int, closing: Sequence[Moment]) -> None:
    """What became of a need of which only contacts are known: met when its case is resolved, else given up in time."""
    need.version = way.version
    following = bisect_left(closing, last, key=_time)
    if following < len(closing) and closing[following].time - last < way.patience:
        need.met, need.met_by = closing[following].time, closing[following].id
    else:
        need.abandoned = last + way.patience


def _time(moment: Moment) -> int:
    return moment.time


def _when(one: Heard) -> tuple[int, int]:
    return one[1], one[0]
