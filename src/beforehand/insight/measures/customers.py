from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="customers",
    title=_("Active customers"),
    unit="count",
    good="up",
    definition=_("Customers with at least one touchpoint in the period."),
    kind="distinct",
    estimator="distinct",
    splits=("name", "channel"),
    sql="""
select customer, time, day, gap, name, channel, 1 as value
from touchpoints
where day between $start and $end
""",
)
