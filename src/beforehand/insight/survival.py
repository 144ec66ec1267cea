"""Waits of which some have not ended: the time by which half of them end, by Kaplan and Meier.

Their SQL gives a row a wait: `value` in seconds to its end or so far, `ended` 1 or 0. Who still waits is counted for as
long as they have waited, and never left out: leaving them out is how an average comes to hold only those who were
served. The interval is that of a bootstrap over customers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from beforehand.insight.aggregation import HASH
from beforehand.insight.answer import Names, dims_of
from beforehand.insight.estimators import ESTIMATORS, FEW
from beforehand.insight.measure import Measure
from beforehand.insight.outcomes import UNITS, samples
from beforehand.insight.query import Query
from beforehand.insight.result import Group, Point, Result, number
from beforehand.insight.scope import Scope
from beforehand.lib.statistics.bootstrap import percentile
from beforehand.lib.statistics.competing import Counts, bin_sql, incidence, quantile

DRAWS, TREND_DRAWS = 300, 100


@dataclass(frozen=True)
class Waits:
    """Counted waits of one part of an answer; `unit` is a group of customers, nearly always one."""

    unit: np.ndarray
    bin: np.ndarray
    ended: np.ndarray
    n: np.ndarray

    @property
    def count(self) -> int:
        return round(float(self.n.sum()))

    @property
    def open(self) -> int:
        return round(float(self.n[~self.ended].sum()))

    @property
    def customers(self) -> int:
        return len(np.unique(self.unit))

    @property
    def enough(self) -> bool:
        return min(self.count, self.customers) >= FEW

    def chances(self, draws: int) -> np.ndarray:
        """The chance to have ended by each bin, a line a sample."""
        places = np.unique(self.unit, return_inverse=True)[1]
        drawn = samples(int(places.max(initial=-1)) + 1, draws)
        bins = int(self.bin.max(initial=0)) + 1
        counts = np.zeros((2, len(drawn), bins))
        for place, bin_, ended, n in zip(places, self.bin, self.ended.astype(int), self.n, strict=True):
            counts[ended, :, bin_] += drawn[:, place] * n
        found: np.ndarray = incidence(Counts(counts[1][..., None], counts[0]))[..., 0].cumsum(axis=-1)
        return found


def counted_sql(dims: Sequence[str], only: str = "") -> str:
    """From rows to their number by group, group of customers, age and whether they ended."""
    keys = "".join(f"{dim}, " for dim in dims)
    which = f" where {only}" if only else ""
    return (
        f"select {keys}(({HASH} * {HASH}) >> 40) & {UNITS - 1} as unit, {bin_sql('greatest(value, 0)')} as bin,"
        f" ended, count(*) as n from rows{which} group by all order by all"
    )


def fetch(db: Any, of: Scope, dims: Sequence[str], only: str = "") -> dict[tuple[Any, ...], Waits]:
    lines = of.fetch(db, counted_sql(dims, only))[1]
    width, found = len(dims), dict[tuple[Any, ...], list[Any]]()
    for line in lines:
        found.setdefault(tuple(line[:width]), []).append(line[width:])
    return {key: _waits(part) for key, part in found.items()}


def _waits(lines: Sequence[Any]) -> Waits:
    unit, bins, ended, n = (np.array(column) for column in zip(*lines, strict=True))
    return Waits(unit.astype(np.int64), bins.astype(np.int64), ended.astype(bool), n.astype(float))


def told(waits: Waits, draws: int) -> tuple[Any, dict[str, Any]]:
    """The median with its interval; the 90th percentile, and how many still wait, beside it. None where fewer than
    half have ended by the longest time that is known."""
    chances = waits.chances(draws)
    median, p90 = (percentile(quantile(chances, share)) for share in (0.5, 0.9))
    extra = {
        "p90": number(p90.value), "p90_low": number(p90.low), "p90_high": number(p90.high),
        "median": number(median.value), "waiting": waits.open, "customers": waits.customers, "enough": waits.enough,
    }  # fmt: skip
    return tuple(number(part) for part in median), extra


def answer(query: Query, measure: Measure, db: Any, of: Scope, as_of: datetime) -> Result:
    whole = fetch(db, of, (), measure.headline).get(())
    (value, low, high), extra = told(whole, DRAWS) if whole else ((None, None, None), {})
    return Result(
        slug=measure.slug, title=str(measure.title), unit=measure.unit, good=measure.good,
        definition=str(measure.definition), estimator=str(ESTIMATORS[measure.estimator].title),
        value=value, low=low, high=high, n=whole.count if whole else 0, approximate=False,
        enough=bool(whole and whole.enough), groups=_groups(query, measure, db, of),
        trend=_trend(query, measure, db, of), as_of=as_of, version=measure.version, sql=measure.rows_sql(), extra=extra,
    )  # fmt: skip


def _groups(query: Query, measure: Measure, db: Any, of: Scope) -> list[Group]:
    dims, names = dims_of(query, measure), Names(db)
    if not dims:
        return []
    found = []
    for key, waits in fetch(db, of, dims).items():
        value, extra = told(waits, TREND_DRAWS)
        plain = tuple("" if part is None else str(part) for part in key)
        middle, low, high = value
        found.append(Group(plain, names.label(dims, plain), middle, low, high, waits.count, extra))
    return sorted(found, key=lambda group: (-group.n, group.key))


def _trend(query: Query, measure: Measure, db: Any, of: Scope) -> list[Point]:
    if not query.trend:
        return []
    length = timedelta(days=7 if query.trend == "week" else 1)
    found = []
    for (day,), waits in sorted(fetch(db, of, ("period",), measure.headline).items()):
        (value, low, high), _extra = told(waits, TREND_DRAWS)
        found.append(Point(day, value, low, high, waits.count, waits.open > 0 or day + length > query.end))
    return found
