from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="chase-rate",
    title=_("Chase rate"),
    unit="share",
    good="down",
    definition=_("Of the contacts, the share that only asked whether there is any news."),
    kind="cohort",
    estimator="share",
    splits=("need_kind", "channel", "owner", "name"),
    sql="""
select customer, time, day, name, channel, need, kind as need_kind, step as at_step, cause, probability,
  origin_name, owner,
  case when cause = 'chase' then 1 else 0 end as value
from contacts
where day between $start and $end
""",
)
