"""Customers of one segment who go back more than others at the same step, all the time.

Such a loop has no first and no last day, so it is no shift between days: customers are compared with other customers
in the same weeks. What chance would make is seen when customers exchange their segments.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from beforehand.insight.breaks.permute import givers
from beforehand.insight.breaks.trials import WITHIN, Trials
from beforehand.insight.breaks.windows import ratio

LEAST_TRIALS = 50
LEAST_CASES = 12
WEEKS = 4
"""Customers are compared within spans of so many weeks, so that who came when makes no difference."""


class Apart(NamedTuple):
    """The segment (its number among all values of all dimensions, from 1) that most stands apart, and at which step."""

    root: float
    step: int
    group: int


@dataclass(frozen=True)
class Standing:
    """The trials of all steps, in the order of step and customer. `sizes` are the numbers of values of dimensions."""

    trials: Trials
    sizes: list[int]
    shifts: float = 1.0
    """How many chances the shifts have that are searched beside."""

    @cached_property
    def head_start(self) -> float:
        """What is added to the likelihood ratio of a standing loop, so that the strongest by chance among few segments
        are as strong as the strongest among the many days of shifts (of m squared normals it is about 2 ln m). The
        permutations know of it, so it changes no chance of being wrong; it shares that chance between the two."""
        step, codes = self.trials.step[self.rows], self.trials.codes[:, self.rows]
        cells = [np.bincount((step * size + own)[own >= 0]) for own, size in zip(codes, self.sizes, strict=True)]
        many = sum(int((each >= LEAST_TRIALS).sum()) for each in cells)
        return max(2 * np.log(self.shifts / max(many, 1)), 0.0)

    @cached_property
    def rows(self) -> np.ndarray:
        rows = np.flatnonzero((self.trials.step < self.trials.visit) & (self.trials.many > 0))
        return rows[np.lexsort((self.trials.customer[rows], self.trials.step[rows]))]

    def best(self, left_out: np.ndarray) -> Apart:
        """The strongest in the data as it is, without the trials that `left_out` names."""
        rows = self.rows[~left_out[self.rows]]
        roots = self._roots(rows, self.trials.codes[:, rows])
        step, group = np.unravel_index(int(roots.argmax()), roots.shape) if roots.size else (0, 0)
        return Apart(float(roots[step, group]) if roots.size else 0.0, int(step), int(group) + 1)

    def by_chance(self, left_out: np.ndarray, rng: np.random.Generator) -> float:
        """The strongest root when customers who came to the same step exchange their segments."""
        rows = self.rows[~left_out[self.rows]]
        given = givers(self.trials.customer[rows], rng, among=self.trials.step[rows])
        return float(self._roots(rows, self.trials.codes[:, rows[given]]).max(initial=0.0))

    def _roots(self, rows: np.ndarray, codes: np.ndarray) -> np.ndarray:
        """(steps, segments): the root of twice the log likelihood ratio of a segment's share of turns against that of
        all other customers at the step, with its head start; 0 where the share is no larger."""
        step, turned, stratum = self.trials.step[rows], self.trials.turned[rows], self._strata[rows]
        parts = [np.zeros((self.trials.visit, 0))]
        for own, size in zip(codes, self.sizes, strict=True):
            known = own >= 0
            parts.append(_apart(step[known], own[known], turned[known], stratum[known], self.trials.visit, size))
        squared = np.hstack(parts)
        return np.where(squared > 0, np.sqrt(squared + self.head_start), 0.0)

    @cached_property
    def _strata(self) -> np.ndarray:
        """The same weeks, and as many touchpoints that followed."""
        return (self.trials.day // (7 * WEEKS)) * (WITHIN + 1) + np.minimum(self.trials.many, WITHIN)


def _apart(
    step: np.ndarray, code: np.ndarray, turned: np.ndarray, stratum: np.ndarray, steps: int, size: int
) -> np.ndarray:
    strata = int(stratum.max(initial=0)) + 1
    here = step * strata + stratum
    rate = np.bincount(here, turned, steps * strata) / np.maximum(np.bincount(here, None, steps * strata), 1)
    cell = step * size + code
    cases, expected, trials = (
        np.bincount(cell, weights, steps * size).reshape(steps, size) for weights in (turned, rate[here], None)
    )
    all_cases, all_trials = cases.sum(axis=1, keepdims=True), trials.sum(axis=1, keepdims=True)
    others = all_trials - trials
    value = ratio(cases, np.minimum(expected, trials * 0.9999), trials)
    value += ratio(all_cases - cases, np.clip(all_cases - expected, 1e-9, others * 0.9999), others)
    allowed = (trials >= LEAST_TRIALS) & (others >= LEAST_TRIALS) & (cases >= LEAST_CASES) & (cases > expected)
    return np.where(allowed, 2 * np.maximum(value, 0), 0.0)
