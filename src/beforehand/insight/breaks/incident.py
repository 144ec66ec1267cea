"""From the strongest shift to the whole story: whom it struck, when, at which step, and what else moved with it."""

from dataclasses import dataclass

import numpy as np

from beforehand.insight.breaks.candidates import SEEN, TURN, WAIT, Candidates
from beforehand.insight.breaks.counts import Counts
from beforehand.insight.breaks.dates import Daily, daily, open_ends, sharpen
from beforehand.insight.breaks.moved import Moved
from beforehand.insight.breaks.outcome import Outcome, in_group, observed, with_values
from beforehand.insight.breaks.search import Search
from beforehand.insight.breaks.standing import Apart
from beforehand.insight.breaks.trials import Trials

CARRIES = 0.8
"""A segment explains a shift of all customers when it carries this share of the extra cases."""


@dataclass(frozen=True)
class Incident:
    """One break as the search sees it: days [start, end) after the first, a group, the outcomes that moved. A
    `standing` one is not compared with other days but with other customers.

    `first` is the shift that was found; `ups` and `downs` are what rose and fell at `step`, and by how much, the most
    first; `loop` is going back instead of on there, if that is the story; `steps` are all those that it explains.
    """

    first: Outcome
    up: bool
    group: int
    start: int
    end: int
    open_start: bool
    open_end: bool
    step: int
    ups: dict[Outcome, float]
    downs: dict[Outcome, float]
    loop: Outcome | None
    steps: tuple[int, ...]
    root: float
    standing: bool = False

    def compared(self, trials: Trials, sizes: list[int]) -> tuple[np.ndarray, np.ndarray]:
        """Which trials it is about, and which of those are inside it; all others are what it is compared with."""
        group = in_group(trials, self.group, sizes)
        if self.standing:
            return with_values(trials, self.group, sizes), group
        return group, (trials.day >= self.start) & (trials.day < self.end)


def incident_of(search: Search, counts: Counts, at: int, window: int, root: float) -> Incident:
    """Tell the story of candidate `at`, the strongest of a scan."""
    of = counts.candidates
    coarse = _Window(counts, search, window)
    at = _most_specific(of, coarse, at)
    group = int(of.group[at])
    first = Outcome(int(of.measure[at]), int(of.step[at]), int(of.to[at]))
    up = root > 0
    daily_first = _daily(search, counts, first, group)
    days = search.days
    start, end = sharpen([(daily_first, up)], coarse.start, coarse.end, days)
    trials = counts.trials
    inside = (trials.day >= start) & (trials.day < end)
    moved = Moved(trials, in_group(trials, group, search.sizes), inside, search.order, search.unwelcome)
    step = first.step
    if first.measure == SEEN:
        step = moved.closest_before(first.to) or step
    ups, downs = moved.at(step)
    told = [(_daily(search, counts, outcome, group), True) for outcome in list(ups)[:3]]
    told += [(_daily(search, counts, outcome, group), False) for outcome in list(downs)[:1]]
    if told:
        start, end = sharpen([(daily_first, up), *told], start, end, days)
    story = {step, first.step, first.to, *(outcome.to for outcome in [*list(ups)[:3], *list(downs)[:3]])}
    steps = {step, first.step, counts.trials.visit} | moved.touched(story)
    opened = open_ends(daily_first, start, end)
    return Incident(
        first, up, group, start, end, *opened, step, ups, downs, moved.loop_at(step), tuple(sorted(steps)), root
    )


def standing_incident(search: Search, apart: Apart) -> Incident:
    """Tell the story of a segment that stands apart from all other customers at a step."""
    trials, sizes, step = search.standing.trials, search.sizes, apart.step
    inside = in_group(trials, apart.group, sizes)
    moved = Moved(trials, with_values(trials, apart.group, sizes), inside, search.order, search.unwelcome)
    ups, downs = moved.at(step)
    loop = moved.turn_at(step)
    steps = {step} | moved.touched({step, *(loop.other_steps if loop else ())})
    first = Outcome(TURN, step, -1)
    return Incident(
        first, True, apart.group, 0, search.days, True, True, step, ups, downs, loop, tuple(sorted(steps)), apart.root,
        standing=True,
    )  # fmt: skip


def left_out_by(incident: Incident, counts: Counts, sizes: list[int]) -> np.ndarray:
    """The trials that the incident explains: its steps, its customers, its days and a little around them."""
    trials = counts.trials
    pad = max(3, (incident.end - incident.start) * 15 // 100)
    day = trials.day
    inside = (day >= incident.start - pad) & (day < incident.end + pad)
    return inside & np.isin(trials.step, incident.steps) & in_group(trials, incident.group, sizes)


class _Window:
    """Extra cases and trials of every candidate inside one window of the search."""

    def __init__(self, counts: Counts, search: Search, window: int) -> None:
        begin, stop = int(search.windows.start[window]), int(search.windows.end[window])
        bins = search.bins(counts.trials)
        shares = counts.shares(bins, search.windows.bins)
        extra = [(shares.cases[begin:stop] - shares.expected[begin:stop]).sum(axis=0)]
        trials = [shares.trials[begin:stop].sum(axis=0)]
        if counts.share_count < len(counts.candidates):
            scores, many = counts.scores(bins, search.windows.bins)
            extra.append(scores[begin:stop].sum(axis=0))
            trials.append(many[begin:stop].sum(axis=0))
        self.extra, self.trials = np.concatenate(extra), np.concatenate(trials)
        self.start, self.end = begin * search.bin_days, min(stop * search.bin_days, search.days)


def _most_specific(of: Candidates, window: _Window, at: int) -> int:
    """The smallest segment that carries the shift, where the strongest candidate was of all customers."""
    if of.group[at] > 0:
        return at
    same = (of.measure == of.measure[at]) & (of.step == of.step[at]) & (of.to == of.to[at]) & (of.group > 0)
    carried = window.extra / window.extra[at]
    share = window.trials / max(window.trials[at], 1)
    narrow = np.flatnonzero(same & (carried >= np.maximum(CARRIES, 1.3 * share)))
    return int(narrow[share[narrow].argmin()]) if len(narrow) else at


def _daily(search: Search, counts: Counts, outcome: Outcome, group: int) -> Daily:
    seen = observed(counts.trials, outcome, in_group(counts.trials, group, search.sizes))
    happened = seen.happened
    if outcome.measure == WAIT:
        happened = (happened > np.median(happened)).astype(float) if len(happened) else happened
    stratum = seen.stratum if outcome.measure == SEEN else np.zeros(len(happened), np.int64)
    return daily(seen.day, happened, stratum, search.days)
