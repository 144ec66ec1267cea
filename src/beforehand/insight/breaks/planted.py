"""Made-up logs with known breaks, to see whether a scan finds what is there and nothing else.

A shop's customers come in visits, more from month to month and more at weekends; at weekends they also behave a
little differently. A case log has one long journey a customer. Either can have one planted break.
"""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from beforehand.insight.breaks.log import Log
from beforehand.insight.breaks.permute import givers
from beforehand.insight.segments import Dimension

NAMES = ["visit", "browse", "detail", "cart", "address", "payment", "order", "support"]
VISIT, BROWSE, DETAIL, CART, ADDRESS, PAYMENT, ORDER, SUPPORT = range(8)
STEPS: dict[int, list[tuple[int, float]]] = {
    VISIT: [(BROWSE, 0.7), (DETAIL, 0.2)],
    BROWSE: [(DETAIL, 0.6), (BROWSE, 0.2)],
    DETAIL: [(CART, 0.4), (BROWSE, 0.3), (SUPPORT, 0.02)],
    CART: [(ADDRESS, 0.6), (BROWSE, 0.15), (DETAIL, 0.1)],
    ADDRESS: [(PAYMENT, 0.75), (CART, 0.1)],
    PAYMENT: [(ORDER, 0.8), (ADDRESS, 0.05), (SUPPORT, 0.03)],
    ORDER: [(SUPPORT, 0.04)],
    SUPPORT: [(DETAIL, 0.3), (CART, 0.1)],
}
"""To which step, with which chance; what is left ends the visit."""
PLACES = {"change": PAYMENT, "loop": ADDRESS, "wait": ADDRESS, "dead_end": CART}
LONGEST = 40


@dataclass(frozen=True)
class Planted:
    """A break of this kind on days [start, end), among customers of a platform or all (""), so large.

    `size` is the share of trials that go wrong beyond the usual; for a wait, the waits are longer by this factor.
    """

    kind: str
    start: int
    end: int
    platform: str
    size: float

    @property
    def step(self) -> str:
        return NAMES[PLACES[self.kind]]


def shop(
    customers: int = 600, days: int = 180, planted: Planted | None = None, seed: int = 0, cases: bool = False
) -> Log:
    """A log of about 30 touchpoints a customer (8 as a case log)."""
    rng = np.random.default_rng(seed)
    platforms = ("web", "phone", "shop")
    regions = ("north", "south", "east", "west")
    rows: list[tuple[int, float, int, int, int]] = []
    busy = np.linspace(1, 3, days) * np.where(np.arange(days) % 7 >= 5, 1.6, 1.0)
    until = np.cumsum(busy) / busy.sum()
    for customer in range(1, customers + 1):
        platform, region = int(np.searchsorted([0.5, 0.85], rng.random())), int(rng.integers(4))
        for _visit in range(1 if cases else 1 + rng.poisson(5)):
            time = (int(np.searchsorted(until, rng.random())) + rng.uniform(0.3, 0.9)) * 86400
            _walk(rows, rng, customer, time, platform, region, platforms[platform], planted, days, cases)
    order = sorted(range(len(rows)), key=lambda at: rows[at][:2])
    table = np.array([rows[at] for at in order])
    return Log(
        customer=table[:, 0].astype(np.int64),
        time=table[:, 1],
        day=(table[:, 1] // 86400).astype(np.int32),
        name=table[:, 2].astype(np.int32),
        codes=table[:, 3:].T.astype(np.int16),
        names=NAMES,
        dimensions=[
            Dimension("platform", platforms),
            Dimension("region", regions),
        ],
        first_day=date(2026, 1, 1),
        days=days,
        share=1.0,
        kinds={"support": "contact"},
    )


def _walk(
    rows: list[tuple[int, float, int, int, int]],
    rng: np.random.Generator,
    customer: int,
    time: float,
    platform: int,
    region: int,
    platform_name: str,
    planted: Planted | None,
    days: int,
    cases: bool,
) -> None:
    """One visit (or one case) from its first step until it ends."""
    step = VISIT
    for _ in range(LONGEST):
        if time >= days * 86400:
            break
        rows.append((customer, time, step, platform, region))
        day = int(time // 86400)
        struck = planted is not None and planted.start <= day < planted.end and planted.platform in ("", platform_name)
        following, slower = _next(step, rng, day, planted if struck else None)
        if following is None:
            break
        pause = rng.lognormal(11.5 if cases else 4.6, 0.9)
        time += pause * slower
        step = following


def _next(step: int, rng: np.random.Generator, day: int, planted: Planted | None) -> tuple[int | None, float]:
    """The next step, or None where the visit ends, and how many times slower it comes."""
    slower = 1.0
    if planted and PLACES[planted.kind] == step:
        if planted.kind == "wait":
            slower = planted.size
        elif rng.random() < planted.size:
            return {"change": SUPPORT, "loop": CART, "dead_end": None}[planted.kind], slower
    weekend = 0.9 if day % 7 >= 5 else 1.0
    draw = rng.random()
    for to, chance in STEPS[step]:
        draw -= chance * weekend
        if draw < 0:
            return to, slower
    return None, slower


def with_segments_exchanged(log: Log, seed: int) -> Log:
    """The same log, in which customers have exchanged their segments: as touchpoints of one follow one another, so do
    those of the customer whose segments they now have."""
    rng = np.random.default_rng(seed)
    return replace(log, codes=log.codes[:, givers(log.customer, rng)])


def shuffled(log: Log, seed: int, within_customers: bool = False) -> Log:
    """The same touchpoints with their times shuffled across the log, or within each customer."""
    rng = np.random.default_rng(seed)
    if within_customers:
        mixed = np.lexsort((rng.random(len(log)), log.customer))
    else:
        mixed = rng.permutation(len(log))
    time, day = log.time[mixed], log.day[mixed]
    order = np.lexsort((np.arange(len(log)), time, log.customer))
    return Log(
        **{
            **log.__dict__,
            "customer": log.customer[order],
            "time": time[order],
            "day": day[order],
            "name": log.name[order],
            "codes": log.codes[:, order],
        }
    )
