from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure
from beforehand.service.measures import waits

measure = Measure(
    slug="first-response",
    title=_("First response by a person"),
    unit="seconds",
    good="down",
    definition=_(
        "The time from the customer's first message of a case, in any channel, to the first public answer of a person. "
        "Time with the bot is part of it; automatic replies, notes and statuses are no answers. Half of the cases were "
        "answered within this time; those that were not answered yet count for as long as they have waited, and those "
        "that needed no answer until that was said."
    ),
    kind="cohort",
    estimator="survival",
    keys=("counted",),
    splits=("channel", "team"),
    headline=waits.HEADLINE,
    sql=waits.of("first_response"),
)
