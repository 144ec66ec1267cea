from typing import Any

from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure, Steps
from beforehand.insight.query import Query

BY_STAGE = """
with journey as (
  select t.customer, t.name, c.stage, c.position,
    row_number() over (partition by t.customer order by t.time, t.id) as place,
    case when lag(c.stage) over (partition by t.customer order by t.time, t.id) = c.stage then 1 else 0 end as arrives,
    case when lead(c.stage) over (partition by t.customer order by t.time, t.id) = c.stage then 1 else 0 end as leaves
  from touchpoints t join catalogue c on c.name = t.name
  where c.kind = 'value' and c.stage is not null and t.day between $start and $end
), reached as (
  select name, stage, position, count(distinct customer) as customers, avg(place) as place,
    sum(leaves) / (1.0 + sum(arrives)) as passed_on
  from journey
  group by name, stage, position
), ranked as (
  select name, position, place,
    row_number() over (partition by stage order by customers desc, name) as rank_in_stage,
    row_number() over (partition by stage order by passed_on, place desc, name) as from_its_end,
    max(position) over () as last_stage
  from reached
  where 10 * customers >= (select max(customers) from reached)
)
select name from ranked
where rank_in_stage = 1 or (position = last_stage and from_its_end = 1)
order by position, place, name
"""

BY_ORDER = """
with reached as (
  select customer, name, min(place) as place
  from (
    select customer, name, row_number() over (partition by customer order by time, id) as place
    from touchpoints
    where day between $start and $end
  ) journey
  group by customer, name
)
select name
from reached
group by name
having 3 * count(*) >= (select count(distinct customer) from reached)
order by avg(place), name
limit 6
"""


def common(db: Any, query: Query) -> Steps:
    """The value touchpoint that most customers have in each stage, stage by stage, and the end of the last stage:
    the one from which customers least often go on within it, for each time that they came to it from within it.

    With fewer than two stages: the names that at least a third of the customers have, in the order in which they come.
    """
    for sql in (BY_STAGE, BY_ORDER):
        names = [name for (name,) in db.execute(sql, {"start": query.start, "end": query.end}).fetchall()]
        if len(names) > 1:
            break
    return tuple(names)


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def reached_sql(position: int, step: str) -> str:
    """The customers who took a step after all before it, and the place in their journey where they first did."""
    after = f" join reached_{position - 1} b on b.customer = j.customer and j.place > b.place" if position > 1 else ""
    return f"""reached_{position} as (
  select j.customer, {position} as step, min(j.place) as place
  from journey j{after}
  where j.name = {quoted(step)}
  group by j.customer
)"""


def sql(steps: Steps) -> str:
    """One row for each customer who did the first step, and each step."""
    names = ", ".join(quoted(step) for step in steps) or "''"
    listed = ", ".join(f"({position}, {quoted(step)})" for position, step in enumerate(steps, 1)) or "(1, '')"
    reached = [reached_sql(position, step) for position, step in enumerate(steps or ("",), 1)]
    every = "\n  union all ".join(f"select * from reached_{position}" for position in range(1, len(reached) + 1))
    return f"""
with journey as (
  select customer, name, time, day, row_number() over (partition by customer order by time, id) as place
  from touchpoints
  where name in ({names}) and day between $start and $end
), {", ".join(reached)}, reached as (
  {every}
), steps as (
  select * from (values {listed}) as s(step, name)
)
select e.customer, j.time, j.day, s.step, s.name, s.step = {len(reached)} as last,
  case when r.customer is null then 0 else 1 end as value
from reached_1 e
  join journey j on j.customer = e.customer and j.place = e.place
  cross join steps s
  left join reached r on r.customer = e.customer and r.step = s.step
"""


measure = Measure(
    slug="funnel",
    title=_("Way to value"),
    unit="share",
    good="up",
    definition=_(
        "Of the customers who took the first step in the period, the share that took each later step after the "
        "ones before it, in the period. The number as a whole is that of the last."
    ),
    kind="cohort",
    estimator="share",
    keys=("step", "name"),
    order="key",
    headline="last",
    steps=common,
    sql=sql,
)
