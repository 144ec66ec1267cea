from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="back-and-forth",
    title=_("Back and forth"),
    unit="share",
    good="down",
    definition=_(
        "Of the times that customers came to a step from another and went on, the share that went straight back "
        "to where they had come from."
    ),
    kind="cohort",
    estimator="share",
    keys=("name",),
    splits=("came_from", "channel"),
    sql="""
with journey as (
  select customer, time, day, name, channel, previous as came_from,
    lead(name) over (partition by customer order by time, id) as went_to
  from touchpoints
)
select customer, time, day, name, channel, came_from, went_to, case when went_to = came_from then 1 else 0 end as value
from journey
where day between $start and $end and came_from <> name and went_to is not null
""",
)
