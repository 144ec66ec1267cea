"""From the checkout to the parcel at the door, and what goes wrong on the way: payments and couriers."""

from typing import Any

import numpy as np

from beforehand.demo.company.log import Log
from beforehand.demo.company.plan import DAY, HOUR, MINUTE, Plan
from beforehand.demo.company.table import Table
from beforehand.demo.company.troubles import EVERYDAY, cause_number, troubles_of
from beforehand.demo.company.visits import PRICES, STORES

COURIERS = ["Swiftline", "Parcelway"]
VERSIONS = ["4.11", "4.12", "4.13"]
HERE, ELSEWHERE, TOMORROW, LOST = range(4)
"""What becomes of a payment that failed: it works in the end, on another device, another day, or never."""


def checkouts(plan: Plan, people: Table, visits: Table) -> Table:
    """One row a checkout. `paid` is infinite where nothing was bought; `cause` is that of a failed payment, or -1."""
    dice = plan.dice
    table = visits.take(visits.checkout)
    key = dice.keys("checkout", table.key)
    table = table.set(key=key, time=table.start, need=dice.keys("need complete-a-purchase", key))
    platform = people.platform[table.customer]
    released = plan.during("release", table.time) & (platform == 0)
    broken = released & dice.chance("payment breaks", key, 0.6)
    declined = dice.chance("declined", key, 0.012) & ("everyday" not in plan.off)
    cause = np.where(broken, cause_number("release"), np.where(declined, EVERYDAY, -1)).astype(np.int8)
    stays = dice.chance("checks out", key, 0.9)
    failing = (cause >= 0) & stays
    fate = np.where(failing, dice.pick("after failure", key, [26, 46, 26, 2]), HERE)
    after = np.choose(fate, [6 * MINUTE, 2 * HOUR, 0.9 * DAY, 0.0]) * dice.around("try again", key, 1.0, 0.4)
    usual = dice.between("pays", key, 3 * MINUTE, 9 * MINUTE)
    paid = np.where(stays & (fate != LOST), table.time + usual + np.where(failing, after, 0), np.inf)
    return table.set(
        platform=platform,
        cause=np.where(failing, cause, -1).astype(np.int8),
        failed=table.time + 0.9 * usual,
        tries=dice.pick("tries", key, [3, 4, 3]),
        stays=stays,
        fate=fate,
        usual=usual,
        paid=paid,
        version=_version(plan, table.time, platform),
    )


def _version(plan: Plan, time: np.ndarray, platform: np.ndarray) -> np.ndarray:
    """Which release of the checkout somebody has; it is on its way whether or not it breaks anything."""
    first, last = (round(share * plan.days) * DAY for share in plan.weeks["release"])
    newest = np.where(time < first, 0, np.where(time < last, 1, 2))
    return np.where(platform == 0, newest, 0).astype(np.int8)


def payment_troubles(plan: Plan, table: Table) -> Table:
    failed = table.take(table.cause >= 0)
    return troubles_of(plan, "payment", failed, failed.failed, failed.paid, failed.cause, number=failed.number)


def orders(plan: Plan, people: Table, bought: Table) -> Table:
    """One row an order, with everything that happens to it, in seconds from the start."""
    dice = plan.dice
    bought = bought.take(np.isfinite(bought.paid))
    key = dice.keys("order", bought.key)
    region = people.region[bought.customer]
    courier = np.where(dice.chance("courier", key, np.where(region == 3, 0.7, 0.35)), 0, 1).astype(np.int8)
    packed = bought.paid + dice.around("packs", key, 15 * HOUR, 0.3)
    waits = dice.around("handed over", key, 7 * HOUR, 0.3)
    store = dice.pick("from store", key, [0.65, 0.35]).astype(np.int8)
    slow = (store == 1) & plan.during("slow", packed) & dice.chance("lies around", key, 0.13)
    shipped = packed + waits + np.where(slow, dice.between("lies how long", key, 4 * DAY, 8 * DAY), 0)
    way = dice.around("on the way", key, 34 * HOUR, 0.24)
    late = (courier == 0) & (region == 3) & plan.during("courier", shipped) & dice.chance("late", key, 0.78)
    now_and_then = dice.chance("late anyway", key, 0.015) & ("everyday" not in plan.off)
    cause = np.where(late, cause_number("courier"), np.where(now_and_then, EVERYDAY, -1)).astype(np.int8)
    extra = np.where(cause >= 0, dice.between("how late", key, 2.5 * DAY, 6 * DAY), 0)
    return Table(
        key=key,
        customer=bought.customer,
        time=bought.paid,
        number=_order_number(plan, bought.number),
        need=dice.keys("need receive-my-order", key),
        cart=bought.number,
        fate=bought.fate,
        product=bought.product,
        platform=bought.platform,
        version=bought.version,
        app=bought.app,
        total=np.round(PRICES[bought.product] * dice.around("amount", key, 1.15, 0.25), 2),
        region=region.astype(np.int8),
        courier=courier,
        store=store,
        packed=packed,
        waits=waits,
        slow=slow,
        shipped=shipped,
        way=way,
        delivered=shipped + way + extra,
        cause=cause,
        noted=shipped + 0.95 * way,
        missed=(cause >= 0) & dice.chance("not at home", key, 0.3),
    )


