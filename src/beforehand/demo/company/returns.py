"""Things that come back, and the money that goes back for them, which is promised for a day."""

from typing import Any

import numpy as np

from beforehand.demo.company.log import Log
from beforehand.demo.company.plan import DAY, HOUR, MINUTE, Plan, awake
from beforehand.demo.company.table import Table
from beforehand.demo.company.troubles import cause_number, troubles_of

PROMISED_DAYS = 6


def returns(plan: Plan, orders: Table) -> Table:
    """One row a return. `time` is when the money is waited for; `due` is the end of the day that was promised."""
    dice = plan.dice
    sent = orders.take(dice.chance("returns", orders.key, plan.returns))
    key = dice.keys("return", sent.key)
    requested = awake(sent.delivered + dice.around("returns when", key, 3.5 * DAY, 0.5))
    received = requested + dice.around("returns way", key, 4.5 * DAY, 0.3)
    promised = received + dice.around("promises", key, 10 * HOUR, 0.4)
    due = np.where(np.isfinite(promised), np.ceil(promised / DAY) + PROMISED_DAYS, 0) * DAY
    late = plan.during("refund", promised) & dice.chance("pays late", key, 0.8)
    usual = promised + dice.around("pays back", key, 2.4 * DAY, 0.3)
    return Table(
        key=key,
        customer=sent.customer,
        number=sent.number,
        store=sent.store,
        total=sent.total,
        began=requested,
        received=received,
        time=promised,
        due=due,
        late=late,
        usual=usual,
        issued=np.where(
            late, due + dice.between("how late back", key, 4 * DAY, 11 * DAY), np.minimum(usual, due - HOUR)
        ),
        return_need=dice.keys("need return-it", key),
        need=dice.keys("need get-my-money-back", key),
    )


def refund_troubles(plan: Plan, table: Table) -> Table:
    late = table.take(table.late)
    cause = np.full(len(late), cause_number("refund"), dtype=np.int8)
    return troubles_of(plan, "refund", late, late.due, late.issued, cause, late.number)


def tell(plan: Plan, log: Log, table: Table) -> None:
    of: dict[str, Any] = {"order_id": table.number}
    at = table.began - plan.dice.between("reads first", table.key, 3 * MINUTE, 20 * MINUTE)
    reads = plan.dice.chance("reads about returns", table.key, 0.5)
    log.add("Article Viewed", table.take(reads), at[reads], place="/help/returns", article=np.int16(0))
    log.add("Return Requested", table, table.began, place="/returns", **of)
    log.add("Return Received", table, table.received, channel="courier", actor="company", **of)
    due = (table.due // DAY).astype(np.int32)
    log.add("Refund Promised", table, table.time, channel="email", actor="company", due=due, **of)
    log.add("Refund Issued", table, table.issued, channel="email", actor="company", amount=table.total, **of)
