"""Ask a measure. Boards, reports, the command line and the rooms above all call `run`."""

import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import duckdb

from beforehand.insight import aggregation, explained, measures, outcomes, rollups, scope, stored, survival
from beforehand.insight.answer import Names, answer, dims_of, splits, spoken
from beforehand.insight.estimators import ESTIMATORS
from beforehand.insight.measure import Measure, Steps
from beforehand.insight.query import BadQuery, Query
from beforehand.insight.result import Group, Point, Result, Rows
from beforehand.insight.rolled import Rolled
from beforehand.insight.scope import Scope
from beforehand.insight.segments import Dimension, dimensions

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Raw:
    """Sums straight from the rows."""

    db: Any
    of: Scope
    measure: Measure

    @property
    def approximate(self) -> bool:
        return False

    def fetch(self, dims: Sequence[str], which: str, tail: str = "") -> list[tuple[Any, ...]]:
        needs = ESTIMATORS[self.measure.estimator].needs
        only = self.measure.headline if not dims or dims == ("period",) else ""
        relations, last = aggregation.of_rows(dims, needs, only)[which]
        return self.of.plus(relations).fetch(self.db, last + tail)[1]


def opened(reader: Any = None) -> AbstractContextManager[Any]:
    """The reader given, or one that is closed afterwards."""
    from beforehand.journey import lake

    return nullcontext(reader) if reader is not None else lake.reader()


def run(query: Query, reader: Any = None) -> Result:
    """The answer to a query: of a large lake a kept one that still holds, else a fresh one."""
    measure = measures.find(query.measure)
    with opened(reader) as snapshot:
        found = stored.answer(query, measure, snapshot, lambda: fresh(query, measure, snapshot))
    return in_words(found, query, measure)


def in_words(result: Result, query: Query, measure: Measure) -> Result:
    """The answer in the reader's language; it may have been kept in another."""
    dims = dims_of(query, measure) if query.by is None or splits(query.by, measure) else ()
    groups = [_worded(group, dims, measure) for group in result.groups]
    estimator = str(ESTIMATORS[measure.estimator].title)
    return replace(
        result, title=str(measure.title), definition=str(measure.definition), estimator=estimator, groups=groups
    )


def _worded(group: Group, dims: Sequence[str], measure: Measure) -> Group:
    told = group.label.split(" → ")
    if len(told) != len(dims):
        return group
    pairs = zip(dims, group.key, told, strict=True)
    return replace(group, label=" → ".join(spoken(dim, key, measure.called) or old for dim, key, old in pairs))


def fresh(query: Query, measure: Measure, reader: Any) -> Result:
    """The answer of this moment, from roll-ups where they can give it."""
    dimension = _dimension(query, measure, reader)
    if dimension:
        return by_dimension(query, dimension, measure, reader)
    if rollups.applies(query, measure, reader):
        try:
            return rolled(query, measure, reader)
        except duckdb.Error:
            log.warning("A roll-up of %s cannot be read; it is made again.", measure.slug, exc_info=True)
            rollups.forget(measure)
    return raw(query, measure, reader)


def _dimension(query: Query, measure: Measure, reader: Any) -> Dimension | None:
    """The dimension that a query is split by, where that is no column of the measure."""
    if query.by is None or splits(query.by, measure):
        return None
    scope.prepare(reader.db)
    return next((one for one in dimensions(reader) if one.key == query.by), None)


def by_dimension(query: Query, dimension: Dimension, measure: Measure, reader: Any) -> Result:
    """The answer as a whole, and for each segment of a dimension a group: the answer for its touchpoints."""
    if query.segment:
        raise BadQuery(f"Split by {dimension.key} or look at one segment, not both.")
    whole = fresh(query.but(by=None), measure, reader)
    found = []
    for segment in dimension.segments:
        part = fresh(query.but(by=None, segment=segment, trend=None), measure, reader)
        extra = {**part.extra, "enough": part.enough}
        found.append(Group((segment.value,), segment.value, part.value, part.low, part.high, part.n, extra))
    groups = sorted((group for group in found if group.n), key=lambda group: (-group.n, group.key))
    return replace(whole, groups=groups, extra={**whole.extra, "groups": len(groups)})


