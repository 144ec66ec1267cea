"""Which of the candidates are blamed, with how many contacts: false discovery control over all of them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from beforehand.insight.causes.excess import Counted, count, tail
from beforehand.insight.causes.found import Cause
from beforehand.insight.causes.incidents import Incident
from beforehand.insight.causes.landmarks import LEVELS
from beforehand.lib.statistics.discovery import adjusted

if TYPE_CHECKING:
    from beforehand.insight.causes.finding import Study, Weighed

RATE = 0.02
"""At most so many of those blamed are blamed wrongly, on average."""
EARLY, EARLY_P = 1.5, 0.001
"""Above so many times as many contacts as usual before it, a trouble must bring contacts from those too who had written
none, to be blamed."""


class Column(NamedTuple):
    """What is counted apart: a trouble outside its incidents, or one incident; with the troubles that are its own."""

    cause: int
    incident: Incident | None
    troubles: np.ndarray


class Judgement(NamedTuple):
    """A study with its columns and what was counted for them; `only` names the columns that it speaks for."""

    study: "Study"
    columns: Sequence[Column]
    of: "Weighed"
    only: tuple[int, ...] | None = None

    @property
    def speaks_for(self) -> list[int]:
        """Places of the columns that it speaks for, where at least one victim is their own."""
        asked = range(len(self.columns)) if self.only is None else self.only
        return [n for n in asked if _victims(n, self.columns) >= 1]


def judged(judgements: Sequence[Judgement]) -> tuple[tuple[Cause, ...], float]:
    """Every candidate that struck at all, the blamed ones first; and how many contacts are attributed to those."""
    rows = []
    for one in judgements:
        columns, of = one.columns, one.of
        for n in one.speaks_for:
            weights = _weights(n, columns)
            weight = of.shares[:, list(weights)] @ np.array(list(weights.values()))
            got = _unsure(_count(one, weight), weights, columns, of)
            rows.append((one, n, weight, got._replace(p=max(got.p, _early(one, n, weight)))))
    qs = adjusted([got.p for _one, _n, _weight, got in rows])
    causes = [_cause(one, n, weight, got, q) for (one, n, weight, got), q in zip(rows, qs, strict=True)]
    causes.sort(key=lambda one: (not one.found, -one.value, one.key))
    ranked = tuple(replace(one, rank=rank) for rank, one in enumerate(causes, 1))
    return ranked, sum(one.value for one in ranked if one.found)


def _count(one: Judgement, weight: np.ndarray) -> Counted:
    of, study = one.of, one.study
    return count(weight, of.pieces, study.struck, of.expected, of.factor, of.sure, study.base, study.spread)


def _early(one: Judgement, n: int, weight: np.ndarray) -> float:
    """Where many had written before a trouble was noted, its p among those who had not; else 0."""
    ratio, chance = one.study.before.of(one.columns[n].troubles)
    if ratio <= EARLY or chance >= EARLY_P:
        return 0.0
    silent = one.study.struck.stratum[one.of.pieces.first] % LEVELS == 0
    return _count(one, weight * silent).p


def _lost(one: Judgement, n: int) -> tuple[float, float]:
    """What those who left because of a column's troubles would have written, and its variance."""
    if one.study.leaving is None:
        return 0.0, 0.0
    weight = np.zeros(len(one.study.struck.t))
    for m, part in _weights(n, one.columns).items():
        weight[one.columns[m].troubles] = part
    return one.study.leaving.lost(weight)


def _victims(n: int, columns: Sequence[Column]) -> float:
    return sum(part * len(columns[m].troubles) for m, part in _weights(n, columns).items())


def _weights(n: int, columns: Sequence[Column]) -> dict[int, float]:
    """Which part of which columns belongs to this one: of an incident's victims, those who would have been struck
    anyway belong to the trouble in general."""
    incident = columns[n].incident
    if incident is not None:
        return {n: incident.extra}
    own = {m: 1 - c.incident.extra for m, c in enumerate(columns) if c.incident and c.cause == columns[n].cause}
    return {n: 1.0, **own}


def _unsure(got: Counted, weights: dict[int, float], columns: Sequence[Column], of: "Weighed") -> Counted:
    """The variance with that of the usual share."""
    more = 0.0
    for m in weights:
        incident = columns[m].incident
        if incident is None:
            continue
        excess = max(of.counts[m].excess, 0.0)
        rate = incident.usual * (1 - incident.usual) / max(incident.chances, 1) / max(incident.share, 1e-9) ** 2
        more += excess**2 * rate
    variance = got.variance + more
    return got._replace(variance=variance, p=tail(got.observed, got.expected, got.variance))


def _cause(one: Judgement, n: int, weight: np.ndarray, got: Counted, q: float) -> Cause:
    study, columns, of = one.study, one.columns, one.of
    column, candidate = columns[n], study.candidates[columns[n].cause]
    found = q <= RATE and got.excess > 0
    lost, unsure = _lost(one, n) if found else (0.0, 0.0)
    incident = column.incident
    value, low, high = got.less(lost, unsure).interval()
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
        found=found, lost=lost, victims=_victims(n, columns),
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
