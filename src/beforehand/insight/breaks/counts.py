"""Counting the cases of all candidates by day, with what would be expected, fast enough to do it a hundred times.

Tables are (bins, candidates). What a trial led to never moves; only the bin of its unit does, so a permutation is one
`bincount`.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from beforehand.insight.breaks.candidates import (
    NEXT,
    SEEN,
    SOON,
    STOP,
    TURN,
    WAIT,
    Candidates,
    Members,
    members_of,
    outcomes,
)
from beforehand.insight.breaks.expected import by_weekday, stops_expected, wait_surroundings
from beforehand.insight.breaks.trials import SIZES, Trials
from beforehand.insight.breaks.windows import Best, Windows, best_windows, best_windows_of_scores
from beforehand.insight.segments import Dimension

STRATA = len(SIZES) + 2
"""Classes of how much followed (1 to 5) or of a day's size; class 0 is left out."""


class Events(NamedTuple):
    """(trial, column of a table), with a weight."""

    trial: np.ndarray
    column: np.ndarray
    weight: np.ndarray | None = None

    def table(self, at: np.ndarray, bins: int, width: int) -> np.ndarray:
        """Sums by bin and column, where `at` is the bin of each trial."""
        keys = at[self.trial] * width + self.column
        return np.bincount(keys, self.weight, bins * width).astype(np.float32).reshape(bins, width)


class Shares(NamedTuple):
    """Cases, expected cases and trials: (bins, candidates that are shares)."""

    cases: np.ndarray
    expected: np.ndarray
    trials: np.ndarray


