"""How needs come out: measures whose rows are needs that are watched until they end one way or another.

Their SQL gives a row a need: `need_kind`, `outcome` (how it ended, empty while it is not known), `waited` (its age
then, in seconds, or as long as it has been watched). The chance of each end comes from competing risks by kind of
need; kinds are put together with weights that are fixed, so that a change of mix is no change of number. The interval
is that of a bootstrap over customers, and never narrower than so many needs can make it.

A cohort that is young is helped out at the ages that it has not reached by the cohorts of the half year before it.
Weeks are not alike: each sample of the bootstrap borrows from another four weeks on end (the moving blocks of H. R.
Künsch 1989, Annals of Statistics 17), as the young may come to be like any of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np

from beforehand.insight.aggregation import HASH
from beforehand.insight.answer import Names, dims_of
from beforehand.insight.estimators import ESTIMATORS, FEW
from beforehand.insight.measure import Measure
from beforehand.insight.query import Query
from beforehand.insight.result import Group, Point, Result, number
from beforehand.insight.scope import Scope
from beforehand.lib.statistics.bootstrap import percentile
from beforehand.lib.statistics.competing import Counts, bin_sql, incidence, quantile
from beforehand.lib.statistics.interval import NOTHING, Interval
from beforehand.lib.statistics.proportion import wilson

FAILED = ("contacted", "abandoned", "late")
BACK = timedelta(days=182)
DRAWS, TREND_DRAWS = 400, 120
SURE = 0.98
"""Where less than this share of a cohort is known to end at all, nobody was watched long enough."""
UNITS = 4096
"""Customers are drawn in so many random groups: below, one group is nearly always one customer."""
BLOCK = 4
"""Weeks that a sample borrows from."""
REST = 0.02
"""What each of the other weeks counts: it tells of ages that these have not reached."""
COUNTED = f"""select need_kind, own_period, outcome,
  case when own_period is null then date_diff('day', $start, day) // 7
    else (({HASH} * {HASH}) >> 40) & {UNITS - 1} end as unit,
  {bin_sql("waited")} as bin, count(*) as n
