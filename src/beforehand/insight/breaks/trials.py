"""Trials: each time a customer reached a step, and what followed.

A trial is the first time in a day that a customer reached a step, so that somebody who reloads a page twenty times
counts once. What followed is looked at over the next few touchpoints of the same visit, not over a span of time: how
many touchpoints follow depends on how busy the days are, which touchpoints follow does not.
"""

from dataclasses import dataclass, replace

import numpy as np

from beforehand.insight.breaks.log import Log
from beforehand.insight.breaks.visits import gaps, pause_between_visits

WITHIN = 5
HELD_OUT = 0.5
SIZES = (1, 2, 3, 4, 5, 6, 8, 11, 15, 22)
"""Upper ends of the classes of a day's size; one more class lies above."""
UNSEEN = -2
"""In `followers`: nothing came there. (-1 is a touchpoint with a rare name.)"""
SALT = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Trials:
    """One row a trial. A unit is one customer's day: what is moved as a whole when days are permuted.

    After the trials of the steps comes one row for each unit, whose `step` is VISIT (the number of names): what came
    up in the day as a whole. `many` is then the size of the day in classes, since a long day shows more of everything.

    step: the name reached; followers: (trials, WITHIN) the names of the next touchpoints of the visit; before: those
    before it, the nearest first; many: how many follow, 0 where that cannot be known; wait: seconds to the next of them
    (NaN without); stopped: 1.0 if the visit ended at the step on that day, 0.0 if not, NaN while that cannot be known;
    turned: whether the customer soon went back instead of on; codes: (dimensions, trials) the values of the segments.
    """

    step: np.ndarray
    unit: np.ndarray
    followers: np.ndarray
    many: np.ndarray
    wait: np.ndarray
    stopped: np.ndarray
    turned: np.ndarray
    before: np.ndarray
    codes: np.ndarray
    unit_customer: np.ndarray
    unit_day: np.ndarray
    held_out: np.ndarray
    pause: float | None
    visit: int

    def __len__(self) -> int:
        return len(self.step)

    @property
    def day(self) -> np.ndarray:
        return self.unit_day[self.unit]

    @property
    def customer(self) -> np.ndarray:
        return self.unit_customer[self.unit]

    def where(self, kept: np.ndarray) -> "Trials":
        """The trials for which `kept` is true; units keep their numbers."""
        rows = ("step", "unit", "followers", "many", "wait", "stopped", "turned", "before", "held_out")
        return replace(self, codes=self.codes[:, kept], **{name: getattr(self, name)[kept] for name in rows})


def held_out_customers(customers: np.ndarray, salt: int = 0, share: float = HELD_OUT) -> np.ndarray:
    """True for the customers who take no part in the search. The same customer always falls on the same side."""
    with np.errstate(over="ignore"):
        mixed = customers.astype(np.uint64) + np.uint64(salt + 1) * SALT
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(11)).astype(np.float64) / 2**53 < share


def trials_of(log: Log, salt: int = 0) -> Trials:
    """All trials of the log."""
    waits = gaps(log)
    pause = pause_between_visits(waits)
    same_visit = np.isfinite(waits) & (waits <= (pause or np.inf))
    followers, many, last = _followers(log.name, log.time, same_visit)
    towards = np.r_[True, same_visit[1:][::-1]][: len(log)]
    before = _followers(log.name[::-1], log.time, towards)[0][::-1]
    unit = np.cumsum(log.new_customer | np.r_[True, np.diff(log.day) != 0][: len(log)]) - 1
    order = np.lexsort((np.arange(len(log)), log.name, unit))
    order = order[log.name[order] >= 0]
    first = np.r_[True, (np.diff(unit[order]) != 0) | (np.diff(log.name[order]) != 0)][: len(order)]
    rows = order[first]
    first_of_unit = np.flatnonzero(np.r_[True, np.diff(unit) != 0][: len(log)])
    next_wait = np.r_[waits[1:], np.inf][: len(log)]
    wait = np.where(many > 0, next_wait, np.nan)
    steps = Trials(
        step=log.name[rows],
        unit=unit[rows],
        followers=followers[rows],
        many=many[rows],
        wait=wait[rows],
        stopped=_stopped(log, next_wait, pause, order, first),
        turned=np.zeros(len(rows), bool),
        before=before[rows],
        codes=log.codes[:, rows],
        unit_customer=log.customer[first_of_unit],
        unit_day=log.day[first_of_unit],
        held_out=held_out_customers(log.customer[rows], salt),
        pause=pause,
        visit=len(log.names),
    )
    return _with_visits(steps, log, unit, first_of_unit, salt, _knowable(log, rows, last, pause))


