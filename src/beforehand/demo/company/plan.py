"""What the company is like and what goes wrong in it: sizes, rates, and the weeks of each cause."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import numpy as np

from beforehand.demo.company.draws import Dice

DAY = 86_400.0
HOUR = 3_600.0
MINUTE = 60.0
WARM_UP = 21
"""Days of life before the log begins, so that its first days are like all others."""

CAUSES = {
    "release": "A release of the iOS app and of the checkout on iOS makes payments fail.",
    "courier": "Swiftline is late in the West, and does not find people at home.",
    "invoice": "For some weeks invoices carry the wrong amount.",
    "refund": "Refunds that were promised are paid after the day that was named.",
    "setup": "After a change the hub does not sync while people set it up.",
}
"""The planted causes. Each has its weeks, and each can be switched off."""
EXTRAS = {
    "slow": "Parcels of Mill Lane lie in the store for days before the courier takes them.",
    "everyday": "Cards are declined, parcels are late and syncs fail now and then, as everywhere.",
}
"""What goes wrong for long, or at any time. It can be switched off in the same way."""
WEEKS: MappingProxyType[str, tuple[float, float]] = MappingProxyType(
    {
        "release": (0.86, 0.97),
        "courier": (0.78, 0.93),
        "invoice": (0.45, 0.62),
        "refund": (0.20, 0.50),
        "setup": (0.50, 0.80),
        "slow": (0.20, 1.01),
    }
)
"""From when to when, as shares of the time that is simulated."""
COSTS = MappingProxyType({"email": 5.5, "chat": 4.2, "phone": 7.8, "social": 4.0, "store": 6.0})
"""What answering one contact costs, in euros."""


def awake(time: np.ndarray) -> np.ndarray:
    """What somebody would do at night they do in the morning."""
    return np.where(time % DAY < 6.5 * HOUR, time + 6.75 * HOUR, time)


@dataclass(frozen=True)
class Plan:
    """A company of so many customers over so many days. Nothing of it depends on what is switched off."""

    customers: int
    days: int
    seed: int
    off: frozenset[str] = frozenset()
    end: datetime = datetime(2026, 11, 1, tzinfo=UTC)
    weeks: MappingProxyType[str, tuple[float, float]] = field(default_factory=lambda: WEEKS)
    subscribers: float = 0.30
    returns: float = 0.11
    dice: Dice = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        unknown = set(self.off) - set(CAUSES) - set(EXTRAS)
        if unknown:
            known = ", ".join([*CAUSES, *EXTRAS])
            raise ValueError(f"There is no cause “{min(unknown)}”. There are: {known}.")
        if self.customers < 1 or self.days < 30:
            raise ValueError("A company has at least 1 customer and 30 days.")
        object.__setattr__(self, "dice", Dice(self.seed))

    @property
    def start(self) -> datetime:
        """The midnight with which the first day begins."""
        midnight = self.end.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight - timedelta(days=self.days)

    @property
    def length(self) -> float:
        """Seconds from the start to the end, which may lie within a day."""
        return (self.end - self.start).total_seconds()

    @property
    def span(self) -> int:
        """Days of life: those of the log, one that may only have begun, and those before the log."""
        return self.days + 1 + WARM_UP

    def window(self, cause: str) -> tuple[float, float]:
        """From when to when a cause is at work, in seconds from the start; never, if it is switched off."""
        if cause in self.off:
            return np.inf, np.inf
        first, last = self.weeks.get(cause) or WEEKS[cause]
        return round(first * self.days) * DAY, round(last * self.days) * DAY

    def during(self, cause: str, time: np.ndarray) -> np.ndarray:
        first, last = self.window(cause)
        return (time >= first) & (time < last)


def small(seed: int, off: Iterable[str] = ()) -> Plan:
    """A small company for judging, whose causes lie in other weeks for every seed: a few hundred contacts each."""
    dice = Dice(seed)
    names = np.arange(len(CAUSES), dtype=np.uint64)
    lengths = {"release": 0.26, "courier": 0.26, "invoice": 0.24, "refund": 0.40, "setup": 0.42}
    starts = dice.between("weeks", names, 0.08, 0.92 - np.array([lengths[cause] for cause in CAUSES]))
    weeks = {cause: (float(start), float(start) + lengths[cause]) for cause, start in zip(CAUSES, starts, strict=True)}
    return Plan(7_000, 220, seed, frozenset(off), weeks=MappingProxyType(weeks))
