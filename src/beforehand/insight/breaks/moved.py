"""What rose and what fell after every step inside one window: the parts that an incident's story is told from."""

import numpy as np

from beforehand.insight.breaks.candidates import NEXT, SOON, TURN, distinct_followers
from beforehand.insight.breaks.direction import goes_back, goes_on
from beforehand.insight.breaks.outcome import Outcome
from beforehand.insight.breaks.trials import Trials
from beforehand.insight.breaks.windows import LEAST_TRIALS, ratio

CLEAR = 2.0
"""Root of the likelihood ratio from which a companion of a significant shift may be told."""
PART_OF_IT = 3.0
LEAST_CASES = 4
NEARLY = 0.6
HINT = 1.0
COMPARABLE = 0.65
MOST_TOLD = 3


class Moved:
    """(names, names) tables over the trials of `within`: `root` is the signed root of the likelihood ratio of step
    and follower in those that `inside` names against all others, `gain` the difference of the shares."""

    def __init__(self, trials: Trials, within: np.ndarray, inside: np.ndarray, order: np.ndarray, bad: np.ndarray):
        self.order, self.bad, self.names = order, bad, trials.visit
        rows = within & (trials.step < trials.visit) & (trials.many > 0)
        part = trials.where(rows)
        followers = distinct_followers(part)
        self.measure = SOON if len(part) and np.median(part.many) > 1 else NEXT
        if self.measure == NEXT:
            followers = followers[:, :1]
        side = inside[rows].astype(np.int64)
        size = self.names
        tries = _count((2, size), side, part.step)
        trial, ahead = np.nonzero(followers >= 0)
        o = _count((2, size, size), side[trial], part.step[trial], followers[trial, ahead])
        n = np.broadcast_to(tries[:, :, None], o.shape)
        expected = n * (o.sum(axis=0) / np.maximum(tries.sum(axis=0), 1)[:, None])
        value = sum(ratio(o[at], np.minimum(expected[at], n[at] * 0.9999), n[at]) for at in (0, 1))
        usable = (n.min(axis=0) >= LEAST_TRIALS) & (o.sum(axis=0) >= LEAST_CASES)
        self.root = np.where(usable, np.sqrt(2 * np.maximum(value, 0)) * np.sign(o[1] - expected[1]), 0.0)
        share = o / np.maximum(n, 1)
        self.gain = share[1] - share[0]

    def at(self, step: int) -> tuple[dict[Outcome, float], dict[Outcome, float]]:
        """What rose for the worse or for who knows, and what fell of the steps people go on to; the most first."""
        if step >= self.names:
            return {}, {}
        on = goes_on(self.order, np.full(self.names, step), np.arange(self.names)) & ~self.bad
        ups = [b for b in range(self.names) if not on[b] and self.root[step, b] >= CLEAR]
        downs = [b for b in range(self.names) if on[b] and self.root[step, b] <= -CLEAR]
        return self._ordered(step, ups), self._ordered(step, downs)

    def _ordered(self, step: int, found: list[int]) -> dict[Outcome, float]:
        ordered = sorted(found, key=lambda to: -abs(self.gain[step, to]))
        return {Outcome(self.measure, step, to): float(self.gain[step, to]) for to in ordered}

    def loop_at(self, step: int) -> Outcome | None:
        """Going back to the earlier steps that rose instead of on to the later ones that fell, where at least one of
        the former rose clearly and not much less than anything else did."""
        if step >= self.names:
            return None
        to = np.arange(self.names)
        here = np.full(self.names, step)
        gain, root = self.gain[step], self.root[step]
        back = goes_back(self.order, here, to) & ~self.bad & (root >= HINT)
        rise = max(gain[root >= CLEAR], default=0.0)
        if not (back & (root >= CLEAR) & (gain >= COMPARABLE * rise)).any():
            return None
        return self._turn(step, back)

    def turn_at(self, step: int) -> Outcome | None:
        """Going back instead of on, where that is known to be the story: to whatever rose of the earlier steps."""
        here, to = np.full(self.names, step), np.arange(self.names)
        back = goes_back(self.order, here, to) & ~self.bad & (self.gain[step] > 0)
        return self._turn(step, back) if back.any() else None

    def _turn(self, step: int, back: np.ndarray) -> Outcome:
        here, to, gain = np.full(self.names, step), np.arange(self.names), self.gain[step]
        backs = sorted(np.flatnonzero(back).tolist(), key=lambda b: (b == step, -gain[b]))
        falls = goes_on(self.order, here, to) & ~self.bad & (gain < 0)
        ons = sorted(np.flatnonzero(falls).tolist(), key=lambda b: gain[b])
        return Outcome(TURN, step, backs[0], tuple(backs[1:MOST_TOLD]), tuple(ons[:MOST_TOLD]))

    def closest_before(self, to: int) -> int | None:
        """The last of the steps after which `to` shifted most. Troubles and contacts are no steps."""
        clear = (np.abs(self.root[:, to]) >= CLEAR) & ~self.bad & (np.arange(self.names) != to)
        if not clear.any():
            return None
        gain = np.where(clear, np.abs(self.gain[:, to]), 0)
        near = np.flatnonzero(gain >= NEARLY * gain.max())
        return int(near[self.order[np.ix_(near, near)].sum(axis=0).argmax()])

    def touched(self, names: set[int]) -> set[int]:
        """The steps at which something around `names` clearly shifted."""
        strong = np.abs(self.root) >= PART_OF_IT
        known = [name for name in names if 0 <= name < self.names]
        return set(np.flatnonzero(strong[:, known].any(axis=1)).tolist()) | {
            name for name in known if strong[name].any()
        }


def _count(shape: tuple[int, ...], *indexes: np.ndarray) -> np.ndarray:
    flat = np.ravel_multi_index(indexes, shape)
    return np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape)
