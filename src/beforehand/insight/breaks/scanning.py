"""One scan from beginning to end: search, tell the stories, rank."""

from dataclasses import replace
from typing import Any

import numpy as np

from beforehand.insight.breaks.direction import precedence, turned_back
from beforehand.insight.breaks.found import Found
from beforehand.insight.breaks.incident import Incident, incident_of, left_out_by, standing_incident
from beforehand.insight.breaks.log import MOST_ROWS, Log, load
from beforehand.insight.breaks.search import LEVEL, PERMUTATIONS, Search, Significance, observe, prepare, significance
from beforehand.insight.breaks.telling import Sighting, sighting, told
from beforehand.insight.breaks.trials import trials_of
from beforehand.insight.segments import Dimension, dimensions

MOST_INCIDENTS = 20
FEW_CUSTOMERS = 5000
"""Up to this many customers each half is searched once, with the other half held out; beyond, one half is plenty."""
SAME_DAYS = 0.5
SPLIT = 3
"""Which way customers are split; fixed, so that the same data show the same breaks. See docs/breaks.md, its limits."""


def scan(
    reader: Any,
    segments: list[Dimension] | None = None,
    permutations: int = PERMUTATIONS,
    level: float = LEVEL,
    seed: int = SPLIT,
    most_rows: int = MOST_ROWS,
) -> list[Found]:
    """Search the reader's touchpoints for breaks; the largest (by extra cases) first.

    The same data and seed give the same breaks. Nothing comes back where the log is too small to say anything.
    """
    log = load(reader, dimensions(reader) if segments is None else segments, most_rows)
    return scan_log(log, permutations, level, seed)


def scan_log(log: Log, permutations: int = PERMUTATIONS, level: float = LEVEL, seed: int = SPLIT) -> list[Found]:
    if not len(log):
        return []
    trials = trials_of(log, seed)
    order = precedence(log, trials.pause)
    trials = replace(trials, turned=turned_back(order, trials.step, trials.followers))
    sides = [trials]
    if len(np.unique(trials.unit_customer)) <= FEW_CUSTOMERS:
        sides.append(replace(trials, held_out=~trials.held_out))
    seen: list[Sighting] = []
    level /= len(sides)  # two searches may not be wrong twice as often as one
    for side in sides:
        search = prepare(log, side, order)
        if search:
            segments = search.counts.candidates.segments
            for incident, p in _incidents(search, permutations, level, seed):
                seen.append(sighting(incident, p, segments, side, order, search.sizes))
    found = [one for one in (told(group, log) for group in _together(seen)) if one]
    largest_first = sorted(found, key=lambda one: -one.excess)
    return [replace(one, rank=rank) for rank, one in enumerate(_once(largest_first), 1)]


def _once(found: list[Found]) -> list[Found]:
    """Of those that say the same of the same customers on days they share, the first alone."""
    kept: list[Found] = []
    for one in found:
        if not any(one.says_as(other) for other in kept):
            kept.append(one)
    return kept


def _together(seen: list[Sighting]) -> list[list[Sighting]]:
    """What both halves saw is told once. Each group is in the order of strength."""
    groups: list[list[Sighting]] = []
    for one in sorted(seen, key=lambda one: -abs(one.incident.root)):
        for group in groups:
            if _same(group[0].incident, one.incident) and all(one.trials is not other.trials for other in group):
                group.append(one)
                break
        else:
            groups.append([one])
    return groups


def _same(one: Incident, other: Incident) -> bool:
    """Whether two incidents are of one nature, share most of their days, may be about the same customers, and touch the
    same steps."""
    together = min(one.end, other.end) - max(one.start, other.start)
    shorter = min(one.end - one.start, other.end - other.start)
    steps = {one.step, one.first.step, one.first.to} & {other.step, other.first.step, other.first.to} - {-1}
    group = one.group == other.group or (0 in (one.group, other.group) and not one.standing)
    return one.standing == other.standing and together >= SAME_DAYS * shorter and group and bool(steps)


def _incidents(search: Search, permutations: int, level: float, seed: int) -> list[tuple[Incident, float]]:
    """The significant shifts, the strongest first, each looked for in what those before it do not explain."""
    counts, left_out = search.counts, np.zeros(len(search.counts.trials), bool)
    told = left_out.copy()  # for standing loops; one of those explains no shift, and does not leave out its days
    chance: Significance | None = None
    found: list[tuple[Incident, float]] = []
    while len(found) < MOST_INCIDENTS:
        best = observe(search, counts)
        at = int(np.abs(best.root).argmax())
        apart = search.standing.best(told)
        strongest = max(abs(float(best.root[at])), apart.root)
        if chance is None or chance.p(strongest) > level:
            # What was found before makes the permuted data stronger too: look again without it before giving up.
            chance = significance(search, counts, told, strongest, permutations, seed)
        p = chance.p(strongest)
        if p > level:
            break
        if apart.root >= strongest:
            incident = standing_incident(search, apart)
        else:
            incident = incident_of(search, counts, at, int(best.window[at]), float(best.root[at]))
        found.append((incident, p))
        explained = left_out_by(incident, counts, search.sizes)
        if not (explained & ~(told if incident.standing else left_out)).any():
            break
        told |= explained
        if not incident.standing:
            left_out |= explained
            counts = search.counts.without(left_out)
    return found
