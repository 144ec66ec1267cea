"""An incident told: its size from held-out customers, whom it struck, and the words for it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from beforehand.insight.breaks.candidates import MEASURES, SEEN, STOP, TURN, WAIT
from beforehand.insight.breaks.direction import goes_back, goes_on, turned_back, unwelcome
from beforehand.insight.breaks.found import Companion, Found, iso
from beforehand.insight.breaks.incident import Incident
from beforehand.insight.breaks.log import Log
from beforehand.insight.breaks.outcome import Observed, Outcome, observed
from beforehand.insight.breaks.size import Size, share_inside, surely_more, wait_inside
from beforehand.insight.breaks.trials import WITHIN, Trials
from beforehand.insight.breaks.words import said
from beforehand.insight.segments import Segment

MOST_ALSO = 3
MOST_UPS = 3
Choice = Callable[[Incident], Outcome | None]


class Sighting(NamedTuple):
    """An incident as the search of one part of the customers saw it; `trials` say who was held out of that search."""

    incident: Incident
    p: float
    segment: Segment | None
    trials: Trials
    order: np.ndarray
    within: np.ndarray
    inside: np.ndarray


def sighting(
    incident: Incident, p: float, segments: list[Segment | None], trials: Trials, order: np.ndarray, sizes: list[int]
) -> Sighting:
    return Sighting(incident, p, segments[incident.group], trials, order, *incident.compared(trials, sizes))


def told(sightings: list[Sighting], log: Log) -> Found | None:
    """The break that one or two searches saw, or nothing where held-out customers do not bear it out.

    Each search's own definition is measured on the customers it has not seen; where both halves of the customers saw
    it, the two are counted together.
    """
    if sightings[0].incident.standing and not _turns_back(sightings):
        return None
    for choice in _choices(sightings):
        having = [seen for seen in sightings if choice(seen.incident) is not None]
        size = _size(having, choice)
        outcome = choice(having[0].incident)
        if outcome and size.certain and (size.gain > 0) == (having[0].incident.up or outcome.measure == TURN):
            return _written(outcome, size, having[0], sightings, log)
    return None


def _turns_back(sightings: list[Sighting]) -> bool:
    """Whether held-out customers of a standing loop turn back more *after* the step than one would think from what
    comes *before* it. Customers who merely come less often to later steps on the whole do so on both sides of it; so
    does everybody where nothing has an order."""
    more, whose, inside = [], [], []
    for seen in sightings:
        of = observed(seen.trials, seen.incident.first, seen.within & seen.trials.held_out)
        step, order = seen.trials.step[of.row], seen.order
        after = turned_back(order, step, seen.trials.followers[of.row], again=False)
        before = turned_back(order, step, seen.trials.before[of.row], again=False)
        more.append(after.astype(float) - before)
        whose.append(of.customer)
        inside.append(seen.inside[of.row])
    return surely_more(np.concatenate(more), np.concatenate(whose), np.concatenate(inside))


def _choices(sightings: list[Sighting]) -> list[Choice]:
    """What the break may be named by, the fullest story first: going back instead of on, what rose at the step, and
    what was found at first."""
    choices: list[Choice] = []
    stories = [
        seen.incident for seen in sightings if seen.incident.up and seen.incident.first.measure not in (STOP, WAIT)
    ]
    for step in dict.fromkeys(story.loop.step for story in stories if story.loop):
        choices.append(_loop_at(step))
    shifts = [story for story in stories if not story.standing]
    for up in dict.fromkeys(up for story in shifts for up in list(story.ups)[:MOST_UPS] if up.to != up.step):
        choices.append(_having(up))
    for first in dict.fromkeys(seen.incident.first for seen in sightings):
        choices.append(_first(first))
    return choices


def _loop_at(step: int) -> Choice:
    return lambda one: one.loop if one.loop and one.loop.step == step else None


def _first(outcome: Outcome) -> Choice:
    return lambda one: outcome if one.first == outcome else None


def _having(outcome: Outcome) -> Choice:
    return lambda one: outcome if outcome in one.ups or outcome in one.downs else None


def _size(sightings: list[Sighting], choice: Choice) -> Size:
    """The size over all sightings, each measured on the customers who were held out of it."""
    parts, insides, waits = [], [], False
    for seen in sightings:
        outcome = choice(seen.incident)
        if outcome:
            of = observed(seen.trials, outcome, seen.within & seen.trials.held_out)
            parts.append(of)
            insides.append(seen.inside[of.row])
            waits = outcome.measure == WAIT
    fields = zip(*[(of.row, of.day, of.customer, of.happened, of.stratum) for of in parts], strict=True)
    together = Observed(*[np.concatenate(field) for field in fields])
    return (wait_inside if waits else share_inside)(together, np.concatenate(insides))


def _written(outcome: Outcome, size: Size, seen: Sighting, sightings: list[Sighting], log: Log) -> Found:
    incident, names = seen.incident, log.names
    everybody = observed(seen.trials, outcome, seen.within)
    inside = seen.inside[everybody.row]
    excess = abs(size.gain) * float(inside.sum()) / log.share
    customers = round(excess)
    if size.gain > 0:
        struck = everybody.happened > (size.baseline if outcome.measure == WAIT else 0)
        customers = round(len(np.unique(everybody.customer[inside & struck])) / log.share)
    others, instead_of = _ways(outcome, seen.order)
    found = Found(
        kind={STOP: "dead_end", WAIT: "wait", TURN: "loop"}.get(outcome.measure, "change"),
        name=names[outcome.step] if outcome.step < len(names) else names[outcome.to],
        to=names[outcome.to] if outcome.to >= 0 and outcome.measure != SEEN else "",
        segment=f"{seen.segment.key}={seen.segment.value}" if seen.segment else "",
        start=None if incident.open_start else iso(log.first_day, incident.start),
        end=None if incident.open_end else iso(log.first_day, incident.end - 1),
        value=size.value,
        low=size.low,
        high=size.high,
        unit="seconds" if outcome.measure == WAIT else "share",
        baseline=size.baseline,
        customers=customers,
        n=size.n,
        p=seen.p,
        sentence="",
        excess=excess * _weight(outcome, incident, log),
        measure=MEASURES[outcome.measure],
        within=WITHIN,
        pause=seen.trials.pause,
        others=tuple(names[name] for name in others),
        instead_of=tuple(names[name] for name in instead_of),
        moved=_moved(outcome, incident, sightings, names),
    )
    return said(found, log.labels)


def _ways(outcome: Outcome, order: np.ndarray) -> tuple[Sequence[int], Sequence[int]]:
    """Where else it went, and where it did not go: of going back anywhere, all the steps before and after."""
    if outcome.measure != TURN or outcome.to >= 0:
        return outcome.others, outcome.instead_of
    here, to = np.full(len(order), outcome.step), np.arange(len(order))
    return np.flatnonzero(goes_back(order, here, to)).tolist(), np.flatnonzero(goes_on(order, here, to)).tolist()


def _weight(outcome: Outcome, incident: Incident, log: Log) -> float:
    """Half for a shift of which nobody can say whether it is for the worse."""
    if outcome.measure in (STOP, WAIT, TURN) or not incident.up:
        return 1.0
    return 1.0 if unwelcome(log.names, log.kinds)[outcome.to] else 0.5


def _moved(outcome: Outcome, incident: Incident, sightings: list[Sighting], names: list[str]) -> tuple[Companion, ...]:
    """What else moved at the same step, as far as held-out customers bear it out."""
    found = []
    for other in [*incident.ups, *incident.downs]:
        if other.to in (outcome.to, outcome.step, *outcome.others):
            continue
        size = _size([seen for seen in sightings if _having(other)(seen.incident)], _having(other))
        if size.certain and (size.gain > 0) == (other in incident.ups):
            found.append(Companion(names[other.to], size.value, size.low, size.high, size.baseline))
    return tuple(found[:MOST_ALSO])
