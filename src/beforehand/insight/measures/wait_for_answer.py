from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="wait-for-answer",
    title=_("Wait for an answer"),
    unit="seconds",
    good="down",
    definition=_(
        "The time from a contact to our next answer to that customer, in any channel. Where there is none yet, "
        "the time waited so far."
    ),
    kind="cohort",
    estimator="median",
    splits=("channel", "name"),
    sql="""
select customer, time, cast(time as date) as day, name, channel, need, answered, waited as value
from answered_contacts
where cast(time as date) between $start and $end
""",
)
