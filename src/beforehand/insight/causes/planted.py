"""A made-up shop whose truth is known, to see whether the causes of contacts are found and how well they are counted.

Customers order, parcels come, people write in the days after an order whatever happens, busy ones order and write more,
and whoever wrote may write again. Two troubles are planted: parcels of one courier are delayed in some weeks, and now
and then a card is declined. Each brings contacts of its own on top, so that the truth of a trouble is the number of
contacts that carry its mark.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

DAY = 86_400.0
KINDS = {"Delivery Delayed": "failure", "Payment Failed": "failure", "Rain": "failure", "Email Received": "contact"}


@dataclass
class Shop:
    """Touchpoints as rows of the lake (without previous and gap), and how many contacts each trouble truly brought."""

    rows: list[tuple[Any, ...]] = field(default_factory=list)
    truth: dict[str, int] = field(default_factory=dict)

    def load(self, db: Any) -> None:
        """Make the tables `touchpoints` and `catalogue` of a DuckDB connection."""
        import pyarrow as pa

        columns = ("customer", "time", "name", "channel", "properties", "mark")
        rows = sorted(self.rows, key=lambda row: (row[1], row[0], row[2]))
        table = pa.table({name: [row[at] for row in rows] for at, name in enumerate(columns)})
        db.register("made", table)
        db.execute(
            """create or replace table touchpoints as
               select row_number() over (order by time, customer, name) as id, customer::bigint as customer,
                 timestamp '2026-01-05' + to_microseconds((time * 1e6)::bigint) as time,
                 (timestamp '2026-01-05' + to_microseconds((time * 1e6)::bigint))::date as day, name, channel,
                 '' as place, case when name = 'Order Completed' then 'customer' else 'system' end as actor,
                 1 as source, properties
               from made"""
        )
        db.unregister("made")
        names = sorted({row[2] for row in rows} | set(KINDS))
        db.register("kinds", pa.table({"name": names, "kind": [KINDS.get(name, "value") for name in names]}))
        db.execute("create or replace table catalogue as select name, name as label, kind from kinds")
        db.unregister("kinds")

    def add(self, customer: int, at: float, name: str, mark: str = "", **properties: str) -> None:
        words = ", ".join(f'"{key}": "{value}"' for key, value in properties.items())
        channel = "email" if name == "Email Received" else "web"
        self.rows.append((customer, at, name, channel, "{" + words + "}", mark))


def shop(customers: int = 1500, days: int = 150, courier: bool = True, cards: bool = True, seed: int = 0) -> Shop:
    """A shop of so many customers and days with the two troubles on or off. `Rain` follows orders and does nothing."""
    rng = np.random.default_rng(seed)
    made = Shop(truth={"Delivery Delayed": 0, "Payment Failed": 0})
    for customer in range(1, customers + 1):
        busy = rng.gamma(2, 0.5)
        for _ in range(rng.poisson(days * 0.02 * busy)):
            _order(made, rng, customer, busy, rng.uniform(0, days), days, courier, cards)
        for at in rng.uniform(0, days, rng.poisson(days * 0.002 * busy)):
            _contact(made, rng, customer, at, days, "")
    return made


def _order(
    made: Shop,
    rng: np.random.Generator,
    customer: int,
    busy: float,
    at: float,
    days: int,
    courier: bool,
    cards: bool,
) -> None:
    """One order from the cart to the door, the trouble on its way, and what is written about it."""
    order, via = f"{customer}-{at:.4f}", str(rng.choice(["West", "East", "North"], p=[0.3, 0.4, 0.3]))
    fails, late, wet = rng.random(3)
    shipped, coming = at + rng.gamma(2, 0.5), rng.gamma(4, 0.7)
    about = {"order_id": order, "courier": via}
    made.add(customer, at * DAY, "Checkout Started", order_id=order)
    if cards and fails < 0.04:
        made.add(customer, (at + 0.001) * DAY, "Payment Failed", order_id=order)
        _brought(made, rng, customer, at + 0.001, days, 0.7, "Payment Failed")
    made.add(customer, (at + 0.003) * DAY, "Order Completed", **about)
    if shipped >= days:
        return
    made.add(customer, shipped * DAY, "Order Shipped", **about)
    due = shipped + coming
    chance = 0.30 if via == "West" and 0.4 * days <= at < 0.75 * days else 0.03
    if courier and late < chance:
        noted, due = shipped + 0.6 * coming, shipped + 2 * coming
        made.add(customer, noted * DAY, "Delivery Delayed", **about)
        _brought(made, rng, customer, noted, days, 0.8, "Delivery Delayed")
    if wet < 0.05:
        made.add(customer, (shipped + 0.5 * coming) * DAY, "Rain", **about)
    if due < days:
        made.add(customer, due * DAY, "Order Delivered", **about)
    for age in rng.exponential(4, rng.poisson(0.25 * busy)):
        _contact(made, rng, customer, at + age, days, "")


def _brought(made: Shop, rng: np.random.Generator, customer: int, at: float, days: int, mean: float, mark: str) -> None:
    for wait in rng.gamma(1.2, 1.6, rng.poisson(mean)):
        _contact(made, rng, customer, at + wait, days, mark)


def _contact(made: Shop, rng: np.random.Generator, customer: int, at: float, days: int, mark: str) -> None:
    """A contact, and with one chance in seven another one about the same."""
    while at < days:
        made.add(customer, at * DAY, "Email Received", mark)
        if mark:
            made.truth[mark] += 1
        if rng.random() >= 1 / 7:
            return
        at += rng.exponential(1.5)
