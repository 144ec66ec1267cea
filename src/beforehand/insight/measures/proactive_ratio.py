from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="proactive-ratio",
    title=_("Noticed by us first"),
    unit="share",
    good="up",
    definition=_(
        "Of the needs opened in the period in which something was noticed, the share in which we said so before "
        "the customer contacted us."
    ),
    kind="cohort",
    estimator="share",
    splits=("need_kind",),
    sql="""
select customer, opened as time, opened_day as day, need, kind as need_kind, key, first_trouble, first_contact,
  noticed_by, lead, case when noticed_by = 'us' then 1 else 0 end as value
from needs
where opened_day between $start and $end and noticed_by in ('us', 'customer') and coalesce(excluded, '') = ''
""",
)
