from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure
from beforehand.insight.measures.time_to_met import FINISHED

measure = Measure(
    slug="needs-met-how",
    title=_("Needs met, by how"),
    unit="share",
    good="none",
    definition=_(
        "Of the needs that customers opened, the share that was met within the time set for its kind, and how: "
        "the first that applies of with a person, told by us before they asked, with a guide, with self-service, "
        "by itself."
    ),
    kind="cohort",
    estimator="outcomes",
    keys=("outcome",),
    sql=FINISHED,
)
