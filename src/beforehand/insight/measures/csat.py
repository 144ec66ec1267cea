from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="csat",
    title=_("Satisfaction"),
    unit="share",
    good="up",
    definition=_(
        "Of the answers to “how satisfied are you”, the share in the top two boxes of their scale: 4 and 5 of "
        "5, 6 and 7 of 7. A touchpoint says its scale in `max` or `scale`; else it is 5, 7 or 10, the smallest that "
        "holds every score under its name."
    ),
    kind="cohort",
    estimator="share",
    splits=("name", "channel"),
    sql="""
with told as (
  select customer, time, day, name, channel, score, coalesce(top, usual_top) as top
  from scores
  where asked = 'csat'
)
select customer, time, day, name, channel, score, top, case when score >= top - 1 then 1 else 0 end as value
from told
where score between 1 and top and day between $start and $end
""",
)