def _order_number(plan: Plan, number: np.ndarray) -> np.ndarray:
    """Numbers that say nothing about when and by whom, each once: multiples modulo a prime."""
    prime = next(n for n in range(max(plan.customers * plan.span, 900_000) + 1, 2**62) if _is_prime(n))
    return ((number * 611_953 + 104_729) % prime + 100_000).astype(np.int64)


def _is_prime(number: int) -> bool:
    return number > 1 and all(number % divisor for divisor in range(2, int(number**0.5) + 1))


def order_troubles(plan: Plan, table: Table) -> list[Table]:
    """Late parcels, parcels that found nobody at home, and those that lie in the store."""
    late = table.take(table.cause >= 0)
    missed = table.take(table.missed)
    slow = table.take(table.slow)
    lies = np.full(len(slow), cause_number("slow"), dtype=np.int8)
    return [
        troubles_of(plan, "delay", late, late.noted, late.delivered, late.cause, number=late.number),
        troubles_of(
            plan, "missed", missed, missed.delivered - 0.8 * DAY, missed.delivered, missed.cause, missed.number
        ),
        troubles_of(plan, "slow", slow, slow.packed + 2 * slow.waits + DAY, slow.shipped, lies, slow.number),
    ]


def tell_checkouts(plan: Plan, log: Log, table: Table) -> None:
    """The steps of the checkout, with the failures and the tries after them."""
    channel = log.code("channel", ["web", "app"], table.app.astype(int))
    how: dict[str, Any] = {"platform": table.platform, "version": table.version}
    log.add("Signed In", table, table.time - 20, channel=channel, place="/sign-in", platform=table.platform)
    log.add("Checkout Started", table, table.time, channel=channel, place="/checkout", cart_id=table.number, **how)
    at = table.time + 0.4 * table.usual
    log.add("Shipping Details Entered", table, at, channel=channel, place="/checkout/address", **how)
    pays, where = table.take(table.stays), channel[table.stays]
    how = {"platform": pays.platform, "version": pays.version}
    at = pays.time + 0.8 * pays.usual
    log.add("Payment Info Entered", pays, at, channel=where, place="/checkout/payment", **how)
    for one in range(3):
        again = (pays.cause >= 0) & (pays.tries >= one)
        some, place = pays.take(again), where[again]
        how = {"platform": some.platform, "version": some.version, "cart_id": some.number, "channel": place}
        at = some.failed + 70.0 * one
        log.add(
            "Payment Failed", some, at, place="/checkout/payment", actor="system", which=str(one) if one else "", **how
        )
    again = (pays.cause >= 0) & (pays.fate != LOST) & (pays.fate != HERE)
    back, place = pays.take(again), where[again]
    log.add("Checkout Started", back, back.paid - 5 * MINUTE, place="/checkout", which="again", cart_id=back.number)
    log.add("Payment Info Entered", back, back.paid - MINUTE, place="/checkout/payment", which="again")


def tell(plan: Plan, log: Log, table: Table) -> None:
    """Orders placed, packed, shipped, delivered; and people who look where their parcel is."""
    where = np.where(np.isin(table.fate, [ELSEWHERE, TOMORROW]), 0, table.app.astype(int))
    channel = log.code("channel", ["web", "app"], where)
    parcel: dict[str, Any] = {"order_id": table.number, "courier": table.courier, "region": table.region}
    order: dict[str, Any] = {name: table.columns[name] for name in ("total", "product", "store", "platform")}
    order |= parcel | {"cart_id": table.cart}
    log.add("Order Completed", table, table.time, channel=channel, place="/checkout/done", **order)
    place = log.code("place", STORES, table.store)
    parcel["actor"] = "company"
    log.add("Order Packed", table, table.packed, channel="store", place=place, store=table.store, **parcel)
    log.add("Order Shipped", table, table.shipped, channel="courier", **parcel)
    log.add("Order Delivered", table, table.delivered, channel="courier", **parcel)
    _tell_troubles(log, table)
    dice = plan.dice
    for look, share in enumerate([0.6, 0.25, 0.1]):
        looks = dice.chance(f"tracks {look}", table.key, np.where(table.cause >= 0, 0.8, share))
        some = table.take(looks)
        at = some.shipped + (some.delivered - some.shipped) * dice.between(f"tracks when {look}", some.key, 0.1, 0.95)
        which = str(look)
        log.add("Tracking Page Viewed", some, at, place="/orders", order_id=some.number, which=which)


def _tell_troubles(log: Log, table: Table) -> None:
    late, missed = table.take(table.cause >= 0), table.take(table.missed)
    parcel: dict[str, Any] = {"order_id": late.number, "courier": late.courier, "region": late.region}
    log.add("Delivery Delayed", late, late.noted, channel="courier", actor="system", **parcel)
    parcel = {"order_id": missed.number, "courier": missed.courier, "region": missed.region}
    log.add("Delivery Failed", missed, missed.delivered - 0.8 * DAY, channel="courier", actor="company", **parcel)
