"""Whom a break struck: the customers behind it, from any reader, by the definition that the break carries."""

from typing import Any

from beforehand.insight.breaks.found import Found
from beforehand.insight.segments import column


def trials_sql(found: Found) -> tuple[str, list[Any]]:
    """Rows (customer, day, inside, happened), one for each first time in a day that somebody reached the step.

    `inside` says whether the day and the segment are the break's, `happened` whether it went the break's way (for a
    wait: seconds).
    """
    to = [name for name in (found.to, *found.others) if name] or [found.name]
    inside, days = _inside(found)
    if found.measure == "seen":
        return (
            f"""select customer, day, bool_or({inside}) as inside, bool_or(name = ?) as happened
                from touchpoints group by customer, day""",
            [*days, found.name],
        )
    ahead = range(1, 2 if found.measure == "next" else found.within + 1)
    leads = ", ".join(f"lead(name, {k}) over w as n{k}, lead(gap, {k}) over w as g{k}" for k in ahead)
    same = {
        k: " and ".join(f"g{j} <= {found.pause}" for j in range(1, k + 1)) if found.pause else "true" for k in ahead
    }
    reached = " or ".join(f"(n{k} in (select unnest(?)) and {same[k]})" for k in ahead)
    happened = f"coalesce({reached}, false)"
    parameters: list[Any] = [to] * len(ahead)
    if found.measure == "wait":
        happened, parameters = "case when n1 = ? then g1 end", [found.to]
    elif found.measure == "stop":
        happened, parameters = f"coalesce(g1 > {found.pause or 'null'}, g1 is null)", []
    elif found.instead_of:
        happened += f" and not coalesce({reached}, false)"
        parameters += [list(found.instead_of)] * len(ahead)
    return (
        f"""with journey as (
              select customer, day, name, {inside} as inside, {leads},
                     row_number() over (partition by customer, day, name order by time, id) as times
              from touchpoints window w as (partition by customer order by time, id))
            select customer, day, inside, {happened} as happened from journey where name = ? and times = 1""",
        [*days, *parameters, found.name],
    )


def affected(found: Found, reader: Any) -> list[int]:
    """The customers who went the way of the break in its days and segment; for a wait, those who waited longer than
    is usual; for something that went missing, those who did without."""
    sql, parameters = trials_sql(found)
    struck = "happened"
    if found.measure == "wait":
        struck, parameters = "happened > ?", [*parameters, found.baseline]
    elif found.value < found.baseline:
        struck = "not happened"
    rows = reader.db.execute(
        f"select distinct customer from ({sql}) where inside and {struck} order by customer", parameters
    )
    return [customer for (customer,) in rows.fetchall()]


def _inside(found: Found) -> tuple[str, list[Any]]:
    conditions, parameters = ["true"], []
    if found.start:
        conditions.append("day >= cast(? as date)")
        parameters.append(found.start)
    if found.end:
        conditions.append("day <= cast(? as date)")
        parameters.append(found.end)
    if found.segment:
        key, _equals, value = found.segment.partition("=")
        conditions.append(f"coalesce({column(key)} = ?, false)")
        parameters.append(value)
    return " and ".join(conditions), parameters
