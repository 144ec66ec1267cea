from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="targets-met",
    title=_("Targets that were met"),
    unit="share",
    good="up",
    definition=_(
        "Of the targets that were decided, the share that was met: met, divided by met, breached and overdue. One that "
        "is late and still open counts as late. Each target is as it was frozen when its clock began."
    ),
    kind="cohort",
    estimator="share",
    keys=("clock",),
    splits=("channel", "team"),
    sql="""
select customer, time, day, conversation, name as clock, channel, team, state, due,
  case when state = 'met' then 1 else 0 end as value
from service_clocks
where state in ('met', 'breached', 'overdue') and day between $start and $end
""",
)
