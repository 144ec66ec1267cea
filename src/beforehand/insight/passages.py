"""Passages from one touchpoint to the next: who took them, how long they took, and for whom that differs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from beforehand.insight.charts import bars
from beforehand.insight.filters import Filter
from beforehand.insight.segments import Dimension, Segment, column, where
from beforehand.lib.statistics.proportion import wilson

FEW = 30
"""Under so many customers a share is grey and not compared."""


class Share(NamedTuple):
    """For customers of one value of a dimension: the share of passages from a touchpoint that went one way."""

    label: str
    value: float
    low: float
    high: float
    customers: int

    @property
    def few(self) -> bool:
        return self.customers < FEW


class Passage(NamedTuple):
    """One customer's way from a touchpoint to the next, `gap` seconds long."""

    customer: int
    time: datetime
    gap: float


class Passed(NamedTuple):
    n: int
    customers: int
    mean: float
    median: float
    p90: float


def _scope(chosen: Filter) -> tuple[str, list[Any]]:
    """The rows of the filter: a condition and its parameters."""
    condition, parameters = where(chosen.segment) if chosen.segment else ("true", [])
    return f"day between ? and ? and {condition}", [chosen.start, chosen.end, *parameters]


def of_flow(reader: Any, chosen: Filter, start: str, to: str) -> Passed:
    """How many passed from `start` straight to `to`, and how long that took, in seconds."""
    scope, parameters = _scope(chosen)
    row = reader.db.execute(
        "select count(*), count(distinct customer), avg(gap), quantile_cont(gap, 0.5), quantile_cont(gap, 0.9)"
        f" from touchpoints where {scope} and previous = ? and name = ?",
        [*parameters, start, to],
    ).fetchone()
    return Passed(row[0], row[1], *(float(value or 0) for value in row[2:]))


def histogram(reader: Any, chosen: Filter, start: str, to: str) -> bars.Histogram | None:
    """The waits of a flow."""
    scope, parameters = _scope(chosen)
    counts = reader.db.execute(
        f"select {bars.bin_sql('gap')} as bin, count(*) from touchpoints"
        f" where {scope} and previous = ? and name = ? group by bin",
        [*parameters, start, to],
    ).fetchall()
    return bars.waits(counts)


def travellers(reader: Any, chosen: Filter, start: str, to: str, limit: int = 8) -> list[Passage]:
    """The latest customers who passed."""
    scope, parameters = _scope(chosen)
    rows = reader.db.execute(
        f"select customer, time, gap from touchpoints where {scope} and previous = ? and name = ?"
        " order by time desc, id desc limit ?",
        [*parameters, start, to, limit],
    ).fetchall()
    return [Passage(*row) for row in rows]


def by_dimension(
    reader: Any, chosen: Filter, start: str, to: Sequence[str], dimension: Dimension, most: int = 8
) -> list[Share]:
    """Of the passages from `start`, the share that went to one of `to`, for each value of a dimension.

    Wilson's interval with customers instead of passages as n, since the passages of one customer are not independent.
    """
    scope, parameters = _scope(chosen)
    rows = reader.db.execute(
        f"select {column(dimension.key)} as value, count(*), count(*) filter (where list_contains(?, name)),"
        f" count(distinct customer) from touchpoints where {scope} and previous = ?"
        " group by value having value <> '' order by count(distinct customer) desc, value limit ?",
        [list(to), *parameters, start, most],
    ).fetchall()
    found = []
    for value, passages, hits, customers in rows:
        share = wilson(hits / passages * customers, customers)
        found.append(Share(Segment(dimension.key, str(value)).word, share.value, share.low, share.high, customers))
    return found


def waits_by_stage(reader: Any, chosen: Filter) -> dict[str, float]:
    """The median wait in seconds from a touchpoint of each stage to the customer's next touchpoint, whatever it is."""
    scope, parameters = _scope(chosen)
    rows = reader.db.execute(
        "with waits as (select c.stage, t.gap from touchpoints t join catalogue c on c.name = t.previous"
        f" where {scope})"
        " select coalesce(stage, ''), quantile_cont(gap, 0.5) from waits group by all",
        parameters,
    ).fetchall()
    return dict(rows)
