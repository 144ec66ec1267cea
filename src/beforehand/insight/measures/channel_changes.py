from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="channel-changes",
    title=_("Changes of channel"),
    unit="score",
    good="down",
    definition=_(
        "For a need that took any contact, how often the customer came by another channel than the time before. "
        "Needs count in the period of their first contact."
    ),
    kind="cohort",
    estimator="mean",
    splits=("need_kind",),
    sql="""
with ordered as (
  select customer, need, kind, time, day, channel,
    lag(channel) over (partition by need, customer order by time, id) as channel_before
  from contacts
), about as (
  select customer, need, kind, min(time) as time, min(day) as day, count(*) as contacts,
    sum(case when channel_before <> channel then 1 else 0 end) as changes
  from ordered
  group by customer, need, kind
)
select customer, time, day, need, kind as need_kind, contacts, changes as value
from about
where day between $start and $end
""",
)
