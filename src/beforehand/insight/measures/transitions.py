from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="transitions",
    title=_("Waits between touchpoints"),
    unit="seconds",
    good="none",
    definition=_(
        "How long customers took from one touchpoint to their very next: the median of the waits that ended in "
        "the period."
    ),
    kind="quantile",
    estimator="median",
    keys=("previous", "name"),
    splits=("channel",),
    sql="""
select customer, time, day, previous, name, channel, gap as value
from touchpoints
where previous is not null and day between $start and $end
""",
)
