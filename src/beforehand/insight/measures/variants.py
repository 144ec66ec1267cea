from django.utils.translation import gettext_lazy as _

from beforehand.insight.measure import Measure

measure = Measure(
    slug="variants",
    title=_("Ways through"),
    unit="share",
    good="none",
    definition=_(
        "Each customer's touchpoints of the period in order (the first 100 of them) are one way; the share of "
        "customers on the commonest. Ways of a single customer are counted but not listed."
    ),
    kind="cohort",
    estimator="mix",
    keys=("variant",),
    least=2,
    most=50,
    sql="""
with journey as (
  select customer, time, day, name,
    row_number() over (partition by customer order by time, id) as place
  from touchpoints
  where day between $start and $end
)
select customer, min(time) as time, min(day) as day, string_agg(name, ' → ' order by place) as variant, 1 as value
from journey
where place <= 100
group by customer
""",
)