@dataclass(frozen=True)
class Counts:
    """The fixed part of a scan: trials, candidates, and which trial belongs to which candidate.

    `cell` numbers the cells that candidates use; `tries` are trials by cell and stratum (how many touchpoints
    followed), `cases` events by candidate, `waits` normal scores of waits by candidate.
    """

    trials: Trials
    candidates: Candidates
    cell: np.ndarray
    tries: Events
    stop_tries: Events
    cases: Events
    waits: Events
    rates: np.ndarray
    bin_days: int

    def best(self, bins: np.ndarray, windows: Windows) -> Best:
        """The best window of each candidate when unit u lies in bin `bins[u]`."""
        of, share = self.candidates, self.share_count
        parts = []
        if share:
            parts.append(best_windows(*self.shares(bins, windows.bins), of.up[:share], of.down[:share], windows))
        if share < len(of):
            parts.append(best_windows_of_scores(*self.scores(bins, windows.bins), windows))
        return Best(*[np.concatenate(part) for part in zip(*parts, strict=True)])

    @property
    def share_count(self) -> int:
        """How many candidates are shares; waits come after them."""
        return int((self.candidates.measure != WAIT).sum())

    def shares(self, bins: np.ndarray, size: int, weekdays: bool = True) -> Shares:
        """Counts of the candidates that are shares, by bin."""
        of, share = self.candidates, self.share_count
        own, cells = self.cell[:share], int(self.cell.max()) + 1
        at = bins[self.trials.unit]
        cases = self.cases.table(at, size, share)
        tried = self.tries.table(at, size, cells * STRATA).reshape(size, cells, STRATA)
        trials = tried[:, :, 1:].sum(axis=2)[:, own]
        expected = np.empty_like(cases)
        starts = np.flatnonzero(np.r_[True, np.diff(own) != 0])
        for begin, end in zip(starts, [*starts[1:], share], strict=True):
            np.matmul(tried[:, own[begin]], self.rates[begin:end].T, out=expected[:, begin:end])
        stop = of.measure[:share] == STOP
        if stop.any():
            tries = self.stop_tries.table(at, size, cells)[:, own[stop]]
            trials[:, stop] = tries
            expected[:, stop] = stops_expected(
                tries, cases[:, stop].sum(axis=0), of.step[:share][stop], self._stops_by_step(at, size)
            )
        if weekdays and self.bin_days == 1:
            by_weekday(cases, expected, trials)
        return Shares(cases, expected, trials)

    def scores(self, bins: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
        """Sums of wait scores and trials of the candidates that are waits, by bin."""
        of = self.candidates
        waiting = of.measure == WAIT
        at = bins[self.trials.unit]
        sums = self.waits.table(at, size, len(of))
        many = self.waits._replace(weight=None).table(at, size, len(of))
        whole = waiting & (of.group == 0)
        around = wait_surroundings(sums[:, whole], many[:, whole], of.step[whole], int(of.step.max()) + 1)
        return sums[:, waiting] - many[:, waiting] * around[:, of.step[waiting]], many[:, waiting]

    def _stops_by_step(self, at: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
        """(bins, steps): stops and trials of all customers."""
        known = np.flatnonzero(np.isfinite(self.trials.stopped))
        steps = self.trials.visit + 1
        events = Events(known, self.trials.step[known], self.trials.stopped[known])
        return events.table(at, size, steps), events._replace(weight=None).table(at, size, steps)

    def without(self, left_out: np.ndarray) -> "Counts":
        """The same candidates over the trials that `left_out` does not name."""
        kept = {name: _only(getattr(self, name), ~left_out) for name in ("tries", "stop_tries", "cases", "waits")}
        stopped = np.where(left_out, np.nan, self.trials.stopped)
        trials = replace(self.trials, stopped=stopped)
        rates = _rates(self.candidates, self.cell, kept["tries"], kept["cases"], trials)
        return Counts(trials, self.candidates, self.cell, rates=rates, bin_days=self.bin_days, **kept)


def counts_of(trials: Trials, candidates: Candidates, dimensions: list[Dimension], bin_days: int) -> Counts:
    """Prepare the counting of `candidates` over `trials`."""
    members = members_of(trials, dimensions)
    wide = candidates.step * members.width + candidates.group
    used, cell = np.unique(wide, return_inverse=True)
    number = np.full((trials.visit + 1) * members.width, -1)
    number[used] = np.arange(len(used))
    members = Members(np.where(members.cell >= 0, number[members.cell], -1), members.width)
    everything = np.arange(len(trials))
    trial, own, many = members.pairs(everything, trials.many)
    tries = Events(trial, own * STRATA + many)
    known = np.flatnonzero(np.isfinite(trials.stopped))
    stop_tries = Events(*members.pairs(known, known)[:2])
    look = _Lookup(candidates, cell, len(used))
    cases = [look.events(members, trials, measure) for measure in (NEXT, SOON, STOP, SEEN, TURN)]
    joined = Events(*[np.concatenate([part[at] for part in cases]) for at in (0, 1)])
    waits = look.events(members, trials, WAIT)
    waits = waits._replace(weight=_normal_scores(trials.wait[waits.trial], waits.column))
    rates = _rates(candidates, cell, tries, joined, trials)
    return Counts(trials, candidates, cell, tries, stop_tries, joined, waits, rates, bin_days)


class _Lookup:
    """Finds the candidate of (measure, cell, to)."""

    def __init__(self, candidates: Candidates, cell: np.ndarray, cells: int) -> None:
        self.cells = cells
        self.names = int(candidates.to.max(initial=0)) + 2
        self.table = np.full(6 * cells * self.names, -1)
        self.table[(candidates.measure * cells + cell) * self.names + candidates.to + 1] = np.arange(len(candidates))

    def events(self, members: Members, trials: Trials, measure: int) -> Events:
        trial, to = outcomes(trials, measure)
        possible = to + 1 < self.names
        trial, cell, to = members.pairs(trial[possible], to[possible])
        candidate = self.table[(measure * self.cells + cell) * self.names + to + 1]
        return Events(trial[candidate >= 0], candidate[candidate >= 0])


def _only(events: Events, kept: np.ndarray) -> Events:
    rows = kept[events.trial]
    weight = None if events.weight is None else events.weight[rows]
    return Events(events.trial[rows], events.column[rows], weight)


def _rates(of: Candidates, cell: np.ndarray, tries: Events, cases: Events, trials: Trials) -> np.ndarray:
    """(candidates, strata): the share of cases by how many touchpoints followed.

    Not so for the very next touchpoint: whether more follow after it has nothing to do with chance, and is often a
    consequence of it.
    """
    cells = int(cell.max()) + 1
    keys = cases.column * STRATA + trials.many[cases.trial]
    counted = np.bincount(keys, minlength=len(of) * STRATA).reshape(-1, STRATA)
    tried = np.bincount(tries.column, minlength=cells * STRATA).reshape(cells, STRATA)
    rates = counted / np.maximum(tried[cell], 1)
    nearest = of.measure == NEXT
    rates[nearest] = (counted[nearest].sum(1) / np.maximum(tried[cell[nearest], 1:].sum(1), 1))[:, None]
    rates[:, 0] = 0
    return rates.astype(np.float32)


def _normal_scores(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Normal scores of the ranks within each group (van der Waerden): mean 0, variance 1."""
    from scipy.special import ndtri

    order = np.lexsort((values, group))
    begins = np.flatnonzero(np.r_[True, np.diff(group[order]) != 0][: len(order)])
    sizes = np.diff(np.r_[begins, len(order)])
    rank = np.arange(len(order)) - np.repeat(begins, sizes)
    scores = np.zeros(len(values))
    scores[order] = ndtri((rank + 0.5) / np.repeat(sizes, sizes))
    return scores
