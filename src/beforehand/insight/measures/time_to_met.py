from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

FINISHED = """
with watched as (
  select *, case when met_after <= horizon then met_after else horizon end as settled_after
  from needs_on_the_way
  where opened_day between $start and $end
), ended as (
  select *, least(settled_after, coalesce(abandoned_after, 1e15)) as ended_after
  from watched
), told as (
  select *, least(ended_after, seen_for) as waited,
    case
      when ended_after > seen_for then ''
      when met_after <= ended_after then case when how = '' then 'by_itself' else how end
      when abandoned_after <= ended_after then 'abandoned'
      else 'late'
    end as outcome
  from ended
)
select customer, opened as time, opened_day as day, need, kind as need_kind, key, met, outcome, waited, waited as value
from told
"""
"""A need and how it finished: met in some way, given up, or not in time. A contact on the way does not finish it."""

measure = Measure(
    slug="time-to-met",
    title=_("Time until needs are met"),
    unit="seconds",
    good="down",
    definition=_(
        "The time by which half of the needs that customers opened are met. Those that are given up or not met "
        "in the time set for their kind count as never met, so there is no such time where they are more than "
        "half; those that are still open count for as long as they have been watched."
    ),
    kind="cohort",
    estimator="outcomes",
    splits=("need_kind",),
    sql=FINISHED,
)
