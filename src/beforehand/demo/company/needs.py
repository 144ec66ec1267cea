"""The needs of a company's customers by its own count: opened, met, given up, and met beforehand.

Needs that carry a number (an order, a return, an invoice) come straight out of the company's life. Looking for the
right product, buying and getting in again have no number: one is open from its first touchpoint until it is met or
nothing moves it any more.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from beforehand.demo.company.draws import Keys
from beforehand.demo.company.plan import DAY
from beforehand.demo.company.table import Table, places, stacked
from beforehand.demo.company.topics import KINDS

if TYPE_CHECKING:
    from beforehand.demo.company.life import Company

HORIZONS = {
    "receive-my-order": 14,
    "return-it": 21,
    "get-my-money-back": 14,
    "find-the-right-product": 14,
    "complete-a-purchase": 7,
    "get-set-up": 21,
    "connect-another-tool": 14,
    "switch-from-the-old-one": 45,
    "understand-an-invoice": 30,
    "change-or-cancel": 7,
    "renew": 30,
    "get-access-back": 3,
    "unknown": 14,
}
"""Within how many days a need is to be met; those of the ready-made kinds."""
PATIENCE = {"find-the-right-product": 30, "complete-a-purchase": 14, "get-access-back": 6}
QUIET = 7 * DAY
OPENS = {
    "find-the-right-product": ["Products Searched", "Product Viewed"],
    "complete-a-purchase": ["Product Added", "Checkout Started"],
    "get-access-back": ["Sign In Failed", "Password Reset Requested"],
}
MOVES = {"complete-a-purchase": ["Shipping Details Entered", "Payment Info Entered", "Payment Failed", "Coupon Denied"]}
MEETS = {
    "find-the-right-product": ["Product Added"],
    "complete-a-purchase": ["Order Completed"],
    "get-access-back": ["Account Recovered", "Signed In"],
}


def needs_of(company: "Company") -> tuple[Table, Table]:
    """Every need that opened within the time, and the contacts with the key of the need that each is about.

    Needs: key, kind (a number into KINDS), customer, number, opened, met and abandoned (seconds, or infinity), contacts
    and first_contact (those from opening to 7 days after it was met), beforehand (1, 0, or -1 while it is not sure).
    """
    end = company.plan.length
    named = stacked(list(_numbered(company)))
    named = named.take((named.opened >= 0) & (named.opened < end))
    unnamed = stacked([_unnumbered(company, kind) for kind in OPENS])
    contacts, unknown = _settled(company, named, unnamed)
    needs = stacked([named, unnamed, unknown])
    met = np.where(needs.met < end, needs.met, np.inf)
    needs = needs.set(met=met, abandoned=np.where(np.isfinite(met), np.inf, needs.abandoned))
    return _counted(needs, contacts, end), contacts


def _numbered(company: "Company") -> Iterator[Table]:
    life = company.life
    never = np.inf
    orders, back, bills, setup = (life[name] for name in ("orders", "returns", "invoices", "subscriptions"))
    yield _table("receive-my-order", orders, orders.need, orders.time, orders.delivered)
    yield _table("return-it", back, back.return_need, back.began, back.received)
    first_seen = np.where(back.received < 0, back.time, back.received)
    yield _table("get-my-money-back", back, back.need, first_seen, back.issued)
    yield _table("understand-an-invoice", bills, bills.need, bills.time, bills.paid)
    ended = np.where(np.isinf(setup.done), setup.ends, never)
    yield _table("get-set-up", setup, setup.need, setup.time, setup.done, ended)
    ending = setup.take(np.isfinite(setup.ends))
    yield _table("change-or-cancel", ending, ending.change, ending.ends - DAY, ending.ends)
    yield _table("connect-another-tool", setup, setup.tool_need, setup.tool_begins, setup.tool_done)
    yield _table("switch-from-the-old-one", setup, setup.move_need, setup.move_begins, setup.move_done)
    changes, renewals = life["changes"], life["renewals"]
    yield _table("change-or-cancel", changes, changes.need, changes.time, changes.done)
    yield _table("renew", renewals, renewals.need, renewals.time, renewals.done, renewals.ends)


def _table(
    kind: str,
    of: Table,
    key: Keys,
    opened: NDArray[np.float64],
    met: NDArray[np.float64],
    abandoned: NDArray[np.float64] | None = None,
) -> Table:
    return Table(
        key=key,
        kind=np.full(len(of), KINDS.index(kind), dtype=np.int8),
        customer=of.customer,
        number=of.number,
        opened=opened,
        met=met,
        abandoned=np.full(len(of), np.inf) if abandoned is None else abandoned,
    )


def _unnumbered(company: "Company", kind: str) -> Table:
    """One open need a customer at a time, by what happened in life (also where the log has lost it)."""
    names, touchpoints = company.words["name"], company.touchpoints
    roles = {"open": OPENS[kind], "move": MOVES.get(kind, []), "meet": MEETS[kind]}
    numbers = {role: [names.index(name) for name in of if name in names] for role, of in roles.items()}
    some = touchpoints.take(np.isin(touchpoints.name, [number for role in numbers.values() for number in role]))
    some = some.take(np.lexsort((some.key, some.time, some.customer)))
    found = _spans(
        some.customer.tolist(),
        some.time.tolist(),
        np.isin(some.name, numbers["open"]).tolist(),
        np.isin(some.name, numbers["meet"]).tolist(),
        PATIENCE[kind] * DAY,
    )
    customer, opened, met, abandoned, row = (np.array(column) for column in zip(*found, strict=True)) if found else [
        np.array([])
    ] * 5  # fmt: skip
    key = company.plan.dice.keys(f"need {kind}", some.key[row.astype(np.intp)])
    of = Table(customer=customer.astype(np.int32), number=np.full(len(customer), -1, dtype=np.int64))
    return _table(kind, of, key, opened.astype(np.float64), met.astype(np.float64), abandoned.astype(np.float64))


def _spans(
    customers: list[int], times: list[float], opens: list[bool], meets: list[bool], patience: float
) -> list[tuple[int, float, float, float, int]]:
    """(customer, opened, met, abandoned, row that opened it), from touchpoints by customer and time."""
    found: list[tuple[int, float, float, float, int]] = []
    who, opened, moved, row = -1, np.inf, np.inf, -1
    for place, (customer, time, opening, meeting) in enumerate(zip(customers, times, opens, meets, strict=True)):
        if row >= 0 and (customer != who or time - moved >= patience):
            found.append((who, opened, np.inf, moved + patience, row))
            row = -1
        who = customer
        if row >= 0 and meeting:
            found.append((who, opened, time, np.inf, row))
            row = -1
        elif row >= 0:
            moved = time
        elif opening:
            opened, moved, row = time, time, place
    if row >= 0:
        found.append((who, opened, np.inf, moved + patience, row))
    return found


def _settled(company: "Company", named: Table, unnamed: Table) -> tuple[Table, Table]:
    """Contacts about needs without a number get the one that was open.

    What fits none is an unknown need, and so is what goes back to before the log.
    """
    contacts = company.contacts
    need, kind = contacts.need.copy(), contacts.kind.copy()
    began = _began(contacts)
    for name in OPENS:
        number = KINDS.index(name)
        rows = np.flatnonzero(contacts.kind == number)
        which = unnamed.take(unnamed.kind == number)
        which = which.take(np.lexsort((which.opened, which.customer)))
        place = _latest(which, contacts.customer[rows], began[rows])
        over = np.where(np.isfinite(which.met), which.met + QUIET, which.abandoned)[place] if len(which) else np.inf
        fits = (place >= 0) & (began[rows] < over) if len(which) else np.zeros(len(rows), dtype=bool)
        need[rows[fits]] = which.key[place[fits]]
        kind[rows[~fits]] = KINDS.index("unknown")
    known = np.isin(need, named.key) | np.isin(need, unnamed.key)
    contacts = contacts.set(need=need, kind=np.where(known, kind, KINDS.index("unknown")).astype(np.int8))
    others = contacts.take(~known)
    first = others.take(np.unique(others.need, return_index=True)[1])
    return contacts, _table("unknown", first, first.need, first.time, first.closed)


def _began(contacts: Table) -> NDArray[np.float64]:
    """When the first contact of each chain was made: a chase is about what its first contact is about."""
    began, at = contacts.time.copy(), np.arange(len(contacts))
    parent = np.append(places(contacts.of, contacts.key), -1)
    while (at := parent[at]).max(initial=-1) >= 0:
        began[at >= 0] = contacts.time[at[at >= 0]]
    return began


def _latest(needs: Table, customer: NDArray[np.int32], time: NDArray[np.float64]) -> NDArray[np.intp]:
    """The last need of each customer that was open by a time, or -1. `needs` are sorted by customer and time."""
    scale = 1e9
    place = np.searchsorted(needs.customer * scale + needs.opened, customer * scale + time, side="right") - 1
    fits = (place >= 0) & (needs.customer[place.clip(0)] == customer) if len(needs) else np.zeros(len(time), dtype=bool)
    return np.where(fits, place, -1)


def _counted(needs: Table, contacts: Table, end: float) -> Table:
    until = np.where(np.isfinite(needs.met), needs.met + QUIET, np.inf)
    at = places(contacts.need, needs.key)
    contacts, at = contacts.take(at >= 0), at[at >= 0]
    inside = (contacts.time <= until[at]) & (contacts.time >= needs.opened[at])
    count = np.bincount(at[inside], minlength=len(needs))
    first = np.full(len(needs), np.inf)
    np.minimum.at(first, at[inside], contacts.time[inside])
    horizon = np.array([HORIZONS[kind] for kind in KINDS])[needs.kind] * DAY
    good = (needs.met - needs.opened <= horizon) & (count == 0)
    sure = (needs.opened + horizon + QUIET <= end) | (count > 0) | (until <= end)
    beforehand = np.where(sure, good, -1).astype(np.int8)
    return needs.set(contacts=count.astype(np.int32), first_contact=first, beforehand=beforehand, horizon=horizon)
