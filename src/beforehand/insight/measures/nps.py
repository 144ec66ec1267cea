from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="nps",
    title=_("Net promoter score"),
    unit="points",
    good="up",
    definition=_(
        "Of the answers from 0 to 10 to “would you recommend us”, the percentage of 9 and 10 minus the "
        "percentage of 0 to 6."
    ),
    kind="cohort",
    estimator="nps",
    splits=("name", "channel"),
    sql="""
select customer, time, day, name, channel, score,
  case when score >= 9 then 1 when score <= 6 then -1 else 0 end as value
from scores
where asked = 'nps' and score between 0 and 10 and coalesce(top, 10) = 10 and day between $start and $end
""",
)
