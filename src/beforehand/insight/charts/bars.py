"""How long it took: a histogram of waits, on a scale of time that people know."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from beforehand.lib import format as plain

EDGES = [0, 1, 10, 60, 600, 3600, 6 * 3600, 86_400, 3 * 86_400, 7 * 86_400, 28 * 86_400, 91 * 86_400, 365 * 86_400]
"""Seconds: under 1 s, 10 s, 1 min, 10 min, 1 h, 6 h, 1 d, 3 d, 1 w, 4 w, 3 months, 1 year, and longer."""
LABEL_EVERY = 34.0


class Bar(NamedTuple):
    x: float
    y: float
    width: float
    height: float
    n: int
    title: str


class Label(NamedTuple):
    x: float
    text: str


@dataclass(frozen=True)
class Histogram:
    width: float
    height: float
    base: float
    bars: list[Bar]
    labels: list[Label]


def bin_sql(seconds: str) -> str:
    """SQL that gives the index of the bin of a wait in seconds."""
    cases = " ".join(f"when {seconds} < {edge} then {index}" for index, edge in enumerate(EDGES[1:]))
    return f"case {cases} else {len(EDGES) - 1} end"


def bin_of(seconds: float) -> int:
    return max(bisect_right(EDGES, seconds) - 1, 0)


def waits(counts: Iterable[tuple[int, int]], width: float = 300.0, height: float = 112.0) -> Histogram | None:
    """The histogram of (bin, n) pairs; None when nothing was counted. Empty bins at both ends are left out."""
    n = {index: count for index, count in counts if count > 0}
    if not n:
        return None
    first, last = min(n), max(n)
    base = height - 20
    step = width / (last - first + 1)
    most = max(n.values())
    bars = []
    for index in range(first, last + 1):
        high = round((base - 6) * n.get(index, 0) / most, 1)
        x = (index - first) * step
        bars.append(
            Bar(
                round(x + 0.5, 1),
                round(base - high, 1),
                round(max(step - 1, 1), 1),
                high,
                n.get(index, 0),
                _name(index),
            )
        )
    every = max(1, round(LABEL_EVERY / step + 0.5))
    labels = [Label(round((index - first) * step, 1), _edge(index)) for index in range(first, last + 1, every)]
    return Histogram(width, height, base, bars, labels)


def _edge(index: int) -> str:
    return plain.duration(EDGES[index])


def _name(index: int) -> str:
    if index + 1 < len(EDGES):
        return f"{_edge(index)} – {_edge(index + 1)}"
    return f"> {_edge(index)}"
