"""Which part of what explains the answers to a survey is service.

The SQL of such a measure gives a row an answer, with `value` from 0 to 1, what customers had with service before it
(`service_…`) and what else they met (`other_…`). Where all that explains no more than chance would, there is no number.
"""

from datetime import datetime
from typing import Any

import numpy as np

from beforehand.insight.aggregation import HASH
from beforehand.insight.estimators import ESTIMATORS
from beforehand.insight.measure import Measure
from beforehand.insight.outcomes import DRAWS, UNITS, samples
from beforehand.insight.query import Query
from beforehand.insight.result import Result, number
from beforehand.insight.scope import Scope
from beforehand.lib.statistics import explained
from beforehand.lib.statistics.bootstrap import percentile
from beforehand.lib.statistics.interval import NOTHING

FEWEST = 100
CHANCE = 0.01
COUNTED = f"select *, (({HASH} * {HASH}) >> 40) & {UNITS - 1} as unit from rows"


def answer(query: Query, measure: Measure, db: Any, of: Scope, as_of: datetime) -> Result:
    columns, rows = of.fetch(db, COUNTED)
    group, others = _places(columns, "service_"), _places(columns, "other_")
    data = np.array([[float(row[at] or 0) for at in (*group, *others)] for row in rows]).reshape(
        len(rows), len(group) + len(others)
    )
    values = np.array([row[columns.index("value")] for row in rows], dtype=float)
    units = np.unique([row[-1] for row in rows], return_inverse=True)[1]
    customers = len({row[columns.index("customer")] for row in rows})
    found, whole = NOTHING, float("nan")
    if min(len(rows), customers) >= FEWEST:
        found, whole = _share(values, data, units, len(group))
    return Result(
        slug=measure.slug, title=str(measure.title), unit=measure.unit, good=measure.good,
        definition=str(measure.definition),
        estimator=str(ESTIMATORS[measure.estimator].title), value=number(found.value), low=number(found.low),
        high=number(found.high), n=len(rows), approximate=False, enough=number(found.value) is not None, groups=[],
        trend=[], as_of=as_of, version=measure.version, sql=measure.rows_sql(), extra={"explained": number(whole)},
    )  # fmt: skip


def _places(columns: list[str], prefix: str) -> list[int]:
    return [place for place, column in enumerate(columns) if column.startswith(prefix)]


def _share(values: np.ndarray, data: np.ndarray, units: np.ndarray, width: int) -> tuple[Any, float]:
    """The share with its interval, and what is explained in all; no share where that may be chance."""
    spread = data.std(axis=0)
    scaled = (data - data.mean(axis=0)) / np.where(spread > 0, spread, 1)
    products = explained.products(values, scaled)
    size = products.shape[1]
    by_unit = np.zeros((units.max() + 1, size * size))
    np.add.at(by_unit, units, products.reshape(len(values), -1))
    drawn = (samples(len(by_unit), DRAWS) @ by_unit).reshape(-1, size, size)
    group, others = list(range(width)), list(range(width, data.shape[1]))
    whole = explained.explained(drawn[0], [*group, *others])
    if explained.chance(whole, len(values), data.shape[1]) > CHANCE:
        return NOTHING, whole
    return percentile(np.array([explained.share(one, group, others) for one in drawn])), whole
