from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="backlog-by-age",
    title=_("Who waits for an answer, by how long"),
    unit="count",
    good="down",
    definition=_(
        "Customers who waited for an answer at the end of the period, by how long they had waited. It is a stock, not "
        "what came in less what went out."
    ),
    kind="cohort",
    estimator="count",
    keys=("hours_waited",),
    splits=("channel", "team"),
    order="key",
    momentary=True,
    words=(
        ("hours_waited", "0", _("less than 1 hour")),
        ("hours_waited", "1", _("1 to 4 hours")),
        ("hours_waited", "4", _("4 to 24 hours")),
        ("hours_waited", "24", _("1 to 3 days")),
        ("hours_waited", "72", _("3 to 7 days")),
        ("hours_waited", "168", _("7 days and more")),
    ),
    sql="""
with moments as (
  select customer, time, day, conversation, channel, team, ended,
    least($as_of, cast($end as timestamp) + interval 1 day) as seen_at
  from service_clocks
  where name in ('first_response', 'next_response')
), waits as (
  select *, (floor(epoch(seen_at)) - floor(epoch(time))) / 3600 as waited
  from moments
  where time <= seen_at and (ended is null or ended > seen_at)
)
select customer, time, day, conversation, channel, team, waited,
  case when waited >= 168 then 168 when waited >= 72 then 72 when waited >= 24 then 24 when waited >= 4 then 4
    when waited >= 1 then 1 else 0 end as hours_waited,
  1 as value
from waits
""",
)
