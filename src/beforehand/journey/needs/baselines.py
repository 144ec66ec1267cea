"""How long each step takes when all is well, learned once from a window that is then frozen.

The window begins with the first who entered the step and is as many times four weeks long as it takes until 50 have
finished; what happened later than a horizon after its end is not looked at. So it is the same window whether it is
learned on the day when it can be, or years later.
"""

import time
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from beforehand.journey import lake
from beforehand.journey.models import StepBaseline
from beforehand.journey.needs.keeping import book
from beforehand.journey.needs.shapes import DAY, SECOND

ENOUGH = 50
WINDOW = 28 * DAY
TOO_UNLIKELY = 0.2
EXACT = 1e-9
USUAL = 0.99
EVERY = 600.0  # seconds between two looks whether anything can be learned

ENTERED = """
    SELECT kind, version, step, min(epoch_us(entered)), max(epoch_us(entered)), count(*) FILTER (outcome = 'done')
    FROM need_steps WHERE outcome <> 'jumped' GROUP BY ALL"""
STAYS = """
    SELECT epoch_us(s.entered), epoch_us(coalesce(s.left_at, n.abandoned)),
        CASE WHEN s.left_at IS NULL AND n.abandoned IS NOT NULL THEN 'ended' ELSE s.outcome END, s.loops
    FROM need_steps s JOIN needs n USING (need)
    WHERE s.kind = $kind AND s.version = $version AND s.step = $step AND s.outcome <> 'jumped'
        AND epoch_us(s.entered) >= $first AND epoch_us(s.entered) < $last"""
Floats = NDArray[np.float64]
_looked = 0.0


class Learned(NamedTuple):
    """What the window says: seconds, and goings-back. `late` is the wait from which on it is too long."""

    entered: int
    finished: int
    median: float
    late: float
    loops: int


class Window(NamedTuple):
    """Stays in one step that began in a window: seconds in it, how they ended, how often the customer went back.

    `ended`: 1 finished, 2 given up, 0 not known.
    """

    seconds: Floats
    ended: NDArray[np.int8]
    loops: NDArray[np.int64]


def learn_when_due() -> bool:
    """Learn what can be learned, if nobody looked in the last minutes; whether there was anything."""
    global _looked
    if time.monotonic() - _looked < EVERY and _looked:
        return False
    _looked = time.monotonic()
    return learn() > 0


def learn() -> int:
    """Learn the baselines that are missing and can be known by now; how many steps that were.

    The needs are traced again with them at the next `follow`.
    """
    with lake.reader() as reader:
        found = list(_missing(reader))
    with transaction.atomic():
        rows = StepBaseline.objects.bulk_create(found, ignore_conflicts=True)
    return len(rows)


def _missing(reader: lake.Reader) -> Iterator[StepBaseline]:
    horizons = {(way.kind, way.version): way.horizon for ways in book().ways.values() for way in ways}
    known = set(StepBaseline.objects.values_list("kind", "version", "step"))
    now = _now(reader)
    for kind, version, step, first, _last, finished in reader.db.execute(ENTERED).fetchall():
        horizon = horizons.get((kind, version))
        if (kind, version, step) in known or finished < ENOUGH or horizon is None:
            continue
        last = first + WINDOW
        while last + horizon <= now:
            window = _window(reader, (kind, version, step), first, last, last + horizon)
            if (window.ended == 1).sum() >= ENOUGH:
                learned = learn_from(window)
                yield StepBaseline(kind=kind, version=version, step=step, first=first, last=last, **learned._asdict())
                break
            last += WINDOW


def _window(reader: lake.Reader, which: tuple[str, int, str], first: int, last: int, until: int) -> Window:
    facts = dict(zip(("kind", "version", "step"), which, strict=True)) | {"first": first, "last": last}
    columns = reader.db.execute(STAYS, facts).fetchnumpy()
    entered, left, outcome, loops = columns.values()
    known = ~np.ma.getmaskarray(left) & (np.ma.filled(left, 0) <= until)
    ended = np.where(outcome == "done", 1, np.where(outcome == "ended", 2, 0)) * known
    seconds = (np.where(known, np.ma.filled(left, 0), until) - entered) / SECOND
    return Window(np.asarray(seconds, float), ended.astype(np.int8), np.asarray(loops, np.int64))


def learn_from(window: Window) -> Learned:
    """Median, the wait that is too long, and the usual number of goings-back. At least one must have finished."""
    finished = window.seconds[window.ended == 1]
    median = float(np.median(finished))
    loops = int(np.quantile(window.loops, USUAL, method="higher"))
    return Learned(len(window.seconds), len(finished), median, late_after(window, median), loops)


def late_after(window: Window, median: float) -> float:
    """The shortest wait after which the chance to finish within one more median is below 20 %.

    Chance = (F(w + median) − F(w)) / S(w): F is the share that had finished by then with giving up as a competing end
    (Aalen–Johansen), S the share that was still in the step (Kaplan–Meier over both ends). It is lowest right after
    somebody has finished, so it is looked at there.
    """
    times, leaves, finishes, at_risk = _table(window)
    staying = np.cumprod(1 - leaves / at_risk)
    before = np.concatenate([[1.0], staying[:-1]])
    done = np.cumsum(before * finishes / at_risk)
    later = np.searchsorted(times, times + median, side="right") - 1
    with np.errstate(invalid="ignore", divide="ignore"):
        chance = np.where(staying > 0, (done[later] - done) / staying, 0.0)
    unlikely = np.flatnonzero((chance < TOO_UNLIKELY - EXACT) & (finishes > 0))
    return float(times[unlikely[0] if len(unlikely) else -1])


def _table(window: Window) -> tuple[Floats, Floats, Floats, Floats]:
    """By distinct time in the step: how many left, how many of them finished, how many were there just before."""
    times, place = np.unique(window.seconds, return_inverse=True)
    count = len(times)
    everyone, leaves, finishes = (
        np.bincount(place, weights=which, minlength=count).astype(float)
        for which in (np.ones(len(place)), window.ended > 0, window.ended == 1)
    )
    return times, leaves, finishes, everyone[::-1].cumsum()[::-1]


def _now(reader: lake.Reader) -> int:
    """The last moment that is known."""
    found = reader.db.execute("SELECT epoch_us(moment) FROM known_until").fetchone()
    return int(found[0]) if found else 0
