from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="contacts-after",
    title=_("Contacts straight after"),
    unit="rate",
    good="down",
    definition=_(
        "Touchpoints of the kind contact that came straight after another touchpoint, for every 1,000 customers "
        "who went on from there. Split by stage, it shows after which part of the journey customers had to come to us."
    ),
    kind="cohort",
    estimator="per thousand",
    splits=("name", "channel"),
    sql="""
select t.customer, t.time, t.day, t.previous as name, t.name as contact, t.channel,
  case when c.kind = 'contact' then 1 else 0 end as value
from touchpoints t left join catalogue c on c.name = t.name
where t.previous is not null and t.day between $start and $end
""",
)
