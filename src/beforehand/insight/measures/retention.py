from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

AGES = 8


def sql(unit: str) -> str:
    """One row for each customer and each week or month after the first that is over by `$as_of`."""
    ages = ", ".join(f"({age})" for age in range(1, AGES + 1))
    return f"""
with first as (
  select customer, cast(date_trunc('{unit}', min(day)) as date) as cohort
  from touchpoints
  group by customer
), seen as (
  select distinct customer, cast(date_trunc('{unit}', day) as date) as period
  from touchpoints
), due as (
  select f.customer, f.cohort, a.age, cast(f.cohort + a.age * interval 1 {unit} as date) as period
  from first f cross join (values {ages}) as a(age)
  where f.cohort between $start and $end
    and f.cohort + (a.age + 1) * interval 1 {unit} <= $as_of
)
select d.customer, cast(d.period as timestamp) as time, d.cohort as day, d.cohort, d.age,
  case when s.customer is null then 0 else 1 end as value
from due d left join seen s on s.customer = d.customer and s.period = d.period
"""


measure = Measure(
    slug="retention",
    title=_("Customers who come back, by week"),
    unit="share",
    good="up",
    definition=_(
        "Customers by the week of their first touchpoint: the share with a touchpoint in each of the eight "
        "weeks after it, as far as those are over. The number as a whole is that of the first week after."
    ),
    kind="cohort",
    estimator="share",
    keys=("cohort", "age"),
    headline="age = 1",
    order="key",
    sql=sql("week"),
)
