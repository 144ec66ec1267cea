from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="contacts-per-need",
    title=_("Contacts per need"),
    unit="score",
    good="down",
    definition=_("Contacts in the period, for every need that was opened in it."),
    kind="cohort",
    estimator="ratio",
    splits=("need_kind",),
    sql="""
select customer, time, day, need, kind as need_kind, name, channel, cause, 1 as value, 0 as base
from contacts
where day between $start and $end
union all
select customer, opened as time, opened_day as day, need, kind as need_kind, '' as name, '' as channel, '' as cause,
  0 as value, 1 as base
from needs
where opened_day between $start and $end and coalesce(excluded, '') = ''
""",
)
