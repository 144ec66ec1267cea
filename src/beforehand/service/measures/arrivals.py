from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="arrivals",
    title=_("When customers begin to wait"),
    unit="count",
    good="none",
    definition=_(
        "How often a customer began to wait for an answer, by weekday (0 is Monday) and hour in the company's zone. "
        "Further messages of one who waits already are not counted."
    ),
    kind="cohort",
    estimator="count",
    keys=("weekday", "hour"),
    splits=("channel", "team"),
    order="key",
    words=(
        *(("weekday", str(day), name) for day, name in WEEKDAYS.items()),
        *(("hour", str(hour), f"{hour:02}:00") for hour in range(24)),
    ),
    sql="""
select customer, time, day, conversation, channel, team, weekday, hour, 1 as value
from service_clocks
where name in ('first_response', 'next_response') and day between $start and $end
""",
)
