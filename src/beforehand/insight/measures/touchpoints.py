from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="touchpoints",
    title=_("Touchpoints"),
    unit="count",
    good="none",
    definition=_("Everything that passed between a customer and the company in the period."),
    kind="sum",
    estimator="count",
    splits=("name", "channel"),
    sql="""
select customer, time, day, name, channel, 1 as value
from touchpoints
where day between $start and $end
""",
)
