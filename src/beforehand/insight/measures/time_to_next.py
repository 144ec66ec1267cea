from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="time-to-next",
    title=_("Time to the next touchpoint"),
    unit="seconds",
    good="none",
    definition=_(
        "How long it took after a touchpoint until the customer's next one, whatever it was: the median of the "
        "waits that ended in the period. Customers who never came back are not in it; dead ends counts them."
    ),
    kind="quantile",
    estimator="median",
    keys=("name",),
    sql="""
select customer, time, day, previous as name, name as next_name, gap as value
from touchpoints
where previous is not null and day between $start and $end
""",
)
