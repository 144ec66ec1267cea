"""Fact tables: relations that measures may read beside `touchpoints`.

A room that has more to offer adds a `Fact` with `add`, in its `handlers.py` or where its projection stands; docs/
insight.md says how. A fact's SQL reads `touchpoints` and `catalogue`, so that a segment and the customers whose files
no longer hold are taken care of before it sees a row.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fact:
    """A named query. `kept`: its rows are few, each follows from one touchpoint alone, and so a lake file's are kept
    beside it in Parquet. `version` rises with every change of meaning."""

    name: str
    definition: str
    sql: str
    kept: bool = False
    version: int = 1


FACTS: dict[str, Fact] = {}


def add(fact: Fact) -> Fact:
    FACTS[fact.name] = fact
    return fact


add(
    Fact(
        name="journeys",
        definition="One row a customer: first_time, last_time and the number of touchpoints.",
        sql="""
select customer, min(time) as first_time, max(time) as last_time, count(*) as touchpoints
from touchpoints
group by customer
""",
    )
)

ASKED = """
    case
      when {text} like '%nps%' or {text} like '%net promoter%' or {text} like '%net_promoter%' then 'nps'
      when {text} like '%csat%' or {text} like '%satisfaction%' then 'csat'
      when regexp_matches({text}, '(^|[^a-z])ces([^a-z]|$)') or {text} like '%effort%' then 'ces'
    end"""


def _first(*names: str) -> str:
    return "coalesce(" + ", ".join(f"properties ->> '$.{name}'" for name in names) + ")"


def _written(*words: str) -> str:
    """Whether the properties have one of these words at all: cheap, so that few of them have to be parsed."""
    return " or ".join(f"properties like '%{word}%'" for word in words)


def _scores() -> str:
    said = f"lower(coalesce({_first('measure', 'metric', 'survey_type', 'survey')}, ''))"
    return f"""
with told as (
  select id, customer, time, day, name, channel, place,
    coalesce({ASKED.format(text=said)}, {ASKED.format(text="lower(name)")}) as asked,
    try_cast({_first("score", "rating", "value")} as double) as score,
    try_cast(regexp_extract({_first("max", "scale", "scale_max")}, '([0-9]+)$', 1) as double) as top
  from touchpoints
  where ({_written('"score"', '"rating"', '"value"')})
    and ({_written("measure", "metric", "survey")}
      or regexp_matches(lower(name), 'nps|promoter|csat|satisf|ces|effort'))
)
select id, customer, time, day, name, channel, place, asked, score, top
from told
where asked is not null and score is not null
"""


add(
    Fact(
        name="answers",
        definition="Touchpoints that carry a score: what was asked (nps, csat, ces), the score, the top of its scale "
        "where the touchpoint says so.",
        kept=True,
        sql=_scores(),
    )
)

add(
    Fact(
        name="scores",
        definition="The answers, with usual_top: 5, 7 or 10, the smallest that holds every score under the name.",
        sql="""
select *,
  case when max(score) over (partition by name) <= 5 then 5 when max(score) over (partition by name) <= 7 then 7 else 10
  end as usual_top
from answers
""",
    )
)

add(
    Fact(
        name="needs_on_the_way",
        definition="The needs that count (none that was excluded), with ages in seconds since each opened: met_after, "
        "contact_after, abandoned_after (null where it has not happened), seen_for (how long it has been watched).",
        sql="""
select need, customer, kind, key, step, opened, opened_day, opened_by, met, how, first_contact, horizon,
  floor(epoch(met)) - floor(epoch(opened)) as met_after,
  floor(epoch(first_contact)) - floor(epoch(opened)) as contact_after,
  floor(epoch(abandoned)) - floor(epoch(opened)) as abandoned_after,
  greatest(floor(epoch($as_of)) - floor(epoch(opened)), 0) as seen_for
from needs
where coalesce(excluded, '') = ''
""",
    )
)

add(
    Fact(
        name="answered_contacts",
        definition="Contacts with `answered`, the moment of our next answer to that customer (null while there is "
        "none), and `waited` in seconds, to $as_of while there is no answer.",
        sql="""
with talk as (
  select t.customer, t.time, t.id, null as need, '' as name, '' as channel, 1 as ours
  from touchpoints t join catalogue c on c.name = t.name
  where c.kind = 'service'
  union all
  select customer, time, id, need, name, channel, 0 as ours
  from contacts
), heard as (
  select *, min(case when ours = 1 then time end)
    over (partition by customer order by time, id rows between current row and unbounded following) as answered
  from talk
)
select id, customer, time, need, name, channel, answered,
  greatest(floor(epoch(coalesce(answered, $as_of))) - floor(epoch(time)), 0) as waited
from heard
where ours = 0
""",
    )
)

add(
    Fact(
        name="orders",
        definition="The touchpoints that are an order: “Order Completed”, as Segment's vocabulary has it, or “Order "
        "Placed”.",
        sql="""
select id, customer, time, day, name, channel, place
from touchpoints
where lower(replace(name, '_', ' ')) in ('order completed', 'order placed')
""",
    )
)
