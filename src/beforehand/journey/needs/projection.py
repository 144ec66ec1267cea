"""The projection of needs and contacts: it follows the record's sequence with a cursor.

Every customer of whom something new came is traced anew from the record, so a late touchpoint needs no care of its
own. Rows and cursor move in one transaction; reading and tracing happen before it, so that the drain does not wait.
"""

from collections.abc import Callable, Collection
from hashlib import blake2b
from typing import NamedTuple

from django.db import connection, transaction

from beforehand.journey.lake import manifest
from beforehand.journey.lake.fact_files import mark_changed
from beforehand.journey.models import NeedDue, ProjectionCursor, Touchpoint
from beforehand.journey.needs.book import Book
from beforehand.journey.needs.keeping import book as current_book
from beforehand.journey.needs.moments import new_moments, new_of
from beforehand.journey.needs.retracing import traced_again
from beforehand.journey.needs.shapes import Moment
from beforehand.journey.needs.storing import replace

CURSOR = "needs"
REBUILD = "needs.rebuild"
BOOK = "needs.book"
STEP = 50_000
MANY = 100_000
LARGE = 4  # a quarter of everything: so far behind, tracing everybody from the lake is the shorter way
DUE_AT_ONCE = 5_000
STALE = 300_000_000  # a rebuild that has not said anything for so long (microseconds) was stopped
Progress = Callable[[str, int, int | None], None]
WAITING = """
    SELECT EXISTS (SELECT 1 FROM journey_needdue WHERE customer = %s),
        EXISTS (
            SELECT 1 FROM customers_identifier i CROSS JOIN journey_touchpoint t
            WHERE i.customer_id = %s AND t.identifier_id = i.id
                AND t.id + 0 > coalesce((SELECT sequence FROM journey_projectioncursor WHERE name = %s), 0))"""


class Work(NamedTuple):
    """What a step of following is about: from one sequence number through another, and who is due besides."""

    since: int
    through: int
    due: list[tuple[int, int]]
    fresh: dict[int, list[Moment]]


def follow(progress: Progress | None = None) -> int:
    """Catch up with the record and with customers who are due, and give how many touchpoints were followed.

    Where everything is to be traced again, that is done first; while another process is at it, nothing.
    """
    from beforehand.journey.needs.rebuilding import Overtaken, rebuild

    marker = ProjectionCursor.objects.filter(name=REBUILD).first()
    if marker is not None and manifest.now() - marker.sequence < STALE:
        return 0
    book = current_book()
    anew = marker is not None or _far_behind() or not is_traced_by(book)
    try:
        followed = rebuild(progress) if anew else 0
    except Overtaken:
        return 0
    while (step := _step(book)) is not None:
        followed += step
        if progress:
            progress("Needs", followed, None)
    return followed


def refresh(customers: Collection[int]) -> None:
    """Trace these customers again soon: their touchpoints changed hands. Belongs in the transaction that did it."""
    if customers:
        NeedDue.objects.bulk_create([NeedDue(customer=one) for one in sorted(customers)], batch_size=500)


def catch_up(customer: int) -> None:
    """Trace one customer at once, before their page is shown. The cursor stays where it is."""
    while any(_waiting(customer)):
        book = current_book()
        with manifest.one_moment():
            due, _new = _waiting(customer)
            since, through = _sequence(), _last_sequence()
            fresh = new_of(customer, since, through, book)
            before, after = traced_again(fresh, [customer] if due else [], since, through, book)
        with transaction.atomic():
            if locked_cursor().sequence == since:  # else it was followed meanwhile, maybe farther
                mark_changed(replace(before, after))
                return


def trace_everything_again() -> None:
    """Ask for a rebuild: the next `follow` does it. Belongs in the transaction that made it necessary."""
    ProjectionCursor.objects.update_or_create(name=REBUILD, defaults={"sequence": 0})


def is_asked_again() -> bool:
    """Whether everything is to be traced again and nobody has begun."""
    return ProjectionCursor.objects.filter(name=REBUILD, sequence=0).exists()


def _far_behind() -> bool:
    last = _last_sequence()
    behind = last - _sequence()
    return behind > MANY and behind * LARGE > last


def is_traced_by(book: Book) -> bool:
    """Whether what is there was traced with the same names of contacts, baselines and rules of promises.

    Versions of kinds are no part of that: what is open stays under the version that it was opened with.
    """
    return _sequence(BOOK) in {_print_of(book), 0 if _sequence() == 0 else None}


def remember(book: Book) -> None:
    """What everything was traced with, in the caller's transaction."""
    ProjectionCursor.objects.update_or_create(name=BOOK, defaults={"sequence": _print_of(book)})


def _print_of(book: Book) -> int:
    spoken = sorted((name, kind) for name, kind in book.kinds.items() if kind in {"contact", "service"})
    facts = repr((spoken, sorted(book.limits.items()), book.rules))
    return int.from_bytes(blake2b(facts.encode(), digest_size=7).digest()) + 1


def _step(book: Book) -> int | None:
    """How many touchpoints the next step held; None when there is nothing to do."""
    with manifest.one_moment():
        work = _work(book)
        if work is None:
            return None
        whole = {customer for _id, customer in work.due}
        before, after = traced_again(work.fresh, whole, work.since, work.through, book)
    with transaction.atomic():
        cursor = locked_cursor()
        if ProjectionCursor.objects.filter(name=REBUILD).exists():
            return None
        if cursor.sequence == work.since:
            mark_changed(replace(before, after))
            NeedDue.objects.filter(id__in=[id for id, _customer in work.due]).delete()
            if not work.since:
                remember(book)
            cursor.sequence = work.through
            cursor.save()
    return Touchpoint.objects.filter(id__gt=work.since, id__lte=work.through).count()


def _work(book: Book) -> Work | None:
    since = _sequence()
    due = list(NeedDue.objects.order_by("id").values_list("id", "customer")[:DUE_AT_ONCE])
    first = Touchpoint.objects.filter(id__gt=since).order_by("id").values_list("id", flat=True).first()
    if first is None and not due:
        return None
    through = since if first is None else min(_last_sequence(), first + STEP - 1)
    return Work(since, through, due, new_moments(since, through, book) if through > since else {})


def _waiting(customer: int) -> tuple[bool, bool]:
    """Whether a customer is due, and whether touchpoints of theirs are still to be followed."""
    with connection.cursor() as sql:
        sql.execute(WAITING, [customer, customer, CURSOR])
        due, new = sql.fetchone()
    return due, new


def _sequence(name: str = CURSOR) -> int:
    return ProjectionCursor.objects.filter(name=name).values_list("sequence", flat=True).first() or 0


def _last_sequence() -> int:
    return Touchpoint.objects.order_by("-id").values_list("id", flat=True).first() or 0


def locked_cursor(name: str = CURSOR) -> ProjectionCursor:
    """The cursor, held until the transaction ends."""
    ProjectionCursor.objects.get_or_create(name=name)
    return ProjectionCursor.objects.select_for_update().get(name=name)
