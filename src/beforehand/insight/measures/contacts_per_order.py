from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="contacts-per-order",
    title=_("Contacts per 1,000 orders"),
    unit="rate",
    good="down",
    definition=_(
        "Contacts in the period about anything, for every 1,000 orders in it. An order is a touchpoint named "
        "“Order Completed” or “Order Placed”."
    ),
    kind="cohort",
    estimator="ratio per thousand",
    sql="""
select customer, time, day, name, channel, kind as need_kind, cause, 1 as value, 0 as base
from contacts
where day between $start and $end
union all
select customer, time, day, name, channel, '' as need_kind, '' as cause, 0 as value, 1 as base
from orders
where day between $start and $end
""",
)
