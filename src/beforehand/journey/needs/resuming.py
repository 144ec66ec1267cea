"""Needs that are under way, taken up from their rows and carried on with what is new: the past is not traced again.

That can be done for customers whose new touchpoints come after all that is known of them, and who do not speak. Only
needs of the kinds that the new touchpoints are about are looked at. What else may hang on the past is left to
`retracing`: a number that is seen again after its need fell silent, a touchpoint that leaves open which need it is of,
a row that knows of the new touchpoints already since its customer's page was looked at.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from django.db import connection

from beforehand.journey.contacts.tracing import JUDGED
from beforehand.journey.needs.book import Book
from beforehand.journey.needs.contacting import Heard, heard_again
from beforehand.journey.needs.course import Course
from beforehand.journey.needs.cuts import silent_again
from beforehand.journey.needs.moments import moments_of
from beforehand.journey.needs.outcome import settle
from beforehand.journey.needs.rows import NEED, Row, Rows, add_rows
from beforehand.journey.needs.shapes import UNKNOWN, Moment, NeedTrace, StepTrace, Traced, Trouble
from beforehand.journey.needs.storing import names_of
from beforehand.journey.needs.trace import WHEN, ReachesBack, Tracing, key_of, note_help
from beforehand.lib.rows import relation

# CROSS JOIN keeps SQLite to the order of the tables as written.
SINCE = {"customer": "bigint", "since": "bigint"}
LATE = """
    SELECT DISTINCT given.customer FROM {given} given
    CROSS JOIN customers_identifier i CROSS JOIN journey_touchpoint t
    WHERE i.customer_id = given.customer AND t.identifier_id = i.id AND t.time >= given.since AND t.id + 0 <= %s"""
OF_KIND = {"customer": "bigint", "kind": "text", "since": "bigint"}
UNDER_WAY = f"""
    SELECT {names_of(NEED, "n")} FROM {{given}} given CROSS JOIN journey_need n
    WHERE n.customer_id = given.customer AND n.kind = given.kind AND COALESCE(n.met, n.abandoned) >= given.since"""
CONTACTS = """
    SELECT given.customer, c.id, c.time, c.need FROM {given} given CROSS JOIN journey_contact c
    WHERE c.need = given.need"""
OF_NEED = {"customer": "bigint", "need": "bigint"}
steps_in = msgspec.json.Decoder(list[StepTrace]).decode
trouble_in = msgspec.json.Decoder(list[Trouble]).decode


class Thread:
    """What is new of a customer, in order; the rows of the needs that it may be about; and these needs on their way."""

    __slots__ = ("fresh", "heard", "past", "rows", "tracing")

    def __init__(self, fresh: Iterable[Moment], book: Book) -> None:
        self.fresh = sorted(fresh, key=WHEN)
        self.past: list[Moment] = []
        self.rows: list[Row] = []
        self.heard: list[Heard] = []
        self.tracing = Tracing(book, whole=False)

    @property
    def first(self) -> int:
        return self.fresh[0].time

    def carry_on(self, book: Book) -> bool:
        """Take up the needs and carry them on; whether that can be done."""
        for row in self.rows:
            need = need_of(row)
            if need.met is not None or need.opened >= self.first:
                return False
            if need.kind != UNKNOWN:
                way = book.way_of.get((need.kind, need.version))
                course = None if way is None else Course.resumed(way, need)
                if course is None or course.seen >= self.first:
                    return False
                self.tracing.add(course)
        try:
            for moment in self.fresh:
                self.tracing.take(moment)
        except ReachesBack:
            return False
        return True

    def asks_since(self) -> int | None:
        """Since when help and work of ours may matter to a need that was taken up: it is met, or had trouble."""
        opened = [
            course.need.opened
            for course in self.tracing.courses
            if course.need.opened < self.first and (course.need.met is not None or course.need.trouble)
        ]
        return min(opened, default=None)

    def hear(self, past: Iterable[Moment], book: Book) -> bool:
        """Note the help that there was before; whether it can be known whose it was."""
        self.past = sorted((moment for moment in past if moment.time < self.first), key=WHEN)
        for moment in self.past:
            for claim in book.by_name.get(moment.name, ()):
                latest = self.tracing.latest.get(claim.kind)
                if not latest or not any(roles.helps for roles in claim.roles.values()):
                    continue
                key = key_of(moment, claim.keys) if claim.keys else ""
                if claim.keys and any(bool(key) != bool(other) for other in latest):
                    return False
                course = latest.get(key)
                if course is not None and (moment.time, moment.id) >= (course.need.opened, course.need.opened_by):
                    roles = claim.roles.get(course.way.version)
                    if roles is not None and roles.helps:
                        note_help(course, roles, moment)
        return True

    def traced(self, book: Book) -> Traced:
        courses = self.tracing.courses
        needs = [course.finish() for course in courses]
        contacts = heard_again(self.heard, self.fresh, needs, book) if self.heard else []
        settle(courses, needs, contacts, [*self.past, *self.fresh])
        return Traced(needs, [])


def carried_on(
    fresh: Mapping[int, Sequence[Moment]], since: int, through: int, book: Book, before: Rows, after: Rows
) -> set[int]:
    """Add the rows of customers whose needs can be carried on, as they are and as they are to be; gives who that is.

    `fresh` is what is new of each after the sequence number `since`.
    """
    threads = {one: Thread(moments, book) for one, moments in fresh.items() if not _speaks(moments)}
    _leave(threads, _late(threads, since))
    _read_needs(threads, book)
    _leave(threads, _silent(threads, book))
    _leave(threads, [one for one, thread in threads.items() if not thread.carry_on(book)])
    _leave(threads, _unclear(threads, through, book))
    _read_contacts(threads)
    for customer, thread in threads.items():
        before.needs.extend(thread.rows)
        add_rows(after, customer, thread.traced(book), book)
    return set(threads)


def need_of(row: Row) -> NeedTrace:
    """A need as its row tells of it, but for what `settle` says."""
    _id, _customer, kind, version, key, opened, opened_by, _step, _step_since, steps, _stuck_at, met, *more = row
    _met_by, _how, abandoned, first_trouble, trouble, *_contacts, excluded = more
    need = NeedTrace(kind, version, key, opened, opened_by, steps_in(steps), met=met, abandoned=abandoned)
    need.trouble = trouble_in(trouble) if first_trouble is not None else []
    need.first_trouble, need.excluded = first_trouble, excluded
    return need


def _leave(threads: dict[int, Thread], customers: Iterable[int]) -> None:
    for customer in customers:
        del threads[customer]


def _speaks(moments: Iterable[Moment]) -> bool:
    return any(moment.kind == "contact" or moment.name == JUDGED for moment in moments)


def _late(threads: Mapping[int, Thread], since: int) -> list[int]:
    """Those of whom something is known already that was not before what is new."""
    return [one for (one,) in _rows(LATE, SINCE, [(one, thread.first) for one, thread in threads.items()], since)]


def _read_needs(threads: Mapping[int, Thread], book: Book) -> None:
    about = {
        (customer, kind): thread.first
        for customer, thread in threads.items()
        for moment in thread.fresh
        for kind in book.kinds_about.get(moment.name, ())
    }
    for row in _rows(UNDER_WAY, OF_KIND, [(*which, first) for which, first in about.items()]):
        threads[row[1]].rows.append(row)


def _silent(threads: Mapping[int, Thread], book: Book) -> Collection[int]:
    """Those who may have come back to a need that had fallen silent."""
    known = {one: {(row[2], row[4]) for row in thread.rows} for one, thread in threads.items()}
    return silent_again({one: thread.fresh for one, thread in threads.items()}, known, book)


def _unclear(threads: Mapping[int, Thread], through: int, book: Book) -> list[int]:
    """Look at the help that there was before, where it matters; gives those of whom it cannot be known whose it was."""
    asking = {one: opened for one, thread in threads.items() if (opened := thread.asks_since()) is not None}
    past = moments_of(asking, book, through, book.helping)
    return [one for one, moments in past.items() if not threads[one].hear(moments, book)]


def _read_contacts(threads: Mapping[int, Thread]) -> None:
    needs = [(one, row[0]) for one, thread in threads.items() for row in thread.rows]
    for customer, *heard in _rows(CONTACTS, OF_NEED, needs):
        threads[customer].heard.append((heard[0], heard[1], heard[2]))


def _rows(sql: str, columns: dict[str, str], given: Sequence[Sequence[Any]], *more: int) -> list[Row]:
    if not given:
        return []
    relation_, parameter = relation(columns, given)
    with connection.cursor() as cursor:
        cursor.execute(sql.format(given=relation_), [parameter, *more])
        found: list[Row] = cursor.fetchall()
        return found
