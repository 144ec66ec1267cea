"""One line of the table that `make truth` prints, and the intervals of its figures over companies."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Line:
    """`reached` says whether the bar was met; None where there is no bar."""

    what: str
    got: str
    bar: str = ""
    reached: bool | None = None
    note: str = ""


def clustered(companies: Sequence[Sequence[float]], draws: int = 2000) -> tuple[float, float, float]:
    """The mean of all values with its 95 % interval, whole companies drawn again."""
    sums = np.array([sum(values) for values in companies], float)
    sizes = np.array([len(values) for values in companies], float)
    picks = np.random.default_rng(0).integers(len(companies), size=(draws, len(companies)))
    means = sums[picks].sum(1) / np.maximum(sizes[picks].sum(1), 1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(sums.sum() / max(sizes.sum(), 1)), float(low), float(high)


def percent(value: float, low: float | None = None, high: float | None = None) -> str:
    text = f"{100 * value:.1f} %"
    return text if low is None or high is None else f"{text} [{100 * low:.1f}–{100 * high:.1f}]"


def shown(title: str, lines: Iterable[Line]) -> None:
    table = Table("what", "got", "bar", "", "note", title=title, title_justify="left")
    for line in lines:
        verdict = {True: "reached", False: "missed", None: ""}[line.reached]
        table.add_row(line.what, line.got, line.bar, verdict, line.note)
    Console(width=150).print(table)
