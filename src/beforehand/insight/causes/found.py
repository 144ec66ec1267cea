"""What is found: a cause of contacts, with its numbers."""

import math
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from beforehand.lib.statistics.interval import normal

CLUMPS = 2.0
"""Contacts of one customer come in clumps: their number in a sample spreads so much more."""


@dataclass(frozen=True)
class Cause:
    """A trouble and the contacts that it brought.

    `value`, `low`, `high`: attributable contacts, of those observed. `observed` contacts came in its share of the days
    after it, `expected` would have come anyway. `found` says whether it is blamed, at false discovery rate `q`.
    `lost` is taken off already: what those who left because of it would have written later.
    `victims` are the times it struck, `customers` whom, `silent` those of them who did not write in its days. `cost` is
    money with its interval. `where`, `start`, `end`: an incident of the trouble (days as ISO dates, both included, None
    for an open end); without them, the trouble wherever no incident is. `before`: those who had written in the week
    before over how many usually have; far above 1, customers knew sooner, or it was noted because
    they wrote.
    """

    key: str
    name: str
    sort: str
    kind: str
    step: str
    owner: str
    where: tuple[tuple[str, str], ...]
    start: str | None
    end: str | None
    ordinary: bool
    value: float
    low: float
    high: float
    observed: float
    expected: float
    p: float
    q: float
    found: bool
    lost: float
    victims: float
    customers: int
    silent: int
    cost: float
    cost_low: float
    cost_high: float
    before: float
    before_p: float
    mediators: tuple[tuple[str, int], ...]
    rank: int = 0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def scaled(self, share: float) -> "Cause":
        """Of all customers, where a random share of them was looked at: the interval is that of the sample too."""
        if share == 1:
            return self
        value, half = self.value / share, (self.value - self.low) / share / normal()
        half = normal() * math.hypot(half, math.sqrt(CLUMPS * max(value, 0.0) * (1 - share) / share))
        cost = self.cost / self.value if self.value else 0.0
        counts = {name: getattr(self, name) / share for name in ("observed", "expected", "lost", "victims")}
        people = {name: round(getattr(self, name) / share) for name in ("customers", "silent")}
        return replace(
            self, value=value, low=value - half, high=value + half, cost=cost * value, cost_low=cost * (value - half),
            cost_high=cost * (value + half), **counts, **people,
        )  # fmt: skip

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Cause":
        known = {key: value for key, value in values.items() if key in cls.__dataclass_fields__}
        known["where"] = tuple((key, value) for key, value in known.get("where", ()))
        known["mediators"] = tuple((name, times) for name, times in known.get("mediators", ()))
        return cls(**known)


@dataclass(frozen=True)
class Findings:
    """All that was judged, the blamed first, the most contacts first; and what it is to be seen against.

    `contacts` and `customers` in the data, `orders` (those who completed one, where there is such a touchpoint),
    `threads`: needs by kind. `victims` by the key of a cause: (touchpoint, customer, time, contacts), the newest first.
    `configuration`: the print of the kinds, rules and costs that it was searched with.
    """

    causes: tuple[Cause, ...]
    contacts: int
    attributed: float
    customers: int
    orders: int
    threads: dict[str, int]
    spread: float
    first: str
    last: str
    victims: dict[str, list[tuple[int, int, str, int]]] = field(default_factory=dict)
    configuration: str = ""

    @property
    def found(self) -> list[Cause]:
        return [one for one in self.causes if one.found]

    def per_thousand(self, one: Cause) -> dict[str, float | None]:
        """Attributable contacts for each 1,000 orders, customers and needs of the kind; None where there are none."""
        whole = {"orders": self.orders, "customers": self.customers, "needs": self.threads.get(one.kind, 0)}
        return {name: 1000 * one.value / count if count else None for name, count in whole.items()}

    def summary(self) -> dict[str, Any]:
        """All but the causes and their victims, as JSON can hold it."""
        return {name: value for name, value in self.__dict__.items() if name not in {"causes", "victims"}}
