from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

STANDING = """
select n.need, n.customer, n.kind, n.key, n.opened, s.step, s.entered, s.stuck_at,
  least($as_of, cast($end as timestamp) + interval 1 day) as seen_at
from needs n join need_steps s on s.need = n.need
where coalesce(n.excluded, '') = ''
  and s.entered <= least($as_of, cast($end as timestamp) + interval 1 day)
  and coalesce(s.left_at, cast('9999-01-01' as timestamp)) > least($as_of, cast($end as timestamp) + interval 1 day)
  and coalesce(n.met, cast('9999-01-01' as timestamp)) > least($as_of, cast($end as timestamp) + interval 1 day)
  and coalesce(n.abandoned, cast('9999-01-01' as timestamp)) > least($as_of, cast($end as timestamp) + interval 1 day)
"""
"""Where the needs that are open at the end of the period stand, and the moment from which each counts as stuck."""

measure = Measure(
    slug="stuck-now",
    title=_("Stuck now"),
    unit="count",
    good="down",
    definition=_(
        "Needs that were open at the end of the period and stuck in their step: the chance to finish it within "
        "one more usual time had fallen under 20 %, its target had passed, or the customer went back more often "
        "than 99 of 100 do. n is all that were open. A contact never makes a need stuck."
    ),
    kind="cohort",
    estimator="count",
    keys=("need_kind", "at_step"),
    momentary=True,
    sql=f"""
with standing as ({STANDING})
select customer, entered as time, cast(entered as date) as day, need, kind as need_kind, step as at_step, key, opened,
  stuck_at, case when stuck_at <= seen_at then 1 else 0 end as value
from standing
""",
)
