"""What the causes of contacts are worked out from, as small tables of a DuckDB connection, and as arrays.

`cause_log`       the touchpoints that are looked at
`cause_states`    one row for each stay in a state: the step of a need, or the last thing that a customer did
`cause_troubles`  one row for each time that something went wrong for somebody: the exposures
`cause_contacts`  one row a contact
`cause_people`    one row a customer who is looked at
`cause_seen`      when anything was recorded of these

Times are days (with fractions) since midnight of the first day, customers keep their numbers.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

MOST = 3_000_000
"""Of more touchpoints than that, those of a random share of the customers are looked at."""


class Span(NamedTuple):
    """The first day of the data, and its last moment in days since then."""

    first: date
    end: float


def span(db: Any) -> Span:
    first, end = db.execute(
        "select min(time)::date, (epoch(max(time)) - epoch(min(time)::date::timestamp)) / 86400 from touchpoints"
    ).fetchone()
    return Span(first, end)


def take(db: Any) -> float:
    """Make `cause_log`: the touchpoints of all customers, or of a random share of them where there are too many.
    Returns the share."""
    rows = db.execute("select count(*) from touchpoints").fetchone()[0]
    share = min(1.0, MOST / max(rows, 1))
    only = "" if share == 1 else f"where hash(customer * 7919) % 1000003 < {round(share * 1000003)}"
    db.execute(
        f"""create or replace temp table cause_log as
            select id, customer, time, name, channel, place, actor, properties from touchpoints {only}"""
    )
    return share


def days(column: str, first: date) -> str:
    """SQL for a moment as days since the first."""
    return f"((epoch_us({column}) - epoch_us(timestamp '{first.isoformat()}')) / 86400e6)"


def gather_contacts(db: Any, when: Span, costs: Mapping[str, float]) -> None:
    """`costs`: what a contact through a channel costs; "" is for all others."""
    db.execute("create or replace temp table cause_costs (channel varchar, cost double)")
    if costs:
        db.executemany("insert into cause_costs values (?, ?)", list(costs.items()))
    db.execute(
        f"""create or replace temp table cause_contacts as
            select t.id, t.customer, {days("t.time", when.first)} as t, coalesce(c.cost, {costs.get("", 0.0)}) as cost
            from cause_log t left join cause_costs c using (channel)
            where t.name in (select name from catalogue where kind = 'contact')"""
    )


def gather_people(db: Any, when: Span) -> None:
    """Those who were exposed, and those who are compared with them."""
    db.execute(
        f"""create or replace temp table cause_people as
            with looked_at as (select customer from cause_troubles union select customer from cause_landmarks)
            select t.customer, {days("min(t.time)", when.first)} as since
            from cause_log t semi join looked_at using (customer) group by t.customer"""
    )
    db.execute(
        f"""create or replace temp table cause_seen as
            select t.customer, {days("t.time", when.first)} as t
            from cause_log t semi join cause_people using (customer)"""
    )
