"""The search: every candidate over every window, and how strong the strongest would be in data without a break."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from beforehand.insight.breaks.candidates import candidates_of
from beforehand.insight.breaks.counts import Counts, counts_of
from beforehand.insight.breaks.direction import unwelcome
from beforehand.insight.breaks.log import Log
from beforehand.insight.breaks.permute import exchanged_days
from beforehand.insight.breaks.standing import Standing
from beforehand.insight.breaks.trials import Trials
from beforehand.insight.breaks.windows import MOST_BINS, Best, Windows, apart, windows_over

PERMUTATIONS = 59
LEVEL = 0.05
GIVE_UP = 3
"""As soon as this many permutations are stronger than the strongest candidate, none can be significant any more."""
LEAST_CUSTOMERS = 60


@dataclass(frozen=True)
class Search:
    """The part of the log that is searched, ready to be counted."""

    counts: Counts
    standing: Standing
    windows: Windows
    bin_days: int
    days: int
    sizes: list[int]
    """How many values each dimension has."""
    order: np.ndarray
    unwelcome: np.ndarray

    def bins(self, trials: Trials) -> np.ndarray:
        return np.minimum(trials.unit_day // self.bin_days, self.windows.bins - 1)


class Significance(NamedTuple):
    """The strongest root of every permutation made."""

    strongest: np.ndarray

    def p(self, root: float) -> float:
        """The chance that data without any break shows something as strong, anywhere in the scan."""
        return float((1 + (self.strongest >= abs(root)).sum()) / (1 + len(self.strongest)))


def prepare(log: Log, trials: Trials, order: np.ndarray) -> Search | None:
    """Make the searched part of the trials ready. None when the log is too small to be searched."""
    searched = trials.where(~trials.held_out)
    if len(np.unique(searched.customer)) < LEAST_CUSTOMERS // 2 or log.days < 6:
        return None
    candidates = candidates_of(searched, log.dimensions, log.names, log.kinds, order)
    if not len(candidates):
        return None
    bin_days = -(-log.days // MOST_BINS)
    counts = counts_of(searched, candidates, log.dimensions, bin_days)
    sizes = [len(dimension.values) for dimension in log.dimensions]
    windows = windows_over(-(-log.days // bin_days))
    standing = Standing(searched, sizes, len(candidates) * apart(windows.bins))
    bad = unwelcome(log.names, log.kinds)
    return Search(counts, standing, windows, bin_days, log.days, sizes, order, bad)


def observe(search: Search, counts: Counts | None = None) -> Best:
    """The best window of each candidate in the data as it is."""
    counts = counts or search.counts
    return counts.best(search.bins(counts.trials), search.windows)


def significance(
    search: Search, counts: Counts, told: np.ndarray, strongest: float, permutations: int, seed: int = 0
) -> Significance:
    """Scan permuted data, without the trials that `told` names for standing loops. Stops early when `strongest`
    cannot become significant any more."""
    rng = np.random.default_rng(seed)
    trials = counts.trials
    searched = np.zeros(len(trials.unit_customer), bool)
    searched[trials.unit] = True
    customers, bins = trials.unit_customer[searched], search.bins(trials)[searched]
    found: list[float] = []
    for _again in range(permutations):
        moved = np.zeros(len(searched), np.int64)
        moved[searched] = exchanged_days(customers, bins, rng)
        shift = float(np.abs(counts.best(moved, search.windows).root).max())
        found.append(max(shift, search.standing.by_chance(told, rng)))
        if sum(value >= strongest for value in found) >= GIVE_UP:
            break
    return Significance(np.array(found))
