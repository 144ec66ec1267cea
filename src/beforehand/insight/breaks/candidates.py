"""Everything that could have shifted: what follows a step, whether customers stop there, how long they wait.

A candidate is (measure, step, to, group), of all customers or of one segment: how often `to` is the next touchpoint
("next") or among the next five ("soon") after a step, how often the visit ends there ("stop"), how long it takes to
the next touchpoint ("wait"), how often `to` comes up in a customer's day at all ("seen"), and how often customers go
back to an earlier step instead of on to a later one ("turn").
"""

from dataclasses import dataclass

import numpy as np

from beforehand.insight.breaks.direction import goes_back, goes_on, unwelcome
from beforehand.insight.breaks.trials import WITHIN, Trials
from beforehand.insight.segments import Dimension, Segment

MEASURES = ("next", "soon", "stop", "wait", "seen", "turn")
NEXT, SOON, STOP, WAIT, SEEN, TURN = range(6)
LEAST_TRIALS = 50
LEAST_CASES = 12
MOST = 1800
NEARLY_ALL = 0.95
RARE = 0.1


@dataclass(frozen=True)
class Candidates:
    """Parallel arrays, one row a candidate. `to` is -1 for "stop" and "turn". `group` 0 is all customers.

    `up` and `down` say which shifts are searched: those for the worse, and both where nobody can say. An improvement
    that lasts is still found, as the worse time before it.
    """

    measure: np.ndarray
    step: np.ndarray
    to: np.ndarray
    group: np.ndarray
    up: np.ndarray
    down: np.ndarray
    back: np.ndarray
    segments: list[Segment | None]

    def __len__(self) -> int:
        return len(self.step)


