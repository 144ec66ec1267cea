"""What may be a cause: failures, trouble on the way of a need, steps that take longer than they may, broken promises.

A touchpoint that opens a need without further ado (“Sign In Failed” opens “get access back”) is no candidate: all who
have the need have it, so there is nobody to compare with.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from beforehand.insight.causes.clocks import BROKEN, LATE, Clock, Limit, Mark, Pledge, keyed, matching, text
from beforehand.insight.causes.states import ANY, AWAY, HERE
from beforehand.insight.causes.timeline import Span, days

FEWEST = 20
"""A trouble that struck less often is not judged."""


class Candidate(NamedTuple):
    """Something that may be a cause: `sort` is trouble, late or broken; `kind` the kind of need it is trouble of."""

    key: str
    sort: str
    name: str
    kind: str
    owner: str
    step: str = ""


def candidates(db: Any, when: Span, clocks: Sequence[Clock], pledges: Sequence[Pledge]) -> list[tuple[Candidate, str]]:
    """Each with the SQL of its rows: id, customer, time, key of its thread."""
    found: dict[str, tuple[Candidate, str]] = {}
    plain = {mark for one in clocks for mark in one.moves if not mark.where}
    for one in clocks:
        for mark in one.trouble:
            if Mark(mark.name) not in plain or mark.where:
                key = mark.name + "".join(f" {name}={'|'.join(values)}" for name, values in mark.where)
                found[key] = (Candidate(key, "trouble", mark.name, one.kind, one.owner), _trouble(mark, one.key))
    moved = {mark.name for mark in plain}
    failures = db.execute("select name from catalogue where kind = 'failure' order by name").fetchall()
    for (name,) in failures:
        if name not in moved and name not in found:
            found[name] = (Candidate(name, "trouble", name, "", ""), _trouble(Mark(name), ""))
    for one in clocks:
        for limit in one.limits:
            key = f"{LATE}{one.kind}: {limit.step}"
            found[key] = (Candidate(key, "late", limit.title, one.kind, one.owner, limit.step), _late(one, limit))
    for one_pledge in pledges:
        key = BROKEN + one_pledge.name
        own = next((one for one in clocks if one.key == one_pledge.key and moves(one, one_pledge.name)), None)
        kind, owner = (own.kind, own.owner) if own else ("", "")
        found[key] = (Candidate(key, "broken", one_pledge.name, kind, owner), _broken(one_pledge, when))
    return list(found.values())


def moves(one: Clock, name: str) -> bool:
    return any(mark.name == name for mark in one.moves)


def _trouble(mark: Mark, key: str) -> str:
    return f"""
        select t.id, t.customer, t.time as moment, {keyed(key)} as key, false as kept,
          t.actor = 'customer' or t.channel in (from cause_doors) as present
        from cause_log t where {matching([mark])}"""


def _late(one: Clock, limit: Limit) -> str:
    """All who entered the step, at the moment at which it had to be left; `kept`: it was."""
    entered = ", ".join(text(f"{one.kind}: {name}") for name in limit.enters) or "''"
    return f"""
        select unit as id, customer, entered + {limit.days!r} as t, key,
          coalesce(left_at <= entered + {limit.days!r}, false) as kept
        from cause_states where kind = {text(one.kind)} and state in ({entered})"""


def _broken(one: Pledge, when: Span) -> str:
    """All to whom it was promised, at the moment at which it was due. A day without an hour is due when it ends."""
    said, day = f"json_extract_string(t.properties, '$.\"{one.due}\"')" if one.due else "null", "interval 1 day"
    moment = f"try_cast({said} as timestamp) + case when length({said}) = 10 then {day} else {day} * 0 end"
    made = f"""
        select t.id, t.customer, {keyed(one.key)} as key, {days("t.time", when.first)} as made, coalesce(
          {days(f"({moment})", when.first)},
          {days("t.time", when.first)} + {one.days!r}) as t
        from cause_log t where t.name = {text(one.name)}"""
    kept = f"""
        select t.customer, {keyed(one.key)} as key, {days("t.time", when.first)} as done
        from cause_log t where {matching(one.kept)}"""
    return f"""
        select m.id, m.customer, m.t, m.key, coalesce(min(k.done) <= m.t, false) as kept
        from ({made}) m left join ({kept}) k on k.customer = m.customer and k.key = m.key and k.done > m.made
        group by m.id, m.customer, m.t, m.key"""


def gather_troubles(db: Any, when: Span, clocks: Sequence[Clock], pledges: Sequence[Pledge]) -> list[Candidate]:
    """Make `cause_struck` (id, customer, t, cause, kind, key, unit, state, age), the cause by its place in the list
    that is returned; `unit` is the touchpoint by which the state was entered, or the promise.

    And `cause_in_time` (customer, t, state): those with whom a step or a promise was kept, when the others had waited
    too long.
    """
    db.execute(
        """create or replace temp table cause_moments
           (id bigint, customer bigint, t double, cause varchar, key varchar, kept boolean, present boolean)"""
    )
    db.execute(
        """create or replace temp table cause_doors as
           select channel from cause_log group by channel having avg((actor = 'customer')::int) > 0.5"""
    )
    found = candidates(db, when, clocks, pledges)
    for candidate, sql in found:
        trouble = candidate.sort == "trouble"
        time, present = (days("moment", when.first), "present") if trouble else ("t", "false")
        db.execute(
            f"""insert into cause_moments
                select id, customer, {time}, {text(candidate.key)}, key, kept, {present} from ({sql})
                where {time} < {when.end}"""
        )
    many = {
        cause
        for (cause,) in db.execute(
            f"select cause from cause_moments where not kept group by cause having count(*) >= {FEWEST}"
        ).fetchall()
    }
    kept = [candidate for candidate, _sql in found if candidate.key in many]
    keyed_kinds = {one.kind for one in clocks if one.key}
    db.execute(
        "create or replace temp table cause_candidates (cause integer, name varchar, sort varchar, kind varchar)"
    )
    if kept:
        db.executemany(
            "insert into cause_candidates values (?, ?, ?, ?)",
            [(n, c.key, c.sort, c.kind if c.kind in keyed_kinds else ANY) for n, c in enumerate(kept)],
        )
    _place(db)
    return kept


def _place(db: Any) -> None:
    """Put every moment into the state of its thread then; what has no thread, into the customer's latest."""
    db.execute(
        f"""create or replace temp table cause_struck as
           with struck as (select m.*, c.cause as number, c.sort, c.kind from cause_moments m
             join cause_candidates c on c.name = m.cause where not m.kept),
           waited as (select id, customer, t, number as cause, kind, key, id as unit, cause as state, 0.0 as age
             from struck where sort <> 'trouble'),
           own as (
             select m.id, m.customer, m.t, m.number as cause, m.kind, m.key, s.unit, s.state, m.t - s.entered as age
             from (from struck where sort = 'trouble') m
             asof left join cause_states s
               on s.customer = m.customer and s.kind = m.kind and s.key = m.key and s.entered <= m.t),
           other as (
             select m.id, m.customer, m.t, m.number as cause, m.kind, m.key, s.unit, s.state, m.t - s.entered as age
             from (select k.* from struck k semi join (from own where state is null) o
                     on o.id = k.id and o.cause = k.number) m
             asof join (from cause_states where kind = '*') s on s.customer = m.customer and s.entered <= m.t),
           told as (from waited union all from own where state is not null union all from other)
           select t.* replace (
             case when s.present and t.kind = '{ANY}' and t.age > {AWAY} then '{HERE}' else t.state end as state,
             case when s.present and t.kind = '{ANY}' and t.age > {AWAY} then 0.0 else t.age end as age)
           from told t join struck s on s.id = t.id and s.number = t.cause"""
    )
    db.execute(
        """create or replace temp table cause_in_time as
           select m.customer, m.t, m.cause as state from cause_moments m
           join cause_candidates c on c.name = m.cause where m.kept"""
    )
