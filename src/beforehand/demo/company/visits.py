"""Visits to the shop, on the web, in the app and in the two stores: looking, choosing, and going to the checkout."""

from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from beforehand.demo.company.log import DEVICE, OTHER, USER, Log
from beforehand.demo.company.plan import DAY, HOUR, MINUTE, WARM_UP, Plan
from beforehand.demo.company.table import Table

STORES = ["Quay Street", "Mill Lane"]
CATEGORIES = ["Ceiling", "Desk", "Floor", "Garden", "Bulbs", "Shades"]
PRODUCTS = [
    "Halo pendant", "Brass cluster", "Linen drum", "Arc desk lamp", "Clip reader", "Student lamp",
    "Tripod floor lamp", "Reading arc", "Paper column", "Path light", "Wall lantern", "Light chain",
    "Warm bulb set", "Colour bulb", "Pleated shade", "Rattan shade",
]  # fmt: skip
CATEGORY_OF = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 5])
PRICES = np.array([89, 149, 65, 79, 25, 39, 129, 99, 55, 69, 49, 29, 35, 19, 29, 45.0])
WEEKDAYS = np.array([1.0, 0.95, 0.95, 1.0, 1.0, 1.2, 1.25])
LOOKS = 4
AT_ONCE = 4_000_000


def season(plan: Plan) -> NDArray[np.float64]:
    """How busy each day is: dark months more than bright ones, the last week of November most, weekends more."""
    dates = [plan.start + timedelta(days=day - WARM_UP) for day in range(plan.span)]
    of_year = np.array([date.timetuple().tm_yday for date in dates])
    dark = 1 + 0.22 * np.cos((of_year - 350) / 365.25 * 2 * np.pi)
    sale = 1 + 0.7 * ((of_year >= 326) & (of_year <= 333))
    return np.asarray(dark * sale * WEEKDAYS[[date.weekday() for date in dates]])


