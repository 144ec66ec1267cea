"""From rows to sums, in SQL: the rows of one answer never leave the engine, only a line a group does.

Customers are put into 32 groups by a hash of their number. First the rows of each group are summed, then the products
of those sums: what `lib.statistics.cluster` needs for an honest interval.
"""

from collections.abc import Collection, Sequence

from beforehand.insight.estimators import QUANTILES
from beforehand.lib.statistics.histogram import bin_sql

GROUPS = 32
HASH = "((customer * 2654435761) & 2147483647)"
BUCKET = f"(({HASH} * {HASH}) >> 40) & 31"
"""Bits from the middle of a square: as good as random for numbers in a row. A plain multiplicative hash spreads those
evenly, and customers who came together are alike, so the groups would differ less than chance lets them."""

PRODUCTS = """select {dims}sum(n) as n, sum(total) as total, sum(squares) as squares, sum(customers) as customers,
  sum(logs) as logs, sum(log_squares) as log_squares, count(*) as buckets,
  sum(total * total) as tt, sum(total * n) as tn, sum(n * n) as nn,
  sum(total * customers) as tc, sum(customers * customers) as cc, sum(logs * logs) as ll, sum(logs * n) as ln
from by_bucket"""


LOG = "ln(1 + greatest(value, 0))"
"""A sealed wait of a customer with late touchpoints may be negative; it is taken away before anybody sees it."""
ADDED = ("n", "total", "squares", "logs", "log_squares")


def added(waits: bool, base: bool = False) -> dict[str, str]:
    """What is summed over rows, by name."""
    return {
        "n": "sum(base)" if base else "count(*)",
        "total": "sum(value)",
        "squares": "sum(value * value)",
        "logs": f"sum({LOG})" if waits else "0",
        "log_squares": f"sum({LOG} * {LOG})" if waits else "0",
    }


def select(columns: dict[str, str]) -> str:
    return ", ".join(f"cast({sql} as double) as {name}" for name, sql in columns.items())


def listed(*names: str) -> str:
    return ", ".join(names)


def grouped(dims: Sequence[str]) -> str:
    return f"\ngroup by {listed(*dims)}" if dims else ""


def where(condition: str) -> str:
    return f" where {condition}" if condition else ""


def by_bucket(dims: Sequence[str], needs: Collection[str], only: str = "") -> str:
    """Sums of raw rows, or of those for which `only` holds, by group of customers."""
    sums = added("waits" in needs, "base" in needs)
    sums |= {"customers": "count(distinct customer)" if "customers" in needs else "0"}
    names = listed(*dims, f"{BUCKET} as bucket")
    return f"select {names},\n  {select(sums)}\nfrom rows{where(only)}{grouped([*dims, 'bucket'])}"


def products(dims: Sequence[str]) -> str:
    """From sums by group of customers to what an estimator takes."""
    return PRODUCTS.format(dims="".join(f"{dim}, " for dim in dims)) + grouped(dims)


def exact_quantiles(dims: Sequence[str]) -> str:
    parts = [f"percentile_cont({q}) within group (order by value) as q{index}" for index, q in enumerate(QUANTILES)]
    return f"select {listed(*dims, *parts)}\nfrom rows{grouped(dims)}"


def bins(dims: Sequence[str]) -> str:
    """A histogram of raw rows: for each group a list of bins, and one of their counts in the same order."""
    bin_ = bin_sql("value")
    counted = f"select {listed(*dims, f'{bin_} as bin', 'count(*) as n')}\nfrom rows{grouped([*dims, 'bin'])}"
    return listed_bins(dims, counted)


def listed_bins(dims: Sequence[str], counted: str) -> str:
    lists = listed(*dims, "array_agg(bin) as bins", "array_agg(n) as counts")
    return f"select {lists}\nfrom (\n{counted}\n) counted{grouped(dims)}"


Statement = tuple[dict[str, str], str]
"""Relations to add to a scope, and the select that reads them."""


def of_rows(dims: Sequence[str], needs: Collection[str], only: str = "") -> dict[str, Statement]:
    """The statements of one answer over the relation `rows`, by name: sums; for waits also quantiles and bins. `needs`
    are those of the estimator."""
    statements: dict[str, Statement] = {"sums": ({"by_bucket": by_bucket(dims, needs, only)}, products(dims))}
    if "waits" in needs:
        statements |= {"quantiles": ({}, exact_quantiles(dims)), "bins": ({}, bins(dims))}
    return statements
