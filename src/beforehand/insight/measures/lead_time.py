from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="lead-time",
    title=_("Lead over the customer"),
    unit="seconds",
    good="up",
    definition=_("Where we told a customer of a trouble first and they still contacted us: the time between the two."),
    kind="cohort",
    estimator="median",
    splits=("need_kind",),
    sql="""
select customer, opened as time, opened_day as day, need, kind as need_kind, key, first_trouble, first_contact,
  lead as value
from needs
where opened_day between $start and $end and noticed_by = 'us' and lead > 0 and coalesce(excluded, '') = ''
""",
)
