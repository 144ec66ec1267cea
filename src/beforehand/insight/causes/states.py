"""The state that a customer is in: what a trouble is compared with, is people in the same state at the same age of it.

For kinds of need with a key, a state is the kind and the last thing that moved it (“receive-my-order: Order Shipped”),
for each order or invoice apart. For everything else it is the last thing of value that the customer met (not a contact,
not a failure, nothing that we sent): whoever has just looked into the cart is compared with others who have. Contacts
and our answers to them are states of no kind of need: they would foretell themselves.
"""

from collections.abc import Sequence
from typing import Any

from beforehand.insight.causes.clocks import Clock, keyed, matching, text
from beforehand.insight.causes.timeline import Span, days

ANY = "*"
"""The thread of everything that has no key."""
HERE = "arrives"
AWAY = 1 / 48
"""Whoever did nothing for so many days (half an hour) and then meets a trouble has just come: that is a state too."""
MOST = 60
"""Names that are told apart; rarer ones share one state."""


def gather_states(db: Any, when: Span, clocks: Sequence[Clock]) -> int:
    """Make `cause_states` (unit, customer, kind, key, state, entered, left_at). Returns how many rows there are.

    `unit` is the touchpoint by which the state was entered.
    """
    moves = " union all ".join([_by_name(when), *(_moves(one, when) for one in clocks)])
    db.execute(
        f"""create or replace temp table cause_states as
            with moves as ({moves})
            select unit, customer, kind, key, state, entered,
              lead(entered) over (partition by customer, kind, key order by entered, unit) as left_at
            from moves
            union all
            select unit, customer, '{HERE}', '', '{HERE}', entered, entered + 1e-6 from (
              select unit, customer, entered,
                lag(entered) over (partition by customer order by entered, unit) as earlier
              from moves where kind = '{ANY}')
            where earlier is null or entered - earlier > {AWAY}"""
    )
    return int(db.execute("select count(*) from cause_states").fetchone()[0])


def _moves(one: Clock, when: Span) -> str:
    return f"""
        select t.id as unit, t.customer, {text(one.kind)} as kind, {keyed(one.key)} as key,
          {text(one.kind + ": ")} || t.name as state, {days("t.time", when.first)} as entered
        from cause_log t where {matching(one.moves)}
          and t.name not in (select name from catalogue where kind in ('contact', 'service'))"""


def _by_name(when: Span) -> str:
    return f"""
        select t.id as unit, t.customer, '{ANY}' as kind, '' as key,
          case when t.name in (
            select name from cause_log group by name order by count(*) desc, name limit {MOST}
          ) then t.name else 'other'
          end as state, {days("t.time", when.first)} as entered
        from cause_log t where t.name in (select name from catalogue where kind in ('value', 'wait'))"""
