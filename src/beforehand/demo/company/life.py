"""A whole company's life, in the order in which one thing leads to another; then all of it goes into the log."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np

from beforehand.demo.company import access, answers, contacts, orders, returns, subscriptions, telling, visits
from beforehand.demo.company.log import Log
from beforehand.demo.company.needs import needs_of
from beforehand.demo.company.people import people
from beforehand.demo.company.plan import DAY, Plan
from beforehand.demo.company.stuck import stuck_of
from beforehand.demo.company.table import Table, stacked
from beforehand.demo.company.troubles import leaving


@dataclass(frozen=True)
class Company:
    """What happened. Times are seconds from `plan.start`.

    contacts and troubles: one row each, with their true cause. life: visits, checkouts, orders, returns,
    subscriptions, invoices, changes, renewals, lockouts. What follows from these is worked out when it is asked for.
    """

    plan: Plan
    people: Table
    life: dict[str, Table]
    troubles: Table
    contacts: Table

    @cached_property
    def told(self) -> "Told":
        """The log with its words and texts."""
        log = Log(self.plan.dice, self.plan.length)
        texts = telling.tell(self.plan, log, self.people, self.life, self.troubles, self.contacts)
        surveys = answers.tell(self.plan, log, self.people, self.life, self.troubles, self.contacts)
        words = {name: words.texts for name, words in log.words.items()}
        return Told(telling.lose(self.plan, self.people, log.finish(), words), words, texts, surveys)

    @property
    def touchpoints(self) -> Table:
        """key, customer, seen, time, name, channel, place, actor, lost, text, and one column a property, by time.

        Words and texts are numbers into `words` and `texts`, properties as `properties` says.
        """
        return self.told.touchpoints

    @property
    def words(self) -> dict[str, list[str]]:
        """The texts of name, channel, place and actor."""
        return self.told.words

    @property
    def texts(self) -> list[str]:
        """What each contact says, in the order of `contacts`, and then what we answered to each."""
        return self.told.texts

    @property
    def needs(self) -> Table:
        """Every need by the company's own count: see `needs.needs_of`."""
        return self._needs[0]

    @property
    def asked(self) -> Table:
        """The contacts, each with the key of the need in `needs` that it is about."""
        return self._needs[1]

    @cached_property
    def _needs(self) -> tuple[Table, Table]:
        return needs_of(self)

    @cached_property
    def stuck(self) -> Table:
        """The planted slow-downs: see `stuck.stuck_of`."""
        return stuck_of(self)


@dataclass(frozen=True)
class Told:
    """What a company's life left in its log."""

    touchpoints: Table
    words: dict[str, list[str]]
    texts: list[str]
    surveys: dict[str, dict[str, float]]


def simulate(customers: int, days: int, seed: int, off: Iterable[str] = (), end: datetime | None = None) -> Company:
    """A company of so many customers over so many days, with these causes switched off."""
    more: dict[str, Any] = {"end": end} if end else {}
    return live(Plan(customers, days, seed, frozenset(off), **more))


def live(plan: Plan) -> Company:
    """The life that a plan leads to."""
    everybody = people(plan)
    life, troubles = _happens(plan, everybody)
    leaves = leaving(plan, everybody, troubles, life["visits"])
    everybody = everybody.set(leaves=leaves)
    life = _without_leavers(life, leaves)
    alive = np.concatenate(
        [life[name].need for name in ("orders", "checkouts", "returns", "invoices", "subscriptions")]
    )
    troubles = troubles.take(np.isin(troubles.need, alive))
    return Company(plan, everybody, life, troubles, contacts.contacts(plan, everybody, life, troubles))


def _happens(plan: Plan, everybody: Table) -> tuple[dict[str, Table], Table]:
    """Everything that would happen if nobody left."""
    seen = visits.visits(plan, everybody)
    paying = orders.checkouts(plan, everybody, seen)
    bought = orders.orders(plan, everybody, paying)
    back = returns.returns(plan, bought)
    subscribed = subscriptions.subscriptions(plan, everybody)
    billed = subscriptions.invoices(plan, subscribed)
    life = {
        "visits": seen,
        "checkouts": paying,
        "orders": bought,
        "returns": back,
        "subscriptions": subscribed,
        "invoices": billed,
        "changes": subscriptions.changes(plan, billed),
        "renewals": subscriptions.renewals(plan, subscribed),
        "lockouts": access.lockouts(plan, everybody, seen),
    }
    troubles = [
        orders.payment_troubles(plan, paying),
        *orders.order_troubles(plan, bought),
        returns.refund_troubles(plan, back),
        subscriptions.invoice_troubles(plan, billed),
        subscriptions.setup_troubles(plan, subscribed),
    ]
    return life, stacked(troubles)


def _without_leavers(life: dict[str, Table], leaves: np.ndarray) -> dict[str, Table]:
    """Nothing new begins after somebody has left. What they have ordered still comes."""
    kept = {name: table.take(table.time < leaves[table.customer]) for name, table in life.items() if name != "returns"}
    kept["returns"] = life["returns"].take(np.isin(life["returns"].number, kept["orders"].number))
    ends = np.minimum(kept["subscriptions"].ends, leaves[kept["subscriptions"].customer] + DAY)
    done = np.where(kept["subscriptions"].done > ends, np.inf, kept["subscriptions"].done)
    kept["subscriptions"] = kept["subscriptions"].set(ends=ends, done=done)
    kept["renewals"] = subscriptions.ended(kept["renewals"], kept["subscriptions"])
    return kept