from (
  select *, case when day >= $first then {{period}} end as own_period from rows
) dated
group by 1, 2, 3, 4, 5"""
PERIODS = {"day": "day", "week": "cast(date_trunc('week', day) as date)", None: "$first"}
WEIGHTS = """with first as (
  select kind, min(opened_day) as began from every_need where coalesce(excluded, '') = '' group by kind
)
select n.kind, count(*) as needs, min(f.began) as began
from every_need n join first f on f.kind = n.kind
where coalesce(n.excluded, '') = '' and n.opened_day < f.began + interval 182 day
group by n.kind"""


def counted_sql(trend: str | None) -> str:
    """From the rows of needs to their number by kind, period, outcome, group of customers and age."""
    return COUNTED.format(period=PERIODS[trend])


@dataclass(frozen=True)
class Table:
    """The needs that were counted, in order of kind and period: codes of these (-1: before the cohort) and of the
    outcome (0: open). `unit` is a group of customers, or before the cohort a week."""

    kinds: list[str]
    periods: list[date]
    outcomes: list[str]
    kind: np.ndarray
    period: np.ndarray
    outcome: np.ndarray
    unit: np.ndarray
    bin: np.ndarray
    n: np.ndarray

    @cached_property
    def bins(self) -> int:
        return int(self.bin.max(initial=0)) + 1

    @cached_property
    def units(self) -> int:
        """Of the cohort."""
        return int(self.unit[self.period >= 0].max(initial=-1)) + 1

    def slice(self, start: int, end: int) -> "Table":
        parts = {name: getattr(self, name)[start:end] for name in ("kind", "period", "outcome", "unit", "bin", "n")}
        return replace(self, **parts)

    def of_kind(self, place: int) -> "Table":
        return self.slice(*np.searchsorted(self.kind, [place, place + 1]))

    def split(self, period: int | None) -> tuple["Table", "Table"]:
        """Of one kind: the needs of a period, or of all periods of the cohort; and those from before."""
        first, after = (0, len(self.periods)) if period is None else (period, period + 1)
        start, end = np.searchsorted(self.period, [first, after])
        return self.slice(start, end), self.slice(0, start).by_week()

    def by_week(self) -> "Table":
        """The same, each need in the week in which it opened; weeks in which none did are left out."""
        days = np.array([(day - self.periods[0]).days for day in self.periods] + [0])
        within = days[self.period] // 7 + BACK.days // 7 + 1
        week = np.unique(np.where(self.period < 0, self.unit, within), return_inverse=True)[1]
        return replace(self, unit=week)

    def count(self, draws: np.ndarray, bins: int) -> Counts:
        """The counts by sample, bin and outcome."""
        from scipy.sparse import csr_array

        ways = len(self.outcomes) + 1
        places = (self.unit, self.bin * ways + self.outcome)
        matrix = csr_array((self.n, places), shape=(draws.shape[1], bins * ways))
        found = (matrix.T @ draws.T).T.reshape(len(draws), bins, ways)
        return Counts(found[..., 1:], found[..., 0])


def fetch(db: Any, of: Scope, trend: str | None) -> Table:
    statement = of.sql(counted_sql(trend))
    used = {name: value for name, value in of.params.items() if f"${name}" in statement}
    found = db.execute(statement, used).to_arrow_table()
    (kinds, kind), (periods, period), (outcomes, outcome) = (_coded(found.column(i)) for i in range(3))
    unit = found.column(3).to_numpy().astype(np.int64)
    unit[period >= 0] = np.unique(unit[period >= 0], return_inverse=True)[1]
    bins, n = found.column(4).to_numpy().astype(np.int64), found.column(5).to_numpy().astype(float)
    order = np.lexsort((period, kind))
    columns = (column[order] for column in (kind, period, outcome + 1, unit, bins, n))
    return Table(kinds, periods, outcomes, *columns)


def _coded(column: Any) -> tuple[list[Any], np.ndarray]:
    """What a column has in it, in order, and where in that each line is; -1 for nothing, which is null or empty."""
    if not len(column):
        return [], np.zeros(0, dtype=np.int64)
    words = column.combine_chunks().dictionary_encode()
    known = words.dictionary.to_pylist()
    listed = sorted(word for word in known if word != "")
    places = np.array([listed.index(word) if word != "" else -1 for word in known] + [-1], dtype=np.int64)
    return listed, places[words.indices.fill_null(len(known)).to_numpy(zero_copy_only=False)]


def weights(db: Any, kinds: Sequence[str]) -> np.ndarray:
    """What each kind counts: its needs in its first half year on record. It does not change after that."""
    known = {kind: needs for kind, needs, _began in db.execute(WEIGHTS).fetchall()}
    return np.array([float(known.get(kind, 0)) for kind in kinds])


def samples(units: int, draws: int) -> np.ndarray:
    """Whole customers drawn with replacement, the first line being all of them once."""
    if not units:
        return np.ones((1, 0))
    chance = np.random.default_rng(0)
    drawn = chance.multinomial(units, np.full(units, 1 / units), size=draws)
    return np.vstack([np.ones(units), drawn]).astype(float)


def blocks(weeks: int, draws: int) -> np.ndarray:
    """BLOCK weeks on end for each sample, the first line being all weeks; fewer where there are few."""
    size = max(1, min(BLOCK, weeks // 3))
    start = np.random.default_rng(1).integers(weeks - size + 1, size=(draws, 1))
    week = np.arange(weeks)
    drawn = np.where((week >= start) & (week < start + size), 1.0, REST)
    return np.vstack([np.ones(weeks), drawn])


@dataclass(frozen=True)
class Chances:
    """For each sample: the chance of each end, `ends[sample, outcome]`, and of having been met by the end of each bin,
    `met[sample, bin]`."""

    ends: np.ndarray
    met: np.ndarray


@dataclass(frozen=True)
class Part:
    """One cohort of one kind. `open`: how many needs have not ended yet; `sure` is false where even the cohorts before
    have not been watched to the end."""

    chances: Chances
    n: int
    customers: int
    open: float
    sure: bool


@dataclass(frozen=True)
class Asked:
    """One question to one table."""

    measure: Measure
    table: Table
    weights: np.ndarray

    @property
    def good(self) -> list[int]:
        return [place for place, outcome in enumerate(self.table.outcomes) if outcome not in FAILED]

    def parts(self, period: int | None, draws: np.ndarray) -> dict[int, Part]:
        """By kind, of one period or of the whole cohort."""
        found = {}
        for place in range(len(self.table.kinds)):
            own, earlier = self.table.of_kind(place).split(period)
            if len(own.n):
                found[place] = self.part(own, earlier, draws)
        return found

    def part(self, own: Table, earlier: Table, draws: np.ndarray) -> Part:
        bins = max(own.bins, earlier.bins)
        mine = own.count(draws, bins)
        watched = float(mine.watched[0].sum())
        borrowed = None
        if watched and len(earlier.n):
            borrowed = earlier.count(blocks(int(earlier.unit.max()) + 1, len(draws) - 1), bins)
        ended = incidence(mine, borrowed)
        met = np.zeros((len(draws), self.table.bins if self.measure.unit == "seconds" else 0))
        if met.size:
            met[:, :bins] = ended[..., self.good].sum(axis=-1).cumsum(axis=-1)
            met[:, bins:] = met[:, [bins - 1]]
        ends = ended.sum(axis=-2)
        customers = len(np.unique(own.unit))
        return Part(Chances(ends, met), round(own.n.sum()), customers, watched, bool(ends[0].sum() > SURE))

    def together(self, parts: dict[int, Part]) -> Chances | None:
        """The chances of all kinds, by their weights: those that cannot be told yet are left out; None where that is
        all of them."""
        told = [(self.weights[place], part.chances) for place, part in parts.items() if part.sure]
        weight = sum(own for own, _chances in told)
        if not weight:
            return None
        return Chances(
            sum(own / weight * chances.ends for own, chances in told),
            sum(own / weight * chances.met for own, chances in told),
        )

    def estimate(self, chances: Chances | None, needs: int, customers: int) -> Interval:
        """The number and its interval, from the first sample and the others."""
        if chances is None:
            return NOTHING
        if self.measure.unit == "seconds":
            return percentile(quantile(chances.met, 0.5))
        return worth(chances.ends[:, self.good].sum(axis=-1), needs, customers)


def worth(samples: np.ndarray, needs: int, customers: int) -> Interval:
    """A share, with the wider of two intervals at each end. One has the percentiles of the samples, which know how
    unlike the weeks are. The other is Wilson's, for as many independent needs as the samples vary like, never more than
    there are (E. L. Korn, B. I. Graubard 1998, Survey Methodology 24), or for as many as customers where all samples
    agree: percentiles are too narrow for a few dozen needs nearly all of which are met."""
    found = percentile(samples)
    share = min(max(found.value, 0.0), 1.0)
    variance, simple = float(samples[1:].var()), share * (1 - share)
    effective = min(simple / variance, needs) if variance > 0 and simple > 0 else customers
    around = wilson(share * effective, effective)
    return Interval(found.value, min(found.low, around.low), max(found.high, around.high))


def answer(query: Query, measure: Measure, db: Any, of: Scope, as_of: datetime) -> Result:
    """The answer to a query of such a measure."""
    looking_back = Scope(of.relations, {**of.params, "start": query.start - BACK, "first": query.start})
    table = fetch(db, looking_back, query.trend)
    asked = Asked(measure, table, weights(db, table.kinds))
    parts = asked.parts(None, samples(table.units, DRAWS))
    chances = asked.together(parts)
    n, customers = sum(part.n for part in parts.values()), len(np.unique(table.unit[table.period >= 0]))
    found = asked.estimate(chances, n, customers)
    unsure = sum(part.n for part in parts.values() if not part.sure)
    return Result(
        slug=measure.slug, title=str(measure.title), unit=measure.unit, good=measure.good,
        definition=str(measure.definition), estimator=str(ESTIMATORS[measure.estimator].title),
        value=number(found.value), low=number(found.low), high=number(found.high), n=n, approximate=False,
        enough=min(n, customers) >= FEW, groups=_groups(query, asked, parts, chances, Names(db)),
        trend=_trend(query, asked), as_of=as_of, version=measure.version, sql=measure.rows_sql(),
        extra={
            **_shares(asked, chances), "customers": customers, "provisional": sum(part.open for part in parts.values()),
            "unsure": unsure, "excluded": _excluded(query, db), "weights": _shown_weights(asked, parts),
        },
    )  # fmt: skip


def trend_of_kind(query: Query, measure: Measure, db: Any, of: Scope, kind: str) -> list[Point]:
    """The trend of a query for one kind of need."""
    only = {"rows": f"select * from (\n{of.relations['rows']}\n) every_kind where need_kind = $kind"}
    params = {**of.params, "start": query.start - BACK, "first": query.start, "kind": kind}
    table = fetch(db, Scope({**of.relations, **only}, params), query.trend)
    return _trend(query, Asked(measure, table, np.ones(len(table.kinds))))


def _shares(asked: Asked, chances: Chances | None) -> dict[str, Any]:
    """The chance of each end, with its interval."""
    if chances is None:
        return {"ways": {}}
    ends = {outcome: percentile(chances.ends[:, place]) for place, outcome in enumerate(asked.table.outcomes)}
    return {"ways": {outcome: [number(part) for part in end] for outcome, end in ends.items()}}


def _shown_weights(asked: Asked, parts: dict[int, Part]) -> dict[str, float]:
    whole = sum(asked.weights[place] for place in parts) or 1.0
    return {asked.table.kinds[place]: float(asked.weights[place] / whole) for place in parts}


def _groups(query: Query, asked: Asked, parts: dict[int, Part], chances: Chances | None, names: Names) -> list[Group]:
    dims = dims_of(query, asked.measure)
    if dims == ("outcome",):
        found = [
            Group(
                (outcome,),
                names.label(dims, (outcome,)),
                *_ends(low_high),
                sum(p.n for p in parts.values()),
                {"enough": True},
            )
            for outcome, low_high in _shares(asked, chances)["ways"].items()
        ]
        return sorted(found, key=lambda group: (group.key[0] in FAILED, -(group.value or 0)))
    if dims != ("need_kind",):
        return []
    found = []
    for place, part in parts.items():
        key = (asked.table.kinds[place],)
        value = asked.estimate(part.chances, part.n, part.customers) if part.sure else NOTHING
        extra = {"enough": part.sure and min(part.n, part.customers) >= FEW, "provisional": part.open > 0}
        middle, low, high = (number(end) for end in value)
        found.append(Group(key, names.label(dims, key), middle, low, high, part.n, extra))
    return sorted(found, key=lambda group: (-group.n, group.key))


def _ends(low_high: Sequence[float | None]) -> tuple[float | None, float | None, float | None]:
    value, low, high = low_high
    return value, low, high


def _trend(query: Query, asked: Asked) -> list[Point]:
    if not query.trend:
        return []
    draws = samples(asked.table.units, TREND_DRAWS)
    points = []
    for place, day in enumerate(asked.table.periods):
        parts = asked.parts(place, draws)
        n, customers = (sum(getattr(part, fact) for part in parts.values()) for fact in ("n", "customers"))
        value = asked.estimate(asked.together(parts), n, customers)
        provisional = any(part.open for part in parts.values())
        middle, low, high = (number(end) for end in value)
        points.append(Point(day, middle, low, high, n, provisional))
    return points


def _excluded(query: Query, db: Any) -> dict[str, int]:
    """How many needs of the period do not count, by the reason why."""
    sql = """select excluded, count(*) from every_need
        where opened_day between $start and $end and coalesce(excluded, '') <> ''
        group by excluded order by 2 desc, 1"""
    return dict(db.execute(sql, {"start": query.start, "end": query.end}).fetchall())
