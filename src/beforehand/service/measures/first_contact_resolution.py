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
        "Speed has no part in it, nor has how often we wrote. It is told from what happened. Beside it stands what a "
        "sample said when they were asked whether it is solved: how many answered, and of those, the share as it was "
        "seen until they were asked, and the share that also said yes. The difference is what seeing alone misses."
    ),
    kind="cohort",
    estimator="share",
    keys=("counted",),
    splits=("channel", "team"),
    version=2,
    horizon=14,
    headline="counted = 'observed'",
    sql="""
with turns as (
  select t.customer, t.conversation, t.time as came, a.id as unsolved
  from service_clocks t left join touchpoints a on a.id = t.touchpoint and a.name = 'Said It Is Not Solved'
  where t.name in ('first_response', 'next_response')
), answers as (
  select conversation, count(unsolved) as times from turns group by conversation
), cases as (
  select c.customer, c.time, c.day, c.conversation, c.channel, c.team, c.channels, k.time as asked, k.solved,
    c.contacts - coalesce(s.times, 0) as contacts,
    coalesce(k.time, c.ended) as ended
  from service_clocks c left join answers s on s.conversation = c.conversation
  left join service_checks k on k.conversation = c.conversation and k.time <= $as_of
  where c.name = 'resolution' and c.day between $start and $end and c.time + interval 14 day <= $as_of
), others as (
  select customer, conversation, came from turns where unsolved is null
  union all
  select customer, 0 as conversation, time as came from contacts where name <> 'Message Received'
), again as (
  select c.conversation, count(*) as times
  from cases c join others o on o.customer = c.customer
  where o.conversation <> c.conversation and o.came > c.time and o.came <= c.ended + interval 7 day
  group by c.conversation
), known as (
  select c.customer, c.time, c.day, c.conversation, c.channel, c.team, c.contacts, c.channels, c.asked, c.solved,
    coalesce(a.times, 0) as came_again,
    case when c.ended is not null and c.contacts = 1 and c.channels = 1 and a.times is null then 1 else 0 end as once
  from cases c left join again a on a.conversation = c.conversation
)
select customer, time, day, conversation, channel, team, contacts, channels, came_again, solved,
  'observed' as counted, once as value
from known
union all
select customer, time, day, conversation, channel, team, contacts, channels, came_again, solved,
  'asked' as counted, case when solved is null then 0 else 1 end as value
from known where asked is not null
union all
select customer, time, day, conversation, channel, team, contacts, channels, came_again, solved,
  'observed_asked' as counted, once as value
from known where solved is not null
union all
select customer, time, day, conversation, channel, team, contacts, channels, came_again, solved,
  'said' as counted, once * solved as value
from known where solved is not null
""",
)
