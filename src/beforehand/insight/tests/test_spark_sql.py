"""Every measure can be said in Spark's SQL."""

from datetime import UTC, date, datetime

import pytest
import sqlglot
from sqlglot import exp

from beforehand.insight import aggregation, explained, measures, outcomes, scope
from beforehand.insight.answer import dims_of
from beforehand.insight.estimators import ESTIMATORS
from beforehand.insight.query import Query
from beforehand.insight.segments import Segment
from beforehand.insight.spark_sql import translated

KNOWN = {"percentile"}
"""Functions that SQLGlot has no word of its own for, and Spark has."""
STEPS = ("cart", "it's bought")


def statements(slug, **more):
    """All that is sent to the engine for an answer, and the rows of the drill-down."""
    measure = measures.find(slug)
    query = Query(slug, date(2024, 1, 1), date(2024, 1, 31), steps=STEPS, **more)
    of = scope.of_query(query, measure, STEPS, datetime(2024, 2, 1, tzinfo=UTC))
    needs = ESTIMATORS[measure.estimator].needs
    if needs & {"outcomes", "explained"}:
        yield of.sql(outcomes.counted_sql(query.trend) if "outcomes" in needs else explained.COUNTED)
        return
    yield of.sql("select * from rows order by time desc, customer limit 100")
    for dims in {(), dims_of(query, measure), *([("period",)] if query.trend else [])}:
        parts = aggregation.of_rows(dims, needs, "" if dims else measure.headline)
        for relations, last in parts.values():
            yield of.plus(relations).sql(last)


@pytest.mark.parametrize("slug", measures.all())
@pytest.mark.parametrize("more", [{}, {"trend": "week"}, {"segment": Segment("platform", "mobile")}])
def test_every_statement_translates_and_parses_back(slug, more, caplog):
    for sql in statements(slug, **more):
        spark = translated(sql)
        tree = sqlglot.parse_one(spark, read="spark")
        assert tree.sql("spark", pretty=True) == spark
        assert not {unknown.name.lower() for unknown in tree.find_all(exp.Anonymous)} - KNOWN
    assert not caplog.records, "SQLGlot warns of what Spark does not know"


def test_quantiles_stay_exact():
    spark = translated("select percentile_cont(0.9) within group (order by value) as q from rows group by name")
    assert "percentile(value, 0.9)" in spark.lower() and "approx" not in spark.lower()


def test_what_has_no_counterpart_is_an_error():
    with pytest.raises(sqlglot.errors.UnsupportedError):
        translated("select regexp_extract(a, 'b', 1, 'i') from t")
