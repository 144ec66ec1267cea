from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="ces",
    title=_("Effort score"),
    unit="score",
    good="up",
    definition=_(
        "The mean of the answers to “how easy was it”, 1 the hardest and 7 the easiest; answers on another "
        "scale are stretched to it."
    ),
    kind="cohort",
    estimator="mean",
    splits=("name", "channel"),
    sql="""
with told as (
  select customer, time, day, name, channel, score, coalesce(top, usual_top) as top
  from scores
  where asked = 'ces'
)
select customer, time, day, name, channel, score, top, 1 + (score - 1) * 6 / (top - 1) as value
from told
where score between 1 and top and top > 1 and day between $start and $end
""",
)
