from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="service-share-of-satisfaction",
    title=_("Service share of satisfaction"),
    unit="share",
    good="none",
    definition=_(
        "Of what explains customers' answers to “how satisfied are you”, the part that is service: contacts, "
        "repeats and waits for an answer in the 30 days before. The rest is what else they met in these days: "
        "failures, needs met, needs open, other touchpoints. It needs 100 answers, of which something can be "
        "explained."
    ),
    kind="cohort",
    estimator="explained",
    sql="""
with told as (
  select id, customer, time, day, name, score, coalesce(top, usual_top) as top
  from scores
  where asked = 'csat' and day between $start and $end
), service as (
  select a.id, count(*) as contacts, sum(ln(1 + c.waited)) as waits, count(*) - count(distinct c.need) as repeats
  from told a join answered_contacts c
    on c.customer = a.customer and c.time < a.time and c.time >= a.time - interval 30 day
  group by a.id
), met as (
  select a.id, sum(case when c.kind = 'failure' then 1 else 0 end) as failures,
    sum(case when c.kind = 'value' then 1 else 0 end) as steps
  from told a
    join touchpoints t on t.customer = a.customer and t.time < a.time and t.time >= a.time - interval 30 day
    join catalogue c on c.name = t.name
  group by a.id
), wanted as (
  select a.id, sum(case when n.met < a.time then 1 else 0 end) as needs_met,
    sum(case when n.met >= a.time or n.met is null then 1 else 0 end) as needs_open
  from told a join needs n on n.customer = a.customer and n.opened < a.time and n.opened >= a.time - interval 30 day
  group by a.id
)
select a.customer, a.time, a.day, a.name, a.score, a.top, (a.score - 1) / (a.top - 1) as value,
  coalesce(s.contacts, 0) as service_contacts, coalesce(s.waits, 0) as service_waits,
  coalesce(s.repeats, 0) as service_repeats, coalesce(m.failures, 0) as other_failures,
  ln(1 + coalesce(m.steps, 0)) as other_steps, coalesce(w.needs_met, 0) as other_needs_met,
  coalesce(w.needs_open, 0) as other_needs_open
from told a left join service s on s.id = a.id left join met m on m.id = a.id left join wanted w on w.id = a.id
where a.score between 1 and a.top and a.top > 1
""",
)
