from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="contacts-by-cause",
    title=_("Contacts, by cause"),
    unit="count",
    good="none",
    definition=_("Contacts by why they came: value, information that was missing, failure, chase, rights."),
    kind="cohort",
    estimator="count",
    keys=("cause",),
    sql="""
select customer, time, day, name, channel, need, kind as need_kind, step as at_step, cause, probability,
  origin_name, owner,
  1 as value
from contacts
where day between $start and $end
""",
)
