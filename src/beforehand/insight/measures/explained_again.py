from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="explained-again",
    title=_("Times explained again"),
    unit="score",
    good="down",
    definition=_(
        "For a need that took any contact, how often the customer had to come again after the first. Needs "
        "count in the period of their first contact."
    ),
    kind="cohort",
    estimator="mean",
    splits=("need_kind",),
    sql="""
with about as (
  select customer, need, kind, min(time) as time, min(day) as day, count(*) as contacts
  from contacts
  group by customer, need, kind
)
select customer, time, day, need, kind as need_kind, contacts, contacts - 1 as value
from about
where day between $start and $end
""",
)
