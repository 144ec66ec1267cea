from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure
from beforehand.insight.measures.retention import sql

measure = Measure(
    slug="retention-monthly",
    title=_("Customers who come back, by month"),
    unit="share",
    good="up",
    definition=_(
        "Customers by the month of their first touchpoint: the share with a touchpoint in each of the eight "
        "months after it, as far as those are over. The number as a whole is that of the first month after."
    ),
    kind="cohort",
    estimator="share",
    keys=("cohort", "age"),
    headline="age = 1",
    order="key",
    sql=sql("month"),
)
