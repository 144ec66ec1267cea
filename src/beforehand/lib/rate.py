"""How often somebody may do something: buckets that fill again with time, counted in this process.

Each process counts by itself, so with n web processes the limits are up to n times as wide.
"""

import math
import threading
import time
from collections import OrderedDict
from typing import NamedTuple

MOST_KEPT = 20_000


class Rate(NamedTuple):
    """`burst` at once, then `per_minute`."""

    burst: int
    per_minute: float


class Limits:
    """Buckets by what is done and by whom. `wait(...)` gives 0 when there was room, else the seconds until there is."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.kept: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def wait(self, what: str, who: str, rate: Rate, cost: float = 1) -> int:
        now, second = time.monotonic(), rate.per_minute / 60
        with self.lock:
            tokens, seen = self.kept.pop((what, who), (float(rate.burst), now))
            tokens = min(float(rate.burst), tokens + (now - seen) * second)
            has_room = tokens >= cost
            self.kept[(what, who)] = (tokens - cost if has_room else tokens, now)
            while len(self.kept) > MOST_KEPT:
                self.kept.popitem(last=False)
        return 0 if has_room else max(1, math.ceil((cost - tokens) / second))

    def clear(self) -> None:
        with self.lock:
            self.kept.clear()


limits = Limits()
