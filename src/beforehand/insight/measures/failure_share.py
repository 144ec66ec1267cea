from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="failure-share",
    title=_("Failure share of contacts"),
    unit="share",
    good="down",
    definition=_(
        "Of the contacts, the share that came because something failed, or because nothing was heard of it (a "
        "chase). Contacts for information that was missing are not in it; split by cause, it shows them too."
    ),
    kind="cohort",
    estimator="share",
    splits=("need_kind", "channel", "owner", "name"),
    sql="""
select customer, time, day, name, channel, need, kind as need_kind, step as at_step, cause, probability,
  origin_name, owner,
  case when cause in ('failure', 'chase') then 1 else 0 end as value
from contacts
where day between $start and $end
""",
)
