from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="first-contact-resolution",
    title=_("Done at the first contact"),
    unit="share",
    good="up",
    definition=_(
        "Of the cases that began in the period, at least 14 days ago: the share that is done, for which the customer "
        "had to come once, through one channel, and after which they did not come again within 7 days, with whatever. "
        "Speed has no part in it, nor has how often we wrote. It is told from what happened; what customers say when "
        "they are asked stands beside it, as their satisfaction."
    ),
    kind="cohort",
    estimator="share",
    splits=("channel", "team"),
    horizon=14,
    sql="""
with cases as (
  select customer, time, day, conversation, channel, team, contacts, channels, ended
  from service_clocks
  where name = 'resolution' and day between $start and $end and time + interval 14 day <= $as_of
), turns as (
  select customer, conversation, time as came
  from service_clocks
  where name in ('first_response', 'next_response')
), again as (
  select c.conversation, count(*) as times
  from cases c join turns t on t.customer = c.customer
  where t.conversation <> c.conversation and t.came > c.time and t.came <= c.ended + interval 7 day
  group by c.conversation
)
select c.customer, c.time, c.day, c.conversation, c.channel, c.team, c.contacts, c.channels,
  coalesce(a.times, 0) as came_again,
  case when c.ended is not null and c.contacts = 1 and c.channels = 1 and a.times is null then 1 else 0 end as value
from cases c left join again a on a.conversation = c.conversation
""",
)
