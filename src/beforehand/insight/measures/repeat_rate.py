from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="repeat-rate",
    title=_("Repeat rate"),
    unit="share",
    good="down",
    definition=_("Of the contacts, the share that repeats an earlier one about the same need."),
    kind="cohort",
    estimator="share",
    splits=("need_kind", "channel", "name"),
    sql="""
select customer, time, day, name, channel, need, kind as need_kind, step as at_step, cause, repeat_of,
  case when repeat_of is null then 0 else 1 end as value
from contacts
where day between $start and $end
""",
)
