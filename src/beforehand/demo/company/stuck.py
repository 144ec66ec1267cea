"""Where needs were held up, from when to when: the planted slow-downs that `stuck` has to find."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from beforehand.demo.company.plan import DAY
from beforehand.demo.company.table import Table, places, stacked
from beforehand.demo.company.topics import KINDS

if TYPE_CHECKING:
    from beforehand.demo.company.life import Company

STEPS = ["shipped", "delivered", "issued", "completed"]
"""What is waited for, as the ready-made kinds call their steps."""
LEAST = DAY


def stuck_of(company: "Company") -> Table:
    """One row a slow-down of at least a day: key (of the need), kind, customer, number, step, start, end, cause.

    `start` is when the step would have been over without it, `end` when it was, infinite for those who gave up. `cause`
    is a number into the names of causes, or -1.
    """
    life = company.life
    orders, back, setup = (life[name] for name in ("orders", "returns", "subscriptions"))
    parts = [
        _part("receive-my-order", "shipped", orders, orders.need, orders.packed + orders.waits, orders.shipped),
        _part("receive-my-order", "delivered", orders, orders.need, orders.shipped + orders.way, orders.delivered),
        _part("get-my-money-back", "issued", back, back.need, back.usual, back.issued),
        _part("get-set-up", "completed", setup, setup.need, setup.usual, setup.done),
    ]
    everything = stacked(parts)
    end = company.plan.length
    everything = everything.take((everything.end - everything.start >= LEAST) & (everything.start < end))
    needs, first = np.unique(company.troubles.need, return_index=True)
    cause = np.append(company.troubles.cause[first], np.int8(-1))
    return everything.set(cause=cause[places(everything.key, needs)])


def _part(
    kind: str, step: str, of: Table, key: NDArray[np.uint64], start: NDArray[np.float64], end: NDArray[np.float64]
) -> Table:
    return Table(
        key=key,
        kind=np.full(len(of), KINDS.index(kind), dtype=np.int8),
        customer=of.customer,
        number=of.number,
        step=np.full(len(of), STEPS.index(step), dtype=np.int8),
        start=start,
        end=end,
    )
