"""Who cannot sign in, and what happens beside all needs: offers, coupons that are refused, searches without result."""

import numpy as np

from beforehand.demo.company.log import Log
from beforehand.demo.company.plan import DAY, MINUTE, Plan
from beforehand.demo.company.table import Table


def lockouts(plan: Plan, people: Table, visits: Table) -> Table:
    """One row for every time that somebody cannot sign in."""
    dice = plan.dice
    has_account = ~people.visitor[visits.customer] & ~visits.store & ~visits.other
    some = visits.take(has_account & dice.chance("locked out", visits.key, 0.012))
    key = dice.keys("lockout", some.key)
    time = some.time + 90
    back = time + dice.around("gets back", key, 14 * MINUTE, 0.5)
    back = np.where(dice.chance("never back", key, 0.08), np.inf, back)
    need = dice.keys("need get-access-back", key)
    return Table(key=key, customer=some.customer, time=time, done=back, number=some.number, need=need)


def tell(plan: Plan, log: Log, lockouts: Table) -> None:
    for one, share in enumerate([1.0, 0.5, 0.2]):
        some = lockouts.take(plan.dice.chance(f"fails {one}", lockouts.key, share))
        log.add("Sign In Failed", some, some.time + 25.0 * one, place="/sign-in", which=str(one))
    at = lockouts.time + 2 * MINUTE
    log.add("Password Reset Requested", lockouts, np.where(lockouts.done < at + 30, np.inf, at), place="/sign-in")
    log.add("Account Recovered", lockouts, lockouts.done, place="/sign-in")


def tell_noise(plan: Plan, log: Log, people: Table, visits: Table) -> None:
    """Things that look like trouble and cause nothing; who is busy has more of them."""
    dice = plan.dice
    online = visits.take(~visits.store & ~visits.other)
    refused = online.take(online.added & dice.chance("coupon refused", online.key, 0.04))
    log.add("Coupon Denied", refused, refused.start - 0.3 * MINUTE, place="/cart")
    empty = online.take(online.searched & dice.chance("nothing found", online.key, 0.12))
    log.add("Search Found Nothing", empty, empty.time + 1.4 * MINUTE, place="/search")
    out = online.take(dice.chance("session ended", online.key, 0.02))
    log.add("Session Timed Out", out, out.time + 20 * MINUTE, actor="system")
    offered = people.take(dice.chance("wants offers", people.key, 0.4) & ~people.visitor)
    first = dice.between("first offer", offered.key, 0, 30)
    for month in range(plan.span // 30 + 1):
        time = (np.floor(first + month * 30) + dice.between(f"offer {month}", offered.key, 0.35, 0.8)) * DAY
        time = np.where((time < offered.joined) | (time > offered.leaves), np.inf, time)
        log.add("Offer Sent", offered, time, channel="email", actor="company", which=str(month))
