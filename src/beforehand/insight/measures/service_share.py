from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="service-share",
    title=_("Service share of touchpoints"),
    unit="share",
    good="none",
    definition=_("Of all touchpoints, the share by which customers contacted us or we served them."),
    kind="distinct",
    estimator="share",
    depends="kind in ('contact', 'service')",
    splits=("channel",),
    sql="""
select t.customer, t.time, t.day, t.gap, t.name, t.channel,
  case when c.kind in ('contact', 'service') then 1 else 0 end as value
from touchpoints t left join catalogue c on c.name = t.name
where t.day between $start and $end
""",
)
