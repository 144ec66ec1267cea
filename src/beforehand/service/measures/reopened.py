from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="reopened",
    title=_("Cases that were opened again"),
    unit="share",
    good="down",
    definition=_(
        "Of the times that a case became done, the share after which the customer wrote again within 7 days, and more "
        "than thanks: in the same conversation, or about the same need in whatever thread and channel. Both are "
        "counted among the same cases: those that became done in the period, at least 7 days ago."
    ),
    kind="cohort",
    estimator="share",
    splits=("team",),
    version=2,
    horizon=7,
    sql="""
with settled as (
  select id, customer, time, day, conversation, team, how, ended
  from service_clocks
  where name = 'settled' and day between $start and $end and time + interval 7 day <= $as_of
), asked as (
  select t.conversation, t.time, t.touchpoint, t.how, k.need, k.kind
  from service_clocks t join contacts k on k.id = t.touchpoint
  where t.name in ('first_response', 'next_response')
), elsewhere as (
  select distinct s.id
  from settled s
  join asked a on a.conversation = s.conversation and a.time <= s.time and a.kind not in ('', 'unknown')
  join contacts k on k.need = a.need and k.time > s.time and k.time <= s.time + interval 7 day
  left join asked j on j.touchpoint = k.id and j.how = 'no_answer_needed'
  where j.touchpoint is null
)
select s.customer, s.time, s.day, s.conversation, s.team, s.how, s.ended,
  case when e.id is null then 0 else 1 end as by_need,
  case when (s.how = 'customer' and s.ended <= s.time + interval 7 day) or e.id is not null then 1 else 0 end as value
from settled s left join elsewhere e on e.id = s.id
""",
)
