"""The groups of customers that intervals rest on."""

import duckdb
import pytest

from beforehand.insight.aggregation import BUCKET, GROUPS


@pytest.mark.parametrize("step", [1, 2, 7])
def test_customers_in_a_row_fall_into_groups_as_if_by_chance(step):
    """The variance of the groups' sizes is that of throwing dice, within four standard deviations."""
    db = duckdb.connect()
    db.execute(f"""
        create table blocks as
        select block, bucket, count(*) as n
        from (select {BUCKET} as bucket, range // 320 as block from
              (select 1000 + range * {step} as customer, range from range(320 * 50)))
        group by all""")
    (groups,) = db.execute("select count(distinct bucket) from blocks").fetchone()
    (squares,) = db.execute("select sum((n - 10) * (n - 10)) + 100 * (50 * 32 - count(*)) from blocks").fetchone()
    ratio = squares / 50 / 31 / (10 * 31 / 32 * 32 / 31)
    assert groups == GROUPS
    assert abs(ratio - 1) < 4 * (2 / 31 / 50) ** 0.5


def test_a_customer_stays_in_one_group():
    assert duckdb.sql(f"select count(distinct {BUCKET}) from (select 12345 as customer from range(9))").fetchone() == (
        1,
    )
