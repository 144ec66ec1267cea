"""How far back what is new reaches into a customer's past: to a moment, the cut, at which nothing was under way.

A need that was over before the first new touchpoint stays as it is, and so does what was said of it. So rows from
before the cut are left alone, and a customer is traced again from the cut on. Without this a touchpoint would cost as
much as everything that its customer ever did.

The cut lies before every need that was not over by the first new touchpoint, or that had fallen silent and is taken up
again by its key. Contacts from before that touchpoint stay as they are, since what comes after a contact changes
neither its need nor its cause. Where somebody speaks in what is new, or it came late, or takes up what had fallen
silent, they are looked at again: then the cut lies also before the needs that they spoke of and before all contacts of
the weeks before, which a contact may chase, repeat or go on with. What cannot be seen beforehand is found while
tracing, which then asks for a cut that is earlier (`ReachesBack`).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import connection

from beforehand.journey.contacts.linking import UNKNOWN_DAYS
from beforehand.journey.contacts.tracing import JUDGED, REPEAT_DAYS
from beforehand.journey.needs.book import Book, Claim
from beforehand.journey.needs.shapes import DAY, Moment
from beforehand.journey.needs.trace import BEGINNING, key_of
from beforehand.lib.rows import relation

NEVER = 2**62
TIME = attrgetter("time")
WEEKS_BEFORE = int(max(REPEAT_DAYS, UNKNOWN_DAYS) * DAY)

# CROSS JOIN keeps SQLite to the order of the tables as written.
BETWEEN = {"customer": "bigint", "since": "bigint", "until": "bigint"}
NEEDS = """
    SELECT n.customer_id, n.id, n.kind, n."key", n.opened, COALESCE(n.met, n.abandoned)
    FROM {given} given CROSS JOIN journey_need n
    WHERE n.customer_id = given.customer AND COALESCE(n.met, n.abandoned) >= given.since
        AND COALESCE(n.met, n.abandoned) < given.until"""
ENDLESS = """
    SELECT n.customer_id, n.id, n.kind, n."key", n.opened, NULL FROM {given} given CROSS JOIN journey_need n
    WHERE n.customer_id = given.customer AND COALESCE(n.met, n.abandoned) IS NULL"""
CONTACTS = """
    SELECT c.customer_id, c.id, c.time, c.need, n.opened
    FROM {given} given CROSS JOIN journey_contact c LEFT JOIN journey_need n ON n.id = c.need
    WHERE c.customer_id = given.customer AND c.time >= given.since AND c.time < given.until"""
NAMED = {"customer": "bigint", "kind": "text", "named": "text"}
SILENT = """
    SELECT n.customer_id, min(n.opened) FROM {given} given CROSS JOIN journey_need n
    WHERE n.customer_id = given.customer AND n.kind = given.kind AND n."key" = given.named AND n.met IS NULL
    GROUP BY n.customer_id"""


class KnownNeed(NamedTuple):
    """A need as the record has it."""

    id: int
    kind: str
    key: str
    opened: int
    over: int | None


class KnownContact(NamedTuple):
    """A contact as the record has it, and when its need opened."""

    id: int
    time: int
    need: int
    opened: int | None


class Cut:
    """Where the tracing of a customer begins again, and what the record has of them.

    `first` is the first new touchpoint's time; `speaks`: contacts are to be linked anew. `needs` are those that were
    over at `read` or later, `contacts` those since the weeks before.
    """

    __slots__ = ("contacts", "first", "needs", "read", "speaks", "time")

    def __init__(self, time: int, speaks: bool) -> None:
        self.time = self.first = time
        self.speaks = speaks
        self.read = NEVER
        self.needs: list[KnownNeed] = []
        self.contacts: list[KnownContact] = []

    def move(self) -> bool:
        """Go back as far as what is known demands; whether that is farther than was read."""
        self.read, before = self.time, None
        self.speaks = self.speaks or any(contact.time >= self.first for contact in self.contacts)
        while self.time != before:
            before = self.time
            for need in self.needs:
                if need.opened < self.time and (need.over is None or need.over >= self.time):
                    self.time = need.opened
            if self.speaks:
                self._before_what_was_said()
        return self.time < self.read

    def _before_what_was_said(self) -> None:
        for contact in sorted(self.contacts, key=TIME, reverse=True):
            if contact.time < self.time - WEEKS_BEFORE:
                return
            self.time = min(self.time, contact.time, BEGINNING if contact.opened is None else contact.opened)


def cuts_for(fresh: Mapping[int, Sequence[Moment]], book: Book) -> dict[int, Cut]:
    """The cut of each of these customers for what is new of them."""
    cuts = {customer: _first_cut(moments) for customer, moments in fresh.items()}
    go_back(cuts)
    known = {
        customer: {(need.kind, need.key) for need in cut.needs if need.over is None or need.over >= cut.first}
        for customer, cut in cuts.items()
    }
    back_to(silent_again({customer: fresh[customer] for customer in cuts}, known, book), cuts)
    return cuts


def silent_again(
    fresh: Mapping[int, Sequence[Moment]], known: Mapping[int, Collection[tuple[str, str]]], book: Book
) -> dict[int, int]:
    """The customers who may take up, by its key, a need that had fallen silent, and when the first of these opened.

    `known`: the kinds and keys of their needs that are under way.
    """
    named = [(one, *which) for one, moments in fresh.items() for which in _silent_keys(moments, known[one], book)]
    if not named:
        return {}
    given, parameter = relation(NAMED, named)
    with connection.cursor() as cursor:
        cursor.execute(SILENT.format(given=given), [parameter])
        return dict(cursor.fetchall())


def back_to(times: Mapping[int, int], cuts: Mapping[int, Cut]) -> None:
    """Move the cuts of these customers back, at least to these times, and look at their contacts again."""
    for customer, time in times.items():
        cuts[customer].time = min(time, cuts[customer].time)
        cuts[customer].speaks = True
    go_back({customer: cuts[customer] for customer in times})


def go_back(cuts: Mapping[int, Cut]) -> None:
    """Move cuts back to where nothing was under way."""
    waiting = dict(cuts)
    while waiting:
        _read(waiting)
        waiting = {customer: cut for customer, cut in waiting.items() if cut.move()}


def _first_cut(moments: Sequence[Moment]) -> Cut:
    if any(moment.name == JUDGED for moment in moments):
        return Cut(BEGINNING, True)
    return Cut(min(moment.time for moment in moments), any(moment.kind == "contact" for moment in moments))


def _read(cuts: Mapping[int, Cut]) -> None:
    for customer, *need in _rows(NEEDS, ((one, cut.time, cut.read) for one, cut in cuts.items())):
        cuts[customer].needs.append(KnownNeed(*need))
    unread = [(one, 0, 0) for one, cut in cuts.items() if cut.read == NEVER]
    for customer, *need in _rows(ENDLESS, unread) if unread else ():
        cuts[customer].needs.append(KnownNeed(*need))
    before = ((one, cut.time - WEEKS_BEFORE, cut.read - WEEKS_BEFORE) for one, cut in cuts.items())
    for customer, *contact in _rows(CONTACTS, before):
        cuts[customer].contacts.append(KnownContact(*contact))


def _rows(sql: str, between: Iterable[tuple[int, int, int]]) -> Sequence[tuple[Any, ...]]:
    given, parameter = relation(BETWEEN, between)
    with connection.cursor() as cursor:
        cursor.execute(sql.format(given=given), [parameter])
        found: Sequence[tuple[Any, ...]] = cursor.fetchall()
        return found


def _silent_keys(fresh: Sequence[Moment], known: Collection[tuple[str, str]], book: Book) -> Iterator[tuple[str, str]]:
    """The keys (kind, key) by which the new touchpoints may take up a need that had fallen silent."""
    for moment in fresh:
        for claim in book.by_name.get(moment.name, ()):
            if claim.keys and not _always_opens(claim):
                key = key_of(moment, claim.keys)
                if key and (claim.kind, key) not in known:
                    yield claim.kind, key


def _always_opens(claim: Claim) -> bool:
    return claim.only is not None and claim.roles[claim.only.version].opens is True
