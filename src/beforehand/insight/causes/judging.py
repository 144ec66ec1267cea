"""Which of the candidates are blamed, with how many contacts: false discovery control over all of them."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from beforehand.insight.causes.excess import Counted, count, tail
from beforehand.insight.causes.found import Cause
from beforehand.insight.causes.incidents import Incident
from beforehand.lib.statistics.discovery import adjusted

if TYPE_CHECKING:
    from beforehand.insight.causes.finding import Study, Weighed

RATE = 0.02
"""At most so many of those blamed are blamed wrongly, on average."""
CLUMPS = 1.5
"""Contacts of one victim come in clumps; the spread of how many fall to the extra victims grows with it."""


class Column(NamedTuple):
    """What is counted apart: a trouble outside its incidents, or one incident; with the troubles that are its own."""

    cause: int
    incident: Incident | None
    troubles: np.ndarray


def judged(study: "Study", columns: Sequence[Column], of: "Weighed") -> tuple[tuple[Cause, ...], float]:
    """Every candidate that struck at all, the blamed ones first; and how many contacts are attributed to those."""
    rows = []
    for n in range(len(columns)):
        weights = _weights(n, columns)
        if not sum(len(columns[m].troubles) for m in weights):
            continue
        weight = of.shares[:, list(weights)] @ np.array(list(weights.values()))
        got = count(weight, of.pieces, study.struck, of.expected, of.factor, of.sure, study.base, study.spread)
        rows.append((n, weight, _unsure(got, weights, columns, of)))
    qs = adjusted([got.p for _n, _weight, got in rows])
    causes = [_cause(study, columns, n, weight, of, got, q) for (n, weight, got), q in zip(rows, qs, strict=True)]
    causes.sort(key=lambda one: (not one.found, -one.value, one.key))
    ranked = tuple(_ranked(one, rank) for rank, one in enumerate(causes, 1))
    return ranked, sum(one.value for one in ranked if one.found)


def _weights(n: int, columns: Sequence[Column]) -> dict[int, float]:
    """Which part of which columns belongs to this one: of an incident's victims, those who would have been struck
    anyway belong to the trouble in general."""
    incident = columns[n].incident
    if incident is not None:
        return {n: incident.extra}
    own = {m: 1 - c.incident.extra for m, c in enumerate(columns) if c.incident and c.cause == columns[n].cause}
    return {n: 1.0, **own}


def _unsure(got: Counted, weights: dict[int, float], columns: Sequence[Column], of: "Weighed") -> Counted:
    """The variance with that of which victims were extra, and of the usual share."""
    more = 0.0
    for m in weights:
        incident = columns[m].incident
        if incident is None:
            continue
        excess = max(of.counts[m].excess, 0.0)
        rate = incident.usual * (1 - incident.usual) / max(incident.chances, 1) / max(incident.share, 1e-9) ** 2
        more += CLUMPS * excess * incident.extra * (1 - incident.extra) + excess**2 * rate
    variance = got.variance + more
    return got._replace(variance=variance, p=tail(got.observed, got.expected, got.variance))


def _cause(
    study: "Study", columns: Sequence[Column], n: int, weight: np.ndarray, of: "Weighed", got: Counted, q: float
) -> Cause:
    column, candidate = columns[n], study.candidates[columns[n].cause]
    incident = column.incident
    value, low, high = got.interval()
    start, end = incident.days(study.when.first) if incident else (None, None)
    where = incident.where if incident else ()
    wrote, money = float((weight * of.pieces.wrote).sum()), float((weight * of.pieces.cost).sum())
    unit = money / wrote if wrote > 0 else 0.0
    customers = np.unique(study.struck.customer[column.troubles])
    loud = np.unique(of.pieces.customer[(of.shares[:, n] > 0) & (of.pieces.wrote > 0)])
    ratio, chance = study.before.of(column.troubles)
    split = any(other.incident and other.cause == column.cause for other in columns)
    downstream = tuple(
        (study.candidates[one.mediator].key, one.times) for one in study.mediators if one.cause == column.cause
    )
    return Cause(
        key=key_of(study, column), name=candidate.name, sort=candidate.sort, kind=candidate.kind, step=candidate.step,
        owner=candidate.owner, where=where, start=start, end=end, ordinary=incident is None and split,
        value=value, low=low, high=high, observed=got.observed, expected=got.expected, p=got.p, q=q,
        found=q <= RATE and value > 0 and not math.isnan(value), victims=float(len(column.troubles)),
        customers=len(customers), silent=len(np.setdiff1d(customers, loud)), cost=value * unit, cost_low=low * unit,
        cost_high=high * unit, before=ratio, before_p=chance, mediators=downstream,
    )  # fmt: skip


def key_of(study: "Study", column: Column) -> str:
    """The candidate's key, and for an incident where and when."""
    incident, key = column.incident, study.candidates[column.cause].key
    if incident is None:
        return key
    days = [day for day in incident.days(study.when.first) if day]
    return " ".join([key, *(f"{name}={value}" for name, value in incident.where), *days])


def _ranked(one: Cause, rank: int) -> Cause:
    from dataclasses import replace

    return replace(one, rank=rank)
