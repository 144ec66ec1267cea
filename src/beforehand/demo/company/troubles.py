"""What went wrong, for whom, when, until when, and by which cause: where contacts, notices and leaving come from."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from beforehand.demo.company.plan import CAUSES, DAY, EXTRAS, HOUR, Plan
from beforehand.demo.company.table import Table

CAUSE_NAMES = [*CAUSES, *EXTRAS]


class Sort(NamedTuple):
    """A sort of trouble: how it shows, whose need it holds up, and how likely and how soon people write.

    `told` is the share of those whom we tell first, `again` the share that asks for news while it lasts.
    """

    shows: str
    need: str
    writes: float
    hours: float
    spread: float
    told: float
    again: float
    topic: str


SORTS = {
    "payment": Sort("Payment Failed", "complete-a-purchase", 0.52, 2.5, 1.1, 0.0, 0.10, "payment"),
    "delay": Sort("Delivery Delayed", "receive-my-order", 0.62, 16, 0.9, 0.35, 0.36, "late"),
    "missed": Sort("Delivery Failed", "receive-my-order", 0.45, 3, 0.8, 0.0, 0.10, "missed"),
    "slow": Sort("", "receive-my-order", 0.40, 20, 0.8, 0.10, 0.30, "late"),
    "invoice": Sort("Invoice Issued", "understand-an-invoice", 0.50, 30, 1.0, 0.15, 0.18, "invoice"),
    "refund": Sort("", "get-my-money-back", 0.75, 26, 0.9, 0.10, 0.40, "refund"),
    "setup": Sort("Sync Failed", "get-set-up", 0.70, 5, 1.1, 0.0, 0.22, "sync"),
}
SORT_NAMES = list(SORTS)


EVERYDAY = CAUSE_NAMES.index("everyday")


def cause_number(name: str) -> int:
    return CAUSE_NAMES.index(name)


def troubles_of(
    plan: Plan,
    sort: str,
    of: Table,
    time: NDArray[np.float64],
    until: NDArray[np.float64],
    cause: NDArray[np.int8],
    number: NDArray[np.int64],
) -> Table:
    """Troubles of one sort, one for each row of `of` (columns key, customer, need, and time, when the need began).

    `told` is the moment of our notice, or infinity. A notice is written within hours, and not always before they write.
    """
    dice, what = plan.dice, SORTS[sort]
    key = dice.keys(f"trouble {sort}", of.key)
    told = dice.chance("told", key, what.told)
    return Table(
        key=key,
        customer=of.customer,
        sort=np.full(len(of), SORT_NAMES.index(sort), dtype=np.int8),
        cause=cause.astype(np.int8),
        began=of.time,
        time=time,
        until=until,
        told=np.where(told, time + dice.around("told when", key, 2.5 * HOUR, 0.6), np.inf),
        need=of.need,
        number=number,
    )


def leaving(plan: Plan, people: Table, troubles: Table, visits: Table) -> NDArray[np.float64]:
    """When each customer leaves, or infinity: some at any time, more after trouble."""
    dice = plan.dice
    leaves = np.full(len(people), np.inf)
    tired = dice.chance("tired", visits.key, 0.003)
    np.minimum.at(leaves, visits.customer[tired], visits.time[tired] + DAY)
    angry = dice.chance("angry", troubles.key, 0.012)
    after = troubles.time + dice.around("angry until", troubles.key, 6 * DAY, 0.7)
    np.minimum.at(leaves, troubles.customer[angry], after[angry])
    return leaves
