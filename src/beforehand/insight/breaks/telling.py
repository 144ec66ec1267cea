"""An incident told: its size from held-out customers, whom it struck, and the words for it."""

import numpy as np

from beforehand.insight.breaks.candidates import MEASURES, SEEN, STOP, TURN, WAIT
from beforehand.insight.breaks.direction import unwelcome
from beforehand.insight.breaks.found import Found, iso
from beforehand.insight.breaks.incident import Incident, headline
from beforehand.insight.breaks.log import Log
from beforehand.insight.breaks.outcome import Outcome, in_group, observed
from beforehand.insight.breaks.search import Search
from beforehand.insight.breaks.size import Size, share_inside, wait_inside
from beforehand.insight.breaks.trials import WITHIN, Trials
from beforehand.insight.breaks.words import companion, sentence
from beforehand.insight.segments import Segment

MOST_ALSO = 3


def told(incident: Incident, p: float, search: Search, trials: Trials, log: Log) -> Found | None:
    """The incident with its size, or nothing where held-out customers do not bear it out."""
    within = in_group(trials, incident.group, search.sizes)
    for outcome in dict.fromkeys([headline(incident), *list(incident.ups)[:1], incident.first]):
        size = _size(outcome, incident, trials, within & trials.held_out)
        if size.certain and (size.gain > 0) == (incident.up or outcome.measure == TURN):
            segment = search.counts.candidates.segments[incident.group]
            return _written(outcome, size, incident, p, segment, trials, within, log)
    return None


def _size(outcome: Outcome, incident: Incident, trials: Trials, within: np.ndarray) -> Size:
    seen = observed(trials, outcome, within)
    inside = (seen.day >= incident.start) & (seen.day < incident.end)
    return wait_inside(seen, inside) if outcome.measure == WAIT else share_inside(seen, inside)


def _written(
    outcome: Outcome,
    size: Size,
    incident: Incident,
    p: float,
    segment: Segment | None,
    trials: Trials,
    within: np.ndarray,
    log: Log,
) -> Found:
    everybody = observed(trials, outcome, within)
    inside = (everybody.day >= incident.start) & (everybody.day < incident.end)
    excess = abs(size.gain) * inside.sum() / log.share
    customers = round(excess)
    if size.gain > 0:
        struck = everybody.happened > (size.baseline if outcome.measure == WAIT else 0)
        customers = round(len(np.unique(everybody.customer[inside & struck])) / log.share)
    names = log.names
    return Found(
        kind=_kind(outcome),
        name=names[outcome.step] if outcome.step < len(names) else names[outcome.to],
        to=names[outcome.to] if outcome.to >= 0 and outcome.measure != SEEN else "",
        segment=f"{segment.key}={segment.value}" if segment else "",
        start=None if incident.open_start else iso(log.first_day, incident.start),
        end=None if incident.open_end else iso(log.first_day, incident.end - 1),
        value=size.value,
        low=size.low,
        high=size.high,
        unit="seconds" if outcome.measure == WAIT else "share",
        baseline=size.baseline,
        customers=customers,
        n=size.n,
        p=p,
        sentence=sentence(outcome, incident, size, customers, names, segment, log.first_day),
        excess=float(excess) * _weight(outcome, incident, log),
        measure=MEASURES[outcome.measure],
        within=WITHIN,
        pause=trials.pause,
        others=tuple(names[name] for name in outcome.others),
        instead_of=tuple(names[name] for name in outcome.instead_of),
        also=_also(outcome, incident, trials, within, names),
    )


def _kind(outcome: Outcome) -> str:
    return {STOP: "dead_end", WAIT: "wait", TURN: "loop"}.get(outcome.measure, "change")


def _weight(outcome: Outcome, incident: Incident, log: Log) -> float:
    """Half for a shift of which nobody can say whether it is for the worse."""
    if outcome.measure in (STOP, WAIT, TURN) or not incident.up:
        return 1.0
    return 1.0 if unwelcome(log.names, log.kinds)[outcome.to] else 0.5


def _also(
    outcome: Outcome, incident: Incident, trials: Trials, within: np.ndarray, names: list[str]
) -> tuple[str, ...]:
    """What else moved at the same step, as far as held-out customers bear it out."""
    told = []
    others = [o for o in [*incident.ups, *incident.downs] if o.to not in (outcome.to, outcome.step, *outcome.others)]
    for other in others:
        size = _size(other, incident, trials, within & trials.held_out)
        if size.certain and (size.gain > 0) == (other in incident.ups):
            told.append(companion(other, size, names))
    return tuple(told[:MOST_ALSO])