@dataclass(frozen=True)
class Members:
    """Which cells (a step among all customers or in one segment) each trial belongs to: (1 + dimensions, trials)."""

    cell: np.ndarray
    width: int

    def pairs(self, trial: np.ndarray, to: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(trial, cell, to) for every cell of every trial named."""
        cells = self.cell[:, trial]
        at, column = np.nonzero(cells >= 0)
        return trial[column], cells[at, column], to[column]


def members_of(trials: Trials, dimensions: list[Dimension]) -> Members:
    """Cell = step x (1 + number of segments) + segment, where segment 0 is everybody; -1 for a missing value."""
    width = 1 + sum(len(dimension.values) for dimension in dimensions)
    rows = [trials.step * width]
    offset = 1
    for own, dimension in zip(trials.codes, dimensions, strict=True):
        rows.append(np.where(own >= 0, trials.step * width + own.astype(np.int64) + offset, -1))
        offset += len(dimension.values)
    return Members(np.array(rows, np.int64), width)


def outcomes(trials: Trials, measure: int) -> tuple[np.ndarray, np.ndarray]:
    """(trial, to) for everything that happened in the sense of a measure; `to` is -1 for a stop or a turn."""
    if measure in (STOP, TURN):
        trial = np.flatnonzero(trials.stopped == 1 if measure == STOP else trials.turned)
        return trial, np.full(len(trial), -1)
    if measure == SEEN:
        visit_row = np.full(len(trials.unit_customer), -1)
        visits = np.flatnonzero(trials.step == trials.visit)
        visit_row[trials.unit[visits]] = visits
        steps = np.flatnonzero((trials.step != trials.visit) & (trials.many[visit_row[trials.unit]] > 0))
        return visit_row[trials.unit[steps]], trials.step[steps]
    followers = trials.followers[:, :1] if measure in (NEXT, WAIT) else distinct_followers(trials)
    trial, ahead = np.nonzero(followers >= 0)
    return trial, followers[trial, ahead]


def distinct_followers(trials: Trials) -> np.ndarray:
    """`followers` with every later repeat of a name taken out (-1)."""
    out = np.where(trials.followers >= 0, trials.followers, -1)
    for later in range(1, WITHIN):
        for earlier in range(later):
            out[:, later] = np.where(out[:, later] == out[:, earlier], -1, out[:, later])
    return out


def candidates_of(
    trials: Trials, dimensions: list[Dimension], names: list[str], kinds: dict[str, str], order: np.ndarray
) -> Candidates:
    """The candidates with enough trials and cases; at most MOST of them, those of all customers and the commonest
    first. They come out in the order of cells, waits last."""
    segments = [None, *[segment for dimension in dimensions for segment in dimension.segments]]
    members = members_of(trials, dimensions)
    width, many = members.width, len(names) + 2
    sizes = np.bincount(members.cell[members.cell >= 0], minlength=(len(names) + 1) * width).reshape(-1, width)
    worth = (sizes >= LEAST_TRIALS) & ((np.arange(width) == 0) | (sizes < NEARLY_ALL * sizes[:, :1]))
    long_enough = np.median(trials.many[trials.step != trials.visit]) > 1
    rows = []
    for measure in (NEXT, SOON, STOP, WAIT, SEEN, TURN) if long_enough else (NEXT, STOP, WAIT):
        _trial, cell, to = members.pairs(*outcomes(trials, measure))
        key, count = np.unique(cell * many + to + 1, return_counts=True)
        rows.append(np.array([np.full(len(key), measure), key // many, key % many - 1, count]))
    measure, cell, to, cases = np.hstack(rows)
    least = np.where(measure == WAIT, LEAST_TRIALS, LEAST_CASES)
    bad = unwelcome(names, kinds)
    rare = _days_with(trials, len(names)) < RARE
    meaning = _searched(measure, cell // width, to, order, bad, rare)
    kept = np.flatnonzero((cases >= least) & meaning & worth[cell // width, cell % width])
    kept = kept[np.lexsort((-cases[kept], measure[kept] < SEEN, cell[kept] % width > 0))][:MOST]
    kept = kept[np.lexsort((cell[kept], measure[kept] == WAIT))]
    measure, cell, to = measure[kept], cell[kept], to[kept]
    return _directed(measure, cell // width, to, cell % width, segments, order, bad)


def _searched(
    measure: np.ndarray, step: np.ndarray, to: np.ndarray, order: np.ndarray, bad: np.ndarray, rare: np.ndarray
) -> np.ndarray:
    """Whether a shift of the candidate would mean something. That customers soon come to a step that stands neither
    before nor after, or look at a common page on more days, is no trouble; the next touchpoint is always looked at."""
    known_step, known_to = np.where(measure == SEEN, 0, step), np.maximum(to, 0)
    ahead = goes_back(order, known_step, known_to) | goes_on(order, known_step, known_to)
    aside = (measure == SOON) & ~ahead & ~bad[known_to]
    return ~aside & ((measure != SEEN) | bad[known_to] | rare[known_to])


def _days_with(trials: Trials, names: int) -> np.ndarray:
    """The share of customers' days on which each name came up."""
    steps = trials.step[trials.step < trials.visit]
    return np.bincount(steps, minlength=names) / max(len(trials) - len(steps), 1)


def _directed(
    measure: np.ndarray,
    step: np.ndarray,
    to: np.ndarray,
    group: np.ndarray,
    segments: list[Segment | None],
    order: np.ndarray,
    unwelcome: np.ndarray,
) -> Candidates:
    pair = (measure == NEXT) | (measure == SOON) | (measure == WAIT)
    known_step, known_to = np.where(pair, step, 0), np.maximum(to, 0)
    back = pair & goes_back(order, known_step, known_to)
    bad = (to >= 0) & unwelcome[known_to]
    on = pair & ~bad & goes_on(order, known_step, known_to)
    only_up = (measure == STOP) | (measure == WAIT) | (measure == TURN) | (measure == SEEN) | back | bad
    return Candidates(measure, step, to, group, ~on | (measure == WAIT), ~only_up, back, segments)
