from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure
from beforehand.insight.measures.stuck_now import STANDING

measure = Measure(
    slug="stuck-for",
    title=_("How long stuck needs have stood"),
    unit="seconds",
    good="down",
    definition=_("Of the needs that were stuck at the end of the period, the time since they came to their step."),
    kind="cohort",
    estimator="median",
    keys=("need_kind", "at_step"),
    momentary=True,
    sql=f"""
with standing as ({STANDING})
select customer, entered as time, cast(entered as date) as day, need, kind as need_kind, step as at_step, key, opened,
  stuck_at, floor(epoch(seen_at)) - floor(epoch(entered)) as value
from standing
where stuck_at <= seen_at
""",
)
