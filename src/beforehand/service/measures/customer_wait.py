from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure
from beforehand.service.measures import waits

measure = Measure(
    slug="customer-wait",
    title=_("Customer wait"),
    unit="seconds",
    good="down",
    definition=_(
        "All the time in which a case was with us: from each unanswered message of the customer to the next answer of "
        "a person, or of a bot that the customer accepted. No status stops it, and merged threads count once. Half of "
        "the cases that began in the period waited less than this; one that still waits counts for as long as it has."
    ),
    kind="cohort",
    estimator="survival",
    keys=("counted",),
    splits=("channel", "team"),
    headline=waits.HEADLINE,
    sql=waits.of("wait"),
)
