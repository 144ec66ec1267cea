from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="contact-rate",
    title=_("Contacts per 1,000 active customers"),
    unit="rate",
    good="down",
    definition=_("Touchpoints of the kind contact in the period, for every 1,000 customers with any touchpoint in it."),
    kind="distinct",
    estimator="per thousand",
    depends="kind = 'contact'",
    splits=("channel",),
    sql="""
select t.customer, t.time, t.day, t.gap, t.name, t.channel, case when c.kind = 'contact' then 1 else 0 end as value
from touchpoints t left join catalogue c on c.name = t.name
where t.day between $start and $end
""",
)
