from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="needs-beforehand",
    title=_("Needs met beforehand"),
    unit="share",
    good="up",
    definition=_(
        "Of the needs that customers opened, the share that was met within the time set for its kind without "
        "the customer having contacted anybody about it, from its opening to 7 days after it was met. Needs first "
        "seen through a contact count too. Kinds of need are put together with fixed weights, so that a change "
        "of mix is no change."
    ),
    kind="cohort",
    estimator="outcomes",
    splits=("need_kind",),
    sql="""
with watched as (
  select *, case when met_after <= horizon then met_after + 604800 else horizon end as settled_after
  from needs_on_the_way
  where opened_day between $start and $end
), ended as (
  select *, least(settled_after, coalesce(contact_after, 1e15), coalesce(abandoned_after, 1e15)) as ended_after
  from watched
), told as (
  select *, least(ended_after, seen_for) as waited,
    case
      when ended_after > seen_for then ''
      when contact_after <= ended_after then 'contacted'
      when met_after <= horizon then case when how = '' then 'by_itself' else how end
      when abandoned_after <= ended_after then 'abandoned'
      else 'late'
    end as outcome
  from ended
)
select customer, opened as time, opened_day as day, need, kind as need_kind, key, met, first_contact, outcome, waited,
  case when outcome = '' then null when outcome in ('contacted', 'abandoned', 'late') then 0 else 1 end as value
from told
""",
)
