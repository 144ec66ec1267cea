from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="step-time",
    title=_("Time in a step"),
    unit="seconds",
    good="down",
    definition=_(
        "The time from coming to a step of a need to its being done, of the steps that were done in the period."
    ),
    kind="cohort",
    estimator="median",
    keys=("need_kind", "at_step"),
    sql="""
select s.customer, s.left_at as time, cast(s.left_at as date) as day, s.need, s.kind as need_kind, s.step as at_step,
  s.entered, s.loops, greatest(floor(epoch(s.left_at)) - floor(epoch(s.entered)), 0) as value
from need_steps s
where s.outcome = 'done' and cast(s.left_at as date) between $start and $end
""",
)
