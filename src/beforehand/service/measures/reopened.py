from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="reopened",
    title=_("Cases that were opened again"),
    unit="share",
    good="down",
    definition=_(
        "Of the times that a case became done, the share after which the customer wrote again within 7 days, and more "
        "than thanks. Both are counted among the same cases: those that became done in the period, at least 7 days ago."
    ),
    kind="cohort",
    estimator="share",
    splits=("team",),
    horizon=7,
    sql="""
select customer, time, day, conversation, team, how, ended,
  case when how = 'customer' and ended <= time + interval 7 day then 1 else 0 end as value
from service_clocks
where name = 'settled' and day between $start and $end and time + interval 7 day <= $as_of
""",
)
