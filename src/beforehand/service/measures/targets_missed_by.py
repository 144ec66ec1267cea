from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="targets-missed-by",
    title=_("How late, and how nearly late"),
    unit="count",
    good="down",
    definition=_(
        "Targets of clocks that began in the period, by how long after they were due they were met. What is still "
        "open is as late as it is by now. The near misses stand first: met within the last hour before it was due."
    ),
    kind="cohort",
    estimator="count",
    keys=("hours_late",),
    splits=("channel", "team", "clock"),
    order="key",
    words=(
        ("hours_late", "-1", _("met in the last hour before it was due")),
        ("hours_late", "0", _("less than 1 hour late")),
        ("hours_late", "1", _("1 to 4 hours late")),
        ("hours_late", "4", _("4 to 24 hours late")),
        ("hours_late", "24", _("1 to 3 days late")),
        ("hours_late", "72", _("3 days late and more")),
    ),
    sql="""
with decided as (
  select customer, time, day, conversation, channel, team, name as clock, state, due, ended,
    (epoch(case when ended <= $as_of then ended else $as_of end) - epoch(due)) / 3600 as late
  from service_clocks
  where due is not null and state in ('met', 'breached', 'overdue') and day between $start and $end
)
select customer, time, day, conversation, channel, team, clock, state, due, ended, late,
  case when late <= 0 then -1 when late >= 72 then 72 when late >= 24 then 24 when late >= 4 then 4
    when late >= 1 then 1 else 0 end as hours_late,
  1 as value
from decided
where late > -1 and (state <> 'met' or late <= 0)
""",
)
