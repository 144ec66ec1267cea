"""What a kind of need would have found in the past, before it is kept."""

from dataclasses import replace
from typing import NamedTuple

from beforehand.journey import lake
from beforehand.journey.lake.engine import quoted
from beforehand.journey.needs.book import Book, Version
from beforehand.journey.needs.definition import Definition
from beforehand.journey.needs.keeping import book as current_book
from beforehand.journey.needs.moments import moments_in
from beforehand.journey.needs.shapes import DAY, SECOND, Moment, NeedTrace
from beforehand.journey.needs.trace import trace

DAYS = 90
MOST = 1_000_000  # touchpoints; beyond that a sample of the customers is traced
WEEK = 7 * DAY
READ = """
    SELECT customer, id, epoch_us(time), name, channel, actor, properties
    FROM touchpoints WHERE list_contains($names, name) AND {sample} ORDER BY customer, time, id"""
ROWS_AT_ONCE = 50_000


class Preview(NamedTuple):
    """Of needs that opened in the days before the last touchpoint. `share` is that of the customers looked at.

    `beforehand` is of the `known`: those whose horizon and the week after it are over.
    """

    days: int
    needs: int
    met: int
    abandoned: int
    contacted: int
    known: int
    beforehand: int
    share: float


def preview(definition: Definition, days: int = DAYS) -> Preview:
    """Trace the past with a kind as it would be, beside the others that are kept."""
    book = _with(current_book(), definition)
    with lake.reader() as reader:
        now = _last_moment(reader)
        every = _every(reader, sorted(book.names))
        count = Preview(days, 0, 0, 0, 0, 0, 0, 1 / every)
        for needs in _traced(reader, book, every):
            for need in needs:
                if need.kind == definition.kind and now - days * DAY <= need.opened <= now:
                    count = _add(count, need, now, int(definition.horizon * SECOND))
    return count


def _add(count: Preview, need: NeedTrace, now: int, horizon: int) -> Preview:
    met, asked = need.met, need.first_contact
    known = need.opened + horizon + WEEK <= now
    in_time = met is not None and met <= need.opened + horizon
    calm = asked is None or (met is not None and asked > met + WEEK)
    return count._replace(
        needs=count.needs + 1,
        met=count.met + (met is not None),
        abandoned=count.abandoned + (need.abandoned is not None and need.abandoned <= now),
        contacted=count.contacted + (need.contacts > 0),
        known=count.known + known,
        beforehand=count.beforehand + (known and in_time and calm),
    )


def _with(book: Book, definition: Definition) -> Book:
    """The book with a kind put in, in one version for all the past."""
    others = [one for one in book.versions if one.definition.kind != definition.kind]
    numbers = {definition.kind: max(book.numbers.values(), default=0) + 1} | dict(book.numbers)
    return replace(book, versions=[*others, Version(definition)], numbers=numbers)


def _traced(reader: lake.Reader, book: Book, every: int) -> list[list[NeedTrace]]:
    sql = READ.format(sample=f"hash(customer) % {every} = 0")
    rows = reader.db.execute(sql, {"names": sorted(book.names)})
    found: list[list[NeedTrace]] = []
    current: int | None = None
    moments: list[Moment] = []
    while part := rows.fetchmany(ROWS_AT_ONCE):
        for customer, moment in moments_in(part, book):
            if customer != current and moments:
                found.append(trace(moments, book).needs)
                moments = []
            current = customer
            moments.append(moment)
    if moments:
        found.append(trace(moments, book).needs)
    return found


def _every(reader: lake.Reader, names: list[str]) -> int:
    listed = ", ".join(quoted(name) for name in names) or "''"
    (count,) = reader.db.execute(f"SELECT count(*) FROM touchpoints WHERE name IN ({listed})").fetchone() or (0,)
    return int(count // MOST) + 1


def _last_moment(reader: lake.Reader) -> int:
    (moment,) = reader.db.execute("SELECT epoch_us(max(time)) FROM touchpoints").fetchone() or (None,)
    return int(moment or 0)