def _with_visits(
    steps: Trials, log: Log, unit: np.ndarray, first_of_unit: np.ndarray, salt: int, knowable: np.ndarray
) -> Trials:
    """The trials, without the followers that cannot be known, and below them one row for each unit."""
    units = len(first_of_unit)
    followers = np.where(knowable[:, None], steps.followers, UNSEEN)
    nothing = np.full(units, np.nan)
    size = np.where(_whole(steps, log), 1 + np.searchsorted(SIZES, np.bincount(unit, minlength=units)), 0)
    return Trials(
        step=np.r_[steps.step, np.full(units, steps.visit)],
        unit=np.r_[steps.unit, np.arange(units)],
        followers=np.vstack([followers, np.full((units, WITHIN), UNSEEN, np.int32)]),
        many=np.r_[np.where(knowable, steps.many, 0), size],
        wait=np.r_[np.where(knowable, steps.wait, np.nan), nothing],
        stopped=np.r_[steps.stopped, nothing],
        turned=np.r_[steps.turned, np.zeros(units, bool)],
        before=np.vstack([steps.before, np.full((units, WITHIN), UNSEEN, np.int32)]),
        codes=np.hstack([steps.codes, log.codes[:, first_of_unit]]),
        unit_customer=steps.unit_customer,
        unit_day=steps.unit_day,
        held_out=np.r_[steps.held_out, held_out_customers(steps.unit_customer, salt)],
        pause=steps.pause,
        visit=steps.visit,
    )


def _whole(steps: Trials, log: Log) -> np.ndarray:
    """False for the days at both ends of a log without visits, when most journeys have only begun or are ending."""
    if steps.pause is not None or not len(log):
        return np.ones(len(steps.unit_day), bool)
    begins = np.flatnonzero(log.new_customer)
    lasting = log.day[np.r_[begins[1:], len(log)] - 1] - log.day[begins]
    edge = min(log.days / 5, float(np.quantile(lasting, 0.9)))
    return (steps.unit_day >= edge) & (steps.unit_day < log.days - edge)


def _followers(name: np.ndarray, time: np.ndarray, same_visit: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The next names of the visit, how many there are, and the time of the last of them."""
    size = len(name)
    followers = np.full((size, WITHIN), UNSEEN, np.int32)
    many = np.zeros(size, np.int32)
    last = time.copy()
    goes_on = np.ones(size, bool)
    for ahead in range(1, WITHIN + 1):
        if size <= ahead:
            break
        goes_on[: size - ahead] &= same_visit[ahead:]
        goes_on[size - ahead :] = False
        at = np.flatnonzero(goes_on)
        followers[at, ahead - 1] = name[at + ahead]
        many[at] = ahead
        last[at] = time[at + ahead]
    return followers, many, last


def _stopped(log: Log, next_wait: np.ndarray, pause: float | None, order: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Whether the visit ended at the step that day: the largest over that day's times at the step."""
    if not len(order):
        return np.zeros(0)
    finite = next_wait[np.isfinite(next_wait)]
    silence = pause or (float(np.quantile(finite, 0.95)) if len(finite) else np.inf)
    ended = (next_wait > silence).astype(float)
    ended[log.time > log.time.max() - silence] = np.nan
    return np.maximum.reduceat(ended[order], np.flatnonzero(first))


def _knowable(log: Log, rows: np.ndarray, last: np.ndarray, pause: float | None) -> np.ndarray:
    """Leaves out the ends of the log, where journeys are cut off and only the quick ones are seen whole.

    At the end: as long as nine of ten trials of the step need for their followers. At the beginning, where data has
    no visits: as long as nine of ten customers need to come to the step. Never more than a fifth of the log each.
    """
    if not len(rows):
        return np.zeros(0, bool)
    step, time = log.name[rows], log.time[rows]
    begin, end = log.time.min(), log.time.max()
    fifth = (end - begin) / 5
    starts = np.maximum.accumulate(np.where(log.new_customer, np.arange(len(log)), 0))
    taken, lead = last[rows] - time, time - log.time[starts][rows]
    kept = np.ones(len(rows), bool)
    for name in np.unique(step):
        own = step == name
        kept[own] &= time[own] <= end - min(fifth, np.quantile(taken[own], 0.9))
        if pause is None:
            kept[own] &= time[own] >= begin + min(fifth, np.quantile(lead[own], 0.9))
    return kept