def visits(plan: Plan, people: Table) -> Table:
    """One row a visit: when, how, what was looked at and how far it went."""
    busy, parts = season(plan), []
    step = max(1, AT_ONCE // plan.span)
    for first in range(0, len(people), step):
        some = people.take(np.arange(first, min(first + step, len(people))))
        number = some.customer[:, None].astype(np.int64) * plan.span + np.arange(plan.span)
        comes = plan.dice.chance("visit", number.ravel().astype(np.uint64), (some.visits[:, None] * busy).ravel())
        parts.append(number.ravel()[comes])
    number = np.concatenate(parts)
    key = plan.dice.keys("visit", number)
    customer = (number // plan.span).astype(np.int32)
    early = plan.dice.chance("morning", key, 0.4)
    hour = np.where(early, 11.0, 18.5) + np.where(early, 2.2, 2.0) * plan.dice.normal("hour", key)
    time = (number % plan.span - WARM_UP) * DAY + hour.clip(6.2, 23.4) * HOUR
    table = Table(key=key, customer=customer, number=number, time=time)
    table = table.take((time >= people.joined[customer]) & (time < plan.length))
    return _choices(plan, people, table)


def _choices(plan: Plan, people: Table, table: Table) -> Table:
    dice, key = plan.dice, table.key
    who = people.take(table.customer)
    store = ~who.visitor & dice.chance("in store", key, 0.10)
    other = who.second & ~store & dice.chance("other device", key, 0.25)
    open_to = ~store & ~other & ~who.visitor
    added = ~store & dice.chance("adds", key, 0.46)
    looks = np.stack([dice.around(f"look {look}", key, 1.1 * MINUTE, 0.7) for look in range(LOOKS)], axis=1).cumsum(1)
    looked = 1 + dice.pick("looks", key, [40, 30, 18, 12])
    adds = table.time + looks[np.arange(len(key)), looked - 1] + dice.around("adds when", key, 1.2 * MINUTE, 0.6)
    return table.set(
        store=store,
        other=other,
        app=who.app & ~store & ~other,
        looked=looked,
        looks=table.time[:, None] + looks,
        adds=adds,
        searched=~store & dice.chance("searches", key, 0.4),
        guide=~store & dice.chance("guide", key, 0.07),
        product=dice.pick("product", key, [1] * len(PRODUCTS)),
        added=added,
        cart=added & dice.chance("cart", key, 0.6),
        checkout=added & open_to & dice.chance("checkout", key, 0.74),
        bought=store & dice.chance("buys in store", key, 0.45),
        shop=dice.pick("which store", key, [0.6, 0.4]),
        start=adds + dice.around("to checkout", key, 2.2 * MINUTE, 0.6),
    )


def as_whom(people: Table, visits: Table) -> NDArray[np.int8]:
    """Before their first checkout half of the people, and visitors always, are seen as a device."""
    first = np.full(len(people), np.inf)
    sure = visits.take(visits.checkout)
    np.minimum.at(first, sure.customer, sure.start)
    who = people.take(visits.customer)
    anonymous = who.visitor | (who.browses_first & (visits.time < first[visits.customer]) & np.isinf(who.since))
    return np.where(visits.other, OTHER, np.where(anonymous & ~visits.store, DEVICE, USER)).astype(np.int8)


def tell(plan: Plan, log: Log, people: Table, visits: Table) -> None:
    """What a visit leaves in the log, up to the checkout."""
    visits = visits.set(seen=as_whom(people, visits), platform=people.platform[visits.customer])
    _came(plan, log, visits)
    online = visits.take(~visits.store)
    channel = log.code("channel", ["web", "app"], online.app.astype(int))
    how: dict[str, Any] = {"channel": channel, "seen": online.seen, "platform": online.platform}
    log.add("Page Viewed", online, online.time, place="/", **how)
    some = np.flatnonzero(online.searched)
    _some(
        log,
        "Products Searched",
        online,
        some,
        online.time + 0.7 * (online.looks[:, 0] - online.time),
        how,
        place="/search",
    )
    for look in range(LOOKS):
        some = np.flatnonzero(online.looked > look)
        product = (online.product + 5 * (online.looked - 1 - look)) % len(PRODUCTS)
        about: dict[str, Any] = how | {
            "product": product.astype(np.int16),
            "category": CATEGORY_OF[product].astype(np.int16),
        }
        _some(log, "Product Viewed", online, some, online.looks[:, look], about, place="/product", which=str(look))
    about = how | {"product": online.product, "category": CATEGORY_OF[online.product].astype(np.int16)}
    _some(log, "Guide Read", online, np.flatnonzero(online.guide), online.adds - 20, how, place="/guides")
    cart = about | {"cart_id": online.number}
    _some(log, "Product Added", online, np.flatnonzero(online.added), online.adds, cart, place="/cart")
    views = online.adds + 0.6 * (online.start - online.adds)
    _some(log, "Cart Viewed", online, np.flatnonzero(online.cart), views, how, place="/cart")


def _came(plan: Plan, log: Log, visits: Table) -> None:
    dice = plan.dice
    came = dice.pick("came by", visits.key, [10, 8, 82])
    before = dice.between("came before", visits.key, 0.5 * MINUTE, 8 * MINUTE)
    by_ad = visits.take((came == 0) & ~visits.store)
    log.add("Ad Clicked", by_ad, (visits.time - before)[(came == 0) & ~visits.store], channel="social", seen=by_ad.seen)
    by_post = visits.take(came == 1)
    earlier = (visits.time - 40 * before)[came == 1]
    log.add("Social Post Seen", by_post, earlier, channel="social", seen=by_post.seen)
    shop = visits.take(visits.store)
    place = log.code("place", STORES, shop.shop)
    log.add("Store Visited", shop, shop.time, channel="store", place=place)
    bought = shop.take(shop.bought)
    place = log.code("place", STORES, bought.shop)
    total = PRICES[bought.product]
    log.add(
        "Bought in Store",
        bought,
        bought.time + 14 * MINUTE,
        channel="store",
        place=place,
        product=bought.product,
        total=total,
    )


def _some(
    log: Log,
    name: str,
    of: Table,
    rows: NDArray[np.intp],
    time: NDArray[np.float64],
    columns: dict[str, Any],
    place: str = "",
    which: str = "",
) -> None:
    """A touchpoint for these rows of a table; all columns are given for the whole table."""
    chosen = {name: column[rows] for name, column in columns.items()}
    log.add(name, of.take(rows), time[rows], place=place, which=which, **chosen)
