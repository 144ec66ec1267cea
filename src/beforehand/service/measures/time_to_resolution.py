from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure
from beforehand.service.measures import waits

measure = Measure(
    slug="time-to-resolution",
    title=_("Time to resolution"),
    unit="seconds",
    good="down",
    definition=_(
        "The time from the customer's first message to the last time that the case became done with nobody waiting. A "
        "case that was opened again counts once, to its last end; one that is open counts for as long as it is. What "
        "was done within the last 7 days may still be opened again."
    ),
    kind="cohort",
    estimator="survival",
    keys=("counted",),
    splits=("channel", "team"),
    horizon=7,
    headline=waits.HEADLINE,
    sql=waits.of("resolution"),
)
