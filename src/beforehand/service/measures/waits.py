"""The rows of every measure of a wait: each clock twice, in elapsed and in working time."""

SQL = """
with running as (
  select customer, time, day, conversation, channel, team, how, with_bot, elapsed, working,
    case when ended <= $as_of and how <> 'no_answer_needed' then 1 else 0 end as ended,
    case when ended is null then floor(epoch($as_of)) - floor(epoch(time)) else elapsed end as at_most
  from service_clocks
  where name = '{name}' and time <= $as_of and day between $start and $end
)
select customer, time, day, conversation, channel, team, how, with_bot, ended, 'elapsed' as counted,
  case when elapsed < at_most then elapsed else at_most end as value
from running
union all
select customer, time, day, conversation, channel, team, how, with_bot, ended, 'working' as counted, working as value
from running
"""
HEADLINE = "counted = 'elapsed'"


def of(name: str) -> str:
    return SQL.format(name=name)
