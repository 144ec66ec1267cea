"""The doughnut: the ring is the experience, the bite is service. The bite takes its share of the ring's area.

Four circles make the bite, as in the mark. They grow from the ring's edge until they cover the share, which is measured
over a grid of equal parts of the ring: to better than a tenth of a point.
"""

from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np

CENTRE, OUTER, HOLE = 16.0, 14.5, 4.2
EDGE = (26.25, 5.75)
"""Where the first bite is taken: the upper right of the rim."""
TEETH = ((20.0, 1.4, 4.2), (22.9, 8.2, 4.3), (30.0, 12.2, 4.4), (28.5, 4.0, 6.5))
LARGEST, HALVINGS = 5.0, 12
RINGS, RAYS = 90, 720


class Circle(NamedTuple):
    x: float
    y: float
    r: float


def bite(share: float) -> list[Circle]:
    """The circles that take this share of the ring away; none for nothing."""
    if share <= 0:
        return []
    size = bitten(min(share, 1.0))
    return [Circle(*(round(part, 3) for part in circle)) for circle in teeth(size)]


def teeth(size: float) -> list[Circle]:
    (x0, y0) = EDGE
    return [Circle(x0 + size * (x - x0), y0 + size * (y - y0), size * r) for x, y, r in TEETH]


@lru_cache(1000)
def bitten(share: float) -> float:
    """The size of the bite that covers this share: found by halving, since a larger bite covers more."""
    small, large = 0.0, LARGEST
    for _ in range(HALVINGS):
        middle = (small + large) / 2
        small, large = (middle, large) if covered(middle) < share else (small, middle)
    return large


def covered(size: float) -> float:
    """The share of the ring that a bite of this size covers."""
    x, y = parts()
    gone = np.zeros(len(x), dtype=bool)
    for circle in teeth(size):
        gone |= (x - circle.x) ** 2 + (y - circle.y) ** 2 < circle.r**2
    return float(gone.mean())


@cache
def parts() -> tuple[np.ndarray, np.ndarray]:
    """The middles of equal parts of the ring."""
    places = np.sqrt((np.arange(RINGS) + 0.5) / RINGS * (OUTER**2 - HOLE**2) + HOLE**2)
    turns = (np.arange(RAYS) + 0.5) / RAYS * 2 * np.pi
    return (CENTRE + places[:, None] * np.cos(turns)).ravel(), (CENTRE + places[:, None] * np.sin(turns)).ravel()
