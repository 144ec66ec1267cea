from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="dead-ends",
    title=_("Dead ends"),
    unit="share",
    good="down",
    definition=_(
        "Of the times that customers were at a step, the share after which nothing more happened for 28 days. "
        "Times that are younger than 28 days are left out."
    ),
    kind="cohort",
    estimator="share",
    keys=("name",),
    splits=("channel",),
    horizon=28,
    sql="""
with journey as (
  select customer, time, day, name, channel,
    lead(time) over (partition by customer order by time, id) as next_time
  from touchpoints
)
select customer, time, day, name, channel, next_time,
  case when next_time is null or next_time > time + interval 28 day then 1 else 0 end as value
from journey
where day between $start and $end and time <= $as_of - interval 28 day
""",
)
