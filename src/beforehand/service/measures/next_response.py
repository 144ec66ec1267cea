from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure
from beforehand.service.measures import waits

measure = Measure(
    slug="next-response",
    title=_("Next response by a person"),
    unit="seconds",
    good="down",
    definition=_(
        "For every later time that a customer began to wait: the time from the oldest message that was not answered to "
        "the next public answer. Who still waits counts for as long as they have waited."
    ),
    kind="cohort",
    estimator="survival",
    keys=("counted",),
    splits=("channel", "team"),
    headline=waits.HEADLINE,
    sql=waits.of("next_response"),
)
