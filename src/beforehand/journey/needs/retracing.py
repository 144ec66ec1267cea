"""Customers of whom something is new, traced again from their cuts on: what the record has, and what it is to have."""

from collections.abc import Collection, Mapping, Sequence

import msgspec
from django.db import connection

from beforehand.journey.contacts.linking import FORGOTTEN_DAYS
from beforehand.journey.contacts.tracing import JUDGED
from beforehand.journey.needs.book import Book
from beforehand.journey.needs.cuts import Cut, back_to, cuts_for, go_back
from beforehand.journey.needs.moments import moments_before, moments_of
from beforehand.journey.needs.resuming import carried_on
from beforehand.journey.needs.rows import Row, Rows, add_rows
from beforehand.journey.needs.shapes import DAY, Moment, NeedTrace, StepTrace, Trouble
from beforehand.journey.needs.storing import needs_with, stored
from beforehand.journey.needs.trace import BEGINNING, WHEN, Past, ReachesBack, trace
from beforehand.journey.promises.tracing import VERBS
from beforehand.lib.acyclic import acyclic
from beforehand.lib.rows import batches

AT_ONCE = 2_000
OLDER = """
    SELECT customer_id, id, kind, "key", opened, COALESCE(met, abandoned) FROM journey_need
    WHERE customer_id IN ({marks})"""
ASKED = ("id", "kind", "version", "key", "opened", "opened_by", "steps", "met", "abandoned", "trouble")


@acyclic()
def traced_again(
    fresh: Mapping[int, Sequence[Moment]], whole: Collection[int], since: int, through: int, book: Book
) -> tuple[Rows, Rows]:
    """The rows that customers have and those that they are to have, as far as the two may differ.

    `fresh`: what is new of each after the sequence number `since`; `whole`: customers who are traced from their
    beginning. The new is in the record.
    """
    before, after = Rows([], []), Rows([], [])
    for everybody in batches(sorted(fresh.keys() | set(whole)), AT_ONCE):
        new = {one: fresh[one] for one in everybody if one not in whole}
        done = carried_on(new, since, through, book, before, after)
        part = [one for one in everybody if one not in done]
        cuts = {one: Cut(BEGINNING, True) for one in part if one in whole}
        go_back(cuts)
        cuts |= cuts_for({one: fresh[one] for one in part if one not in cuts}, book)
        waiting: Mapping[int, Cut] = cuts
        while waiting:
            earlier = _trace(waiting, through, book, after)
            back_to(earlier, cuts)
            waiting = {customer: cuts[customer] for customer in earlier}
        found = stored(
            [need.id for cut in cuts.values() for need in cut.needs if need.opened >= cut.time],
            [one.id for cut in cuts.values() if cut.speaks for one in cut.contacts if one.time >= cut.time],
        )
        before.needs.extend(found.needs)
        before.contacts.extend(found.contacts)
    return before, after


def _trace(cuts: Mapping[int, Cut], through: int, book: Book, after: Rows) -> dict[int, int]:
    """Add the rows of these customers from their cuts on. For whom that is not far enough, it gives how far to go."""
    earlier: dict[int, int] = {}
    moments = moments_of({customer: cut.time for customer, cut in cuts.items()}, book, through)
    pasts = _pasts(cuts, through, book)
    for customer, cut in cuts.items():
        past = pasts.get(customer) if cut.time > BEGINNING else None
        try:
            traced = trace(moments.get(customer, ()), book, past=past)
        except ReachesBack as back:
            earlier[customer] = back.to
        else:
            add_rows(after, customer, traced, book)
    return earlier


def _pasts(cuts: Mapping[int, Cut], through: int, book: Book) -> dict[int, Past]:
    """What contacts may be about from before the cuts. Where nobody speaks, those since then stay as they are."""
    pasts = {
        customer: Past([], [], None if cut.speaks else [one[:3] for one in cut.contacts if one.time >= cut.time])
        for customer, cut in cuts.items()
    }
    speaking = {customer: cut.time for customer, cut in cuts.items() if cut.speaks and cut.time > BEGINNING}
    if not speaking:
        return pasts
    rules = book.understanding.rules
    for customer, moments in moments_before(
        speaking, rules.making | rules.keeping | VERBS | {JUDGED}, through, book
    ).items():
        pasts[customer].moments.extend(moments)
    recent: dict[int, int] = {}
    for customer, id, kind, key, opened, over in _older(list(speaking)):
        cut = speaking[customer]
        if opened < cut and (over is None or over >= cut - FORGOTTEN_DAYS * DAY):
            recent[id] = customer
        elif opened < cut:
            pasts[customer].needs.append(NeedTrace(kind, 0, key, opened, 0, met=over))
    for row in needs_with(ASKED, list(recent)):
        pasts[recent[row[0]]].needs.append(_need(row))
    for past in pasts.values():
        past.needs.sort(key=_order)
        past.moments.sort(key=WHEN)
    return pasts


def _older(customers: list[int]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(OLDER.format(marks=", ".join(["%s"] * len(customers))), customers)
        return list(cursor.fetchall())


def _need(row: Row) -> NeedTrace:
    _id, kind, version, key, opened, opened_by, steps, met, abandoned, trouble = row
    need = NeedTrace(kind, version, key, opened, opened_by, met=met, abandoned=abandoned)
    need.steps = [StepTrace(*stay) for stay in msgspec.json.decode(steps)]
    need.trouble = [Trouble(*one) for one in msgspec.json.decode(trouble)]
    return need


def _order(need: NeedTrace) -> tuple[int, int, str]:
    return need.opened, need.opened_by, need.kind