def rolled(query: Query, measure: Measure, reader: Any) -> Result:
    """The answer from roll-ups."""
    scope.prepare(reader.db)
    as_of = query.as_of or scope.looking_back_from(reader)
    source = Rolled(reader, query, measure, scope.params(query, as_of))
    return answer(query, measure, source, Names(reader.db), as_of, measure.rows_sql())


def raw(query: Query, measure: Measure, reader: Any) -> Result:
    """The answer from the rows themselves."""
    as_of, steps, of = _scope(query, measure, reader)
    needs = ESTIMATORS[measure.estimator].needs
    if "outcomes" in needs:
        return outcomes.answer(query, measure, reader.db, of, as_of)
    if "explained" in needs:
        return explained.answer(query, measure, reader.db, of, as_of)
    if "survival" in needs:
        return survival.answer(query, measure, reader.db, of, as_of)
    return answer(query, measure, Raw(reader.db, of, measure), Names(reader.db), as_of, measure.rows_sql(steps))


def _scope(query: Query, measure: Measure, reader: Any) -> tuple[datetime, Steps, Scope]:
    scope.prepare(reader.db)
    as_of = query.as_of or scope.looking_back_from(reader)
    steps = query.steps or (measure.steps(reader.db, query) if measure.steps else ())
    return as_of, steps, scope.of_query(query, measure, steps, as_of, rollups.given(reader))


def trend_of_kind(query: Query, kind: str, reader: Any) -> list[Point]:
    """The trend of a measure of how needs come out, for one kind of need."""
    measure = measures.find(query.measure)
    _, _, of = _scope(query, measure, reader)
    return outcomes.trend_of_kind(query, measure, reader.db, of, kind)


def rows(
    query: Query,
    limit: int = 100,
    offset: int = 0,
    key: tuple[str, ...] = (),
    reader: Any = None,
    only_hits: bool = False,
) -> Rows:
    """What a number was made from: the rows that count before those that they are counted among, the latest first.

    `key`: only the rows of the group that has it. `only_hits`: only those that count, where the measure tells.
    """
    measure = measures.find(query.measure)
    with opened(reader) as snapshot:
        _, _, of = _scope(query, measure, snapshot)
        dims = dims_of(query, measure)[: len(key)]
        params = {f"key{index}": part for index, part in enumerate(key)}
        conditions = [f"cast({dim} as varchar) = $key{index}" for index, dim in enumerate(dims)]
        if only_hits and measure.has_hits:
            conditions.append("value = 1")
        where = f" where {' and '.join(conditions)}" if conditions else ""
        first = "value desc, " if measure.has_hits else ""
        page = f"select * from rows{where} order by {first}time desc, customer limit {int(limit)} offset {int(offset)}"
        found = Scope(of.relations, {**of.params, **params})
        return Rows(*found.fetch(snapshot.db, page))


def statement(query: Query, reader: Any = None) -> str:
    """The whole SQL of an answer, to read or to paste: the rows, and how they are summed."""
    measure = measures.find(query.measure)
    with opened(reader) as snapshot:
        _, _, of = _scope(query, measure, snapshot)
        needs = ESTIMATORS[measure.estimator].needs
        if "outcomes" in needs:
            return of.sql(outcomes.counted_sql(query.trend))
        if "explained" in needs:
            return of.sql(explained.COUNTED)
        if "survival" in needs:
            return of.sql(survival.counted_sql(dims_of(query, measure), measure.headline))
        sums = aggregation.of_rows(dims_of(query, measure), needs)["sums"]
        return of.plus(sums[0]).sql(sums[1])
