"""Which touchpoints lead to which: what proposals of kinds of need are made of. Pure arrays.

Rows are touchpoints, sorted by group (a customer, or a customer and an order) and time.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
OFTEN = 0.5  # of the ends have the name before them
LIFT = 1.5  # times as often as after any touchpoint
MOST_OFTEN = 0.97
LAST = 0.6
FIRST = 0.5


class Rows(NamedTuple):
    """Touchpoints: group and name as numbers, time in seconds."""

    group: Ints
    name: Ints
    time: Floats

    def of(self, wanted: NDArray[np.bool_]) -> "Rows":
        return Rows(self.group[wanted], self.name[wanted], self.time[wanted])


class Chain(NamedTuple):
    """A likely need: the name that opens it, those between in their order, the name that meets it."""

    opens: int
    steps: tuple[int, ...]
    meets: int


class Ties(NamedTuple):
    """`before[a, b]`: share of b with an a before it within the time; `after[a, b]`: share of a with a b after it;
    `anyhow[b]`: share of all rows with a b after them."""

    before: Floats
    after: Floats
    anyhow: Floats


def ties_of(rows: Rows, names: int, within: float) -> Ties:
    counts = np.bincount(rows.name, minlength=names).astype(float)
    before, after = np.zeros((names, names)), np.zeros((names, names))
    anyhow = np.zeros(names)
    for one in range(names):
        earlier = previous(rows, one)
        near = (earlier >= 0) & (rows.time - rows.time[earlier] <= within)
        before[one] = np.bincount(rows.name[near], minlength=names)
        later = following(rows, one)
        near = (later >= 0) & (rows.time[later] - rows.time <= within)
        after[:, one] = np.bincount(rows.name[near], minlength=names)
        anyhow[one] = near.sum() / max(1, (rows.name != one).sum())
    known = np.maximum(counts, 1)
    return Ties(before / known[None, :], after / known[:, None], anyhow)


def funnels(rows: Rows, names: int, ends: Sequence[int], within: float, enough: int) -> list[Chain]:
    """Chains that narrow: nearly every end has the others before it, and after each it is likelier than usual.

    The name that opens one is the farthest from the end of those. An end that leads on to another is part of its chain.
    """
    ties = ties_of(rows, names, within)
    counts = np.bincount(rows.name, minlength=names)
    found: list[Chain] = []
    for end in ends:
        leading = [
            one
            for one in ends
            if one != end
            and counts[one] >= enough
            and ties.before[one, end] >= OFTEN
            and LIFT * ties.anyhow[end] <= ties.after[one, end] <= MOST_OFTEN
            and ties.after[end, one] < ties.before[one, end]
        ]
        leading.sort(key=lambda one: ties.after[one, end])
        if counts[end] >= enough and leading:
            found.append(Chain(leading[0], tuple(leading[1:]), end))
    inner = {step for chain in found for step in (chain.opens, *chain.steps)}
    return [chain for chain in found if chain.meets not in inner]


def courses(rows: Rows, names: int, ends: Sequence[int], enough: int) -> list[Chain]:
    """Chains within a group, an order say: an end is what is mostly the last, its opening what mostly comes first."""
    wanted = rows.of(np.isin(rows.name, ends))
    if not len(wanted.name):
        return []
    counts = np.bincount(wanted.name, minlength=names)
    last = np.append(wanted.group[1:] != wanted.group[:-1], True)
    closing = np.bincount(wanted.name[last], minlength=names) / np.maximum(counts, 1)
    terminal = np.flatnonzero((closing >= LAST) & (counts >= enough))
    cut = last | np.isin(wanted.name, terminal)
    episode = np.concatenate([[0], np.cumsum(cut)[:-1]])
    found = []
    for end in terminal:
        these = np.unique(episode[cut & (wanted.name == end)])
        inside = wanted.of(np.isin(episode, these))
        part = episode[np.isin(episode, these)]
        first = np.flatnonzero(np.append(True, part[1:] != part[:-1]))
        opening = np.bincount(inside.name[first], minlength=names)
        start = int(opening.argmax())
        if start != end and opening[start] >= FIRST * len(these):
            found.append(Chain(start, _between(inside, part, names, start, int(end)), int(end)))
    return found


def _between(rows: Rows, episode: Ints, names: int, start: int, end: int) -> tuple[int, ...]:
    """The names that most episodes have between the two, by their usual place."""
    count = len(np.unique(episode))
    place = np.arange(len(episode)) - np.searchsorted(episode, episode)
    steps = []
    for one in range(names):
        here = rows.name == one
        if one not in {start, end} and len(np.unique(episode[here])) >= FIRST * count:
            steps.append((float(np.median(place[here])), one))
    return tuple(one for _place, one in sorted(steps))


def waits(rows: Rows, chain: Chain, within: float) -> tuple[Floats, int]:
    """Seconds from each opening to the next end, for those that reached one; and how many openings there were.

    A repeated opening on the way is no new one.
    """
    closing = following(rows, chain.meets)
    opening = np.flatnonzero(rows.name == chain.opens)
    earlier_open = previous(rows, chain.opens, strictly=True)[opening]
    earlier_end = previous(rows, chain.meets)[opening]
    fresh = (earlier_open < 0) | (earlier_end > earlier_open)
    fresh |= (earlier_open >= 0) & (rows.time[opening] - rows.time[earlier_open] > within)
    opening = opening[fresh]
    end = closing[opening]
    seconds = rows.time[end] - rows.time[opening]
    reached = (end >= 0) & (seconds <= within)
    return seconds[reached], len(opening)


def previous(rows: Rows, name: int, strictly: bool = False) -> Ints:
    """For each row the place of the last row of a name in its group up to it; −1 where there is none."""
    places = np.where(rows.name == name, np.arange(len(rows.name)), -1)
    found = np.maximum.accumulate(places)
    if strictly:
        found = np.concatenate([[-1], found[:-1]])
    return np.where((found >= 0) & (rows.group[found] == rows.group), found, -1)


def following(rows: Rows, name: int) -> Ints:
    """For each row the place of the next row of a name in its group from it on; −1 where there is none."""
    last = len(rows.name)
    places = np.where(rows.name == name, np.arange(last), last)
    found = np.minimum.accumulate(places[::-1])[::-1]
    inside = np.minimum(found, last - 1)
    return np.where((found < last) & (rows.group[inside] == rows.group), inside, -1)
