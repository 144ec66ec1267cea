"""The subscription: setting up the hub, joining other tools, invoices, changes, renewals."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from beforehand.demo.company.draws import Keys
from beforehand.demo.company.log import Log
from beforehand.demo.company.plan import DAY, HOUR, MINUTE, WARM_UP, Plan, awake
from beforehand.demo.company.table import Table
from beforehand.demo.company.troubles import EVERYDAY, cause_number, troubles_of

PLANS = ["Glow", "Glow Plus", "Glow Home"]
PRICE = np.array([6.0, 11.0, 19.0])
MONTH = 30 * DAY
TERM = 90 * DAY
STEPS = ["Account linked", "Hub connected", "First room lit"]
TOOLS = ["Kitchen display", "Doorbell", "Thermostat", "Voice assistant"]
BILLING = ["r13", "r14", "r15"]


def subscriptions(plan: Plan, people: Table) -> Table:
    """One row a subscription, with how its setting up goes. `done` is infinite for those who give up."""
    dice = plan.dice
    who = people.take(np.isfinite(people.since) & (people.since < plan.length))
    key = dice.keys("subscription", who.key)
    begins = awake(who.since + dice.around("begins", key, 4 * HOUR, 0.45))
    pace = dice.around("pace", key, 1.0, 0.3)
    syncs = begins + pace * 50 * MINUTE
    broken = plan.during("setup", syncs) & dice.chance("sync breaks", key, 0.65)
    hiccup = dice.chance("sync hiccup", key, 0.03) & ("everyday" not in plan.off)
    cause = np.where(broken, cause_number("setup"), np.where(hiccup, EVERYDAY, -1)).astype(np.int8)
    held = np.where(cause >= 0, dice.between("sync until", key, 1 * DAY, 4 * DAY), 0)
    gives_up = dice.chance("gives up", key, np.where(cause >= 0, 0.12, 0.06))
    ends = who.since + dice.soon("ends", key, 900 * DAY) + 45 * DAY
    return Table(
        key=key,
        customer=who.customer,
        time=who.since,
        number=600_000 + who.customer.astype(np.int64),
        plan=dice.pick("plan", key, [50, 35, 15]),
        begins=begins,
        pace=pace,
        syncs=syncs,
        cause=cause,
        tries=dice.pick("sync tries", key, [2, 4, 3]),
        done=np.where(gives_up, np.inf, begins + pace * 95 * MINUTE + held),
        usual=begins + pace * 95 * MINUTE,
        until=syncs + held + pace * 45 * MINUTE,
        ends=ends,
        need=dice.keys("need get-set-up", key),
        change=dice.keys("need change-or-cancel", key),
    ).set(**_more(plan, key, begins + pace * 95 * MINUTE + held))


def _more(plan: Plan, key: Keys, ready: NDArray[np.float64]) -> dict[str, NDArray[Any]]:
    """Joining another tool, and moving over from an old hub, for those who do it once they are `ready`."""
    dice = plan.dice
    tool = np.where(dice.chance("tool", key, 0.4), ready + dice.around("tool when", key, 3 * DAY, 0.8), np.inf)
    joined = dice.chance("tool joins", key, 0.93)
    moves = np.where(dice.chance("moves", key, 0.2), ready + dice.around("moves when", key, 1 * DAY, 0.5), np.inf)
    stays = dice.chance("moves over", key, 0.9)
    return {
        "tool": dice.pick("which tool", key, [1] * len(TOOLS)),
        "tool_begins": tool,
        "tool_done": np.where(joined, tool + dice.around("tool joins when", key, 25 * MINUTE, 0.7), np.inf),
        "tool_need": dice.keys("need connect-another-tool", key),
        "move_begins": moves,
        "move_done": np.where(stays, moves + dice.around("moves over when", key, 9 * DAY, 0.4), np.inf),
        "move_need": dice.keys("need switch-from-the-old-one", key),
    }


def setup_troubles(plan: Plan, table: Table) -> Table:
    held = table.take(table.cause >= 0)
    return troubles_of(plan, "setup", held, held.syncs, held.until, held.cause, held.number)


def invoices(plan: Plan, subscriptions: Table) -> Table:
    """One row a monthly invoice, from the month after the start until the subscription ends."""
    dice = plan.dice
    months = np.arange(int(1.4 * plan.length / MONTH) + 1)
    issued = subscriptions.time[:, None] + months * MONTH + 6 * HOUR
    here = (issued >= -WARM_UP * DAY) & (issued < plan.length) & (issued < subscriptions.ends[:, None])
    row, month = np.nonzero(here)
    issued, some = issued[here], subscriptions.take(row)
    number = some.customer.astype(np.int64) * 1000 + month
    key = dice.keys("invoice", number)
    wrong = plan.during("invoice", issued) & dice.chance("wrong", key, 0.6)
    factor = np.where(wrong, dice.pick("wrong by", key, [2, 1, 1]) * 0.5 + 1.5, 1.0)
    viewed = dice.chance("views invoice", key, np.where(wrong, 0.75, 0.55))
    usual = issued + dice.between("pays invoice", key, 3 * DAY, 6 * DAY)
    mended = issued + dice.between("mended", key, 4 * DAY, 9 * DAY)
    return Table(
        key=key,
        customer=some.customer,
        time=issued,
        number=number,
        subscription=some.number,
        amount=np.round(PRICE[some.plan] * factor, 2),
        right=PRICE[some.plan],
        wrong=wrong,
        billing=_billing(plan, issued),
        viewed=np.where(viewed, issued + dice.around("views when", key, 20 * HOUR, 0.9), np.inf),
        mended=np.where(wrong, mended, np.inf),
        usual=usual,
        paid=np.where(wrong, np.maximum(mended + DAY, usual), usual),
        need=dice.keys("need understand-an-invoice", key),
    )


def _billing(plan: Plan, time: np.ndarray) -> np.ndarray:
    first, last = (round(share * plan.days) * DAY for share in plan.weeks["invoice"])
    return np.where(time < first, 0, np.where(time < last, 1, 2)).astype(np.int8)


def invoice_troubles(plan: Plan, table: Table) -> Table:
    wrong = table.take(table.wrong)
    cause = np.full(len(wrong), cause_number("invoice"), dtype=np.int8)
    return troubles_of(plan, "invoice", wrong, wrong.time, wrong.mended, cause, wrong.number)


def changes(plan: Plan, invoices: Table) -> Table:
    """One row a plan that somebody wants to change."""
    some = invoices.take(plan.dice.chance("changes", invoices.key, 0.03))
    key = plan.dice.keys("change", some.key)
    asked = some.time + plan.dice.between("changes when", key, 1 * DAY, 20 * DAY)
    done = asked + plan.dice.around("changed", key, 7 * HOUR, 0.4)
    need = plan.dice.keys("need change-or-cancel", key)
    return Table(key=key, customer=some.customer, time=asked, done=done, number=some.subscription, need=need)


def renewals(plan: Plan, subscriptions: Table) -> Table:
    """One row a term of three months that comes to its end."""
    parts = []
    for term in range(1, int(1.4 * plan.length / TERM) + 2):
        due = subscriptions.time + term * TERM - 10 * DAY
        some = subscriptions.take((due >= -WARM_UP * DAY) & (due < plan.length) & (due + 20 * DAY < subscriptions.ends))
        key = plan.dice.keys(f"renewal {term}", some.key)
        parts.append((key, some.customer, some.time + term * TERM - 10 * DAY, some.number))
    key, customer, time, number = (np.concatenate(column) for column in zip(*parts, strict=True))
    done = time + plan.dice.around("renews", key, 4 * DAY, 0.4)
    need = plan.dice.keys("need renew", key)
    return Table(key=key, customer=customer, time=time, done=done, number=number, need=need)


def ended(renewals: Table, subscriptions: Table) -> Table:
    """Renewals with the end of their subscription: what has ended is not renewed."""
    ends = dict(zip(subscriptions.customer.tolist(), subscriptions.ends.tolist(), strict=True))
    until = np.array([ends.get(customer, np.inf) for customer in renewals.customer.tolist()])
    late = renewals.done > until
    return renewals.set(done=np.where(late, np.inf, renewals.done), ends=np.where(late, until, np.inf))


def tell(plan: Plan, log: Log, table: Table) -> None:
    """Starting, setting up, and the end."""
    dice = plan.dice
    of: dict[str, Any] = {"subscription_id": table.number}
    log.add("Subscription Started", table, table.time, place="/subscribe", plan=table.plan, **of)
    log.add("Setup Started", table, table.begins, channel="app", place="/setup", **of)
    moments = [table.begins + table.pace * 20 * MINUTE, table.until - table.pace * 15 * MINUTE, table.done - 5 * MINUTE]
    for step, moment in enumerate(moments):
        gone = np.isinf(table.done) & (step > 0)
        at = np.where(gone, np.inf, moment)
        log.add("Setup Step Completed", table, at, channel="app", which=str(step), step=np.int8(step), **of)
        guided = np.where(dice.chance(f"guided {step}", table.key, 0.25), at - 6 * MINUTE, np.inf)
        log.add("Guide Step Completed", table, guided, channel="app", which=str(step), step=np.int8(step), **of)
    for one in range(3):
        some = table.take((table.cause >= 0) & (table.tries >= one))
        at = some.syncs + one * dice.around("sync again", some.key, 3 * HOUR, 0.5)
        number = some.number
        log.add("Sync Failed", some, at, channel="app", actor="system", which=str(one), subscription_id=number)
    log.add("Setup Completed", table, table.done, channel="app", place="/setup", **of)
    log.add("Tool Connection Started", table, table.tool_begins, channel="app", tool=table.tool)
    log.add("Tool Connected", table, table.tool_done, channel="app", tool=table.tool)
    log.add("Migration Started", table, table.move_begins, channel="app", place="/move")
    for name, share in (("Data Imported", 0.3), ("Migration Checked", 0.7), ("Migration Completed", 1.0)):
        part = table.take(np.isfinite(table.move_done))
        at = part.move_begins + share * (part.move_done - part.move_begins)
        log.add(name, part, at, channel="app", place="/move")
    log.add("Cancellation Requested", table, table.ends - DAY, place="/plan", **of)
    log.add("Subscription Cancelled", table, table.ends, channel="email", actor="company", **of)


def tell_invoices(plan: Plan, log: Log, table: Table) -> None:
    of: dict[str, Any] = {"invoice_id": table.number, "subscription_id": table.subscription}
    more: dict[str, Any] = {"amount": table.amount, "wrong": table.wrong, "billing": table.billing}
    log.add("Invoice Issued", table, table.time, channel="email", actor="company", **of, **more)
    log.add("Invoice Viewed", table, table.viewed, place="/invoices", **of)
    downloads = np.where(plan.dice.chance("downloads", table.key, 0.2), table.viewed + 2 * MINUTE, np.inf)
    log.add("Invoice Downloaded", table, downloads, place="/invoices", **of)
    log.add("Invoice Corrected", table, table.mended, channel="email", actor="company", amount=table.right, **of)
    log.add("Invoice Paid", table, table.paid, channel="email", actor="system", **of)


def tell_changes(log: Log, changes: Table, renewals: Table) -> None:
    of: dict[str, Any] = {"subscription_id": changes.number}
    log.add("Plan Change Requested", changes, changes.time, place="/plan", **of)
    log.add("Plan Changed", changes, changes.done, channel="email", actor="company", **of)
    of = {"subscription_id": renewals.number}
    log.add("Renewal Due", renewals, renewals.time, channel="email", actor="company", **of)
    log.add("Subscription Renewed", renewals, renewals.done, place="/plan", **of)
