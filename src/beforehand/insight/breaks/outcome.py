"""One thing that can happen in a trial, looked at for any part of the customers."""

from dataclasses import dataclass

import numpy as np

from beforehand.insight.breaks.candidates import NEXT, SEEN, STOP, TURN, WAIT
from beforehand.insight.breaks.trials import Trials


@dataclass(frozen=True)
class Outcome:
    """`to` (or one of `others`) happening after `step` in the sense of `measure`, and none of `instead_of`."""

    measure: int
    step: int
    to: int
    others: tuple[int, ...] = ()
    instead_of: tuple[int, ...] = ()

    @property
    def other_steps(self) -> tuple[int, ...]:
        return (self.to, *self.others, *self.instead_of)


@dataclass(frozen=True)
class Observed:
    """The trials an outcome is about: row numbers, day, customer, what happened (0 or 1, or a wait), stratum."""

    row: np.ndarray
    day: np.ndarray
    customer: np.ndarray
    happened: np.ndarray
    stratum: np.ndarray


def in_group(trials: Trials, group: int, sizes: list[int]) -> np.ndarray:
    """Whether each trial is of a segment, by its number among all values of all dimensions (0 is everybody)."""
    offset = 1
    for codes, size in zip(trials.codes, sizes, strict=True):
        if offset <= group < offset + size:
            return codes == group - offset
        offset += size
    return np.ones(len(trials), bool)


def with_values(trials: Trials, group: int, sizes: list[int]) -> np.ndarray:
    """Whether each trial has any value in the dimension that a segment is one of."""
    offset = 1
    for codes, size in zip(trials.codes, sizes, strict=True):
        if offset <= group < offset + size:
            return codes >= 0
        offset += size
    return np.ones(len(trials), bool)


def observed(trials: Trials, outcome: Outcome, within: np.ndarray) -> Observed:
    """What happened in the trials of the outcome's step for which `within` is true."""
    rows = within & (trials.step == outcome.step)
    if outcome.measure == STOP:
        rows &= np.isfinite(trials.stopped)
    elif outcome.measure == WAIT:
        rows &= (trials.followers[:, 0] == outcome.to) & np.isfinite(trials.wait)
    else:
        rows &= trials.many > 0
    at = np.flatnonzero(rows)
    return Observed(at, trials.day[at], trials.customer[at], _happened(trials, outcome, at), trials.many[at])


def _happened(trials: Trials, outcome: Outcome, at: np.ndarray) -> np.ndarray:
    if outcome.measure == STOP:
        return trials.stopped[at]
    if outcome.measure == WAIT:
        return trials.wait[at]
    if outcome.measure == TURN and outcome.to < 0:
        return trials.turned[at].astype(float)
    if outcome.measure == SEEN:
        seen = np.zeros(len(trials.unit_customer), bool)
        seen[trials.unit[trials.step == outcome.to]] = True
        return seen[trials.unit[at]].astype(float)
    followers = trials.followers[at, :1] if outcome.measure == NEXT else trials.followers[at]
    happened = np.isin(followers, [outcome.to, *outcome.others]).any(axis=1)
    happened &= ~np.isin(followers, outcome.instead_of).any(axis=1)
    return happened.astype(float)
