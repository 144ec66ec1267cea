"""The same SQL for Spark. Measures keep to the part of DuckDB's SQL that SQLGlot can translate; a test holds them to
it. Running there comes later: for now BEFOREHAND_ENGINE must be duckdb."""

import sqlglot
from sqlglot import exp


def translated(sql: str) -> str:
    """DuckDB's SQL as Spark's. Raises sqlglot.errors.UnsupportedError where something has no counterpart there."""
    tree = sqlglot.parse_one(sql, read="duckdb").transform(_exact_quantile)
    return tree.sql(dialect="spark", pretty=True, unsupported_level=sqlglot.ErrorLevel.RAISE)


def _exact_quantile(node: exp.Expression) -> exp.Expression:
    """SQLGlot makes Spark's approximate quantile of percentile_cont; Spark's `percentile` is the exact one."""
    if isinstance(node, exp.WithinGroup) and isinstance(node.this, exp.PercentileCont):
        (ordered,) = node.expression.expressions
        return exp.Anonymous(this="percentile", expressions=[ordered.this, node.this.this])
    return node
