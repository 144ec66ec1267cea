from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="service-share-of-waiting",
    title=_("Service share of waiting"),
    unit="share",
    good="none",
    definition=_(
        "Of the time for which customers' needs were open, the share in which they waited for an answer of "
        "ours. Needs count in the period in which they opened; waiting for one answer with two contacts counts once."
    ),
    kind="cohort",
    estimator="share of base",
    splits=("need_kind",),
    sql="""
with asked as (
  select need, time, coalesce(answered, $as_of) as answered,
    lag(coalesce(answered, $as_of)) over (partition by need order by time, id) as before
  from answered_contacts
), service as (
  select need, sum(greatest(floor(epoch(answered)) - floor(epoch(greatest(time, coalesce(before, time)))), 0)) as waited
  from asked
  group by need
), waiting as (
  select n.customer, n.opened, n.opened_day, n.need, n.kind, n.key, coalesce(s.waited, 0) as waited,
    least(n.seen_for, coalesce(n.met_after, 1e15), coalesce(n.abandoned_after, 1e15)) as open_for
  from needs_on_the_way n left join service s on s.need = n.need
  where n.opened_day between $start and $end
)
select customer, opened as time, opened_day as day, need, kind as need_kind, key, open_for, waited as value,
  greatest(open_for, waited) as base
from waiting
""",
)
