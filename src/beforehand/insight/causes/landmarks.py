"""Moments to compare with: the same state at the same age, no trouble then nor in the days before.

For every trouble and every state in which it strikes, the ages at which it struck are cut into stretches with about as
many of its victims each. Of each other stay in that state, one moment in every stretch that it reached is taken, at an
age at which somebody was struck. From there on the customer is followed for WINDOW days or until a trouble, whatever
becomes of the need meanwhile: what comes after a trouble may be its doing, so what comes after a moment without trouble
must count as it comes too. A stratum also says how long before the customer had written: a trouble that is noticed
because somebody wrote is compared with others who had just written.
"""

from typing import Any, NamedTuple

import numpy as np

from beforehand.insight.causes.timeline import Span

WINDOW = 14
"""Days in which a trouble's contacts are counted, in whole days from the trouble."""
LAGS = (0, 1, 2, 4, 7)
"""Where the stretches of days since a trouble begin."""
RECENT = (0.25, 2.0, 7.0)
"""Whether the last contact before was within so many days, or longer ago, or never."""
LEVELS = len(RECENT) + 1
STRETCHES = 8
VICTIMS = 12
"""So many victims at least in a stretch of ages."""
STAYS = 10_000
"""So many stays in a state are compared with, at most, for one trouble."""


class Strata(NamedTuple):
    """What each stratum is: trouble and state (`pairs`), stretch of age, last contact. Its number is its place."""

    pairs: list[tuple[int, str]]

    @property
    def size(self) -> int:
        return len(self.pairs) * STRETCHES * LEVELS

    @property
    def shape(self) -> tuple[int, ...]:
        """The axes: pair, stretch, last contact before, days since."""
        return len(self.pairs), STRETCHES, LEVELS, WINDOW


def strata(db: Any) -> Strata:
    """Make `cause_ages` (pair, stretch, place, age, many) and `cause_pairs` (pair, cause, state, share); give each
    trouble its pair and stretch, in `cause_placed`."""
    db.execute(
        f"""create or replace temp table cause_pairs as
            select (row_number() over (order by e.cause, e.state) - 1)::int as pair, e.cause, e.state,
              greatest(1, least({STRETCHES}, count(*) // {VICTIMS}))::int as stretches,
              least(1.0, {STAYS} / greatest(any_value(s.stays), 1))::double as share
            from cause_troubles e
            left join (select state, count(*) as stays from cause_states group by state) s on s.state = e.state
            group by e.cause, e.state"""
    )
    db.execute(
        """create or replace temp table cause_placed as
           select e.*, p.pair, ((row_number() over (partition by p.pair order by e.age, e.id) - 1) * p.stretches
             // count(*) over (partition by p.pair))::int as stretch
           from cause_troubles e join cause_pairs p using (cause, state)"""
    )
    db.execute(
        """create or replace temp table cause_ages as
           select pair, stretch, age, row_number() over (partition by pair, stretch order by age, id) - 1 as place,
             count(*) over (partition by pair, stretch) as many
           from cause_placed"""
    )
    rows = db.execute("select cause, state from cause_pairs order by pair").fetchall()
    return Strata([(cause, state) for cause, state in rows])


def gather_landmarks(db: Any, when: Span) -> None:
    """Make `cause_landmarks` (customer, part, stratum, t, whole): `whole` full days can be seen, at most WINDOW."""
    db.execute(
        f"""create or replace temp table cause_landmarks as
            with stays as (
              select s.customer, s.unit, s.entered, coalesce(s.left_at, {when.end}) as until, p.pair
              from cause_states s join cause_pairs p on p.state = s.state
              where hash(s.unit * 1013 + p.pair) % 1000003 < p.share * 1000003),
            drawn as (
              select s.*, a.stretch, (hash(s.unit * 37 + a.stretch * 1009) % a.many)::bigint as place
              from stays s join (select distinct pair, stretch, many from cause_ages) a on a.pair = s.pair),
            moments as (
              select d.customer, d.pair, d.stretch, d.entered + a.age as t
              from drawn d join cause_ages a using (pair, stretch, place) where d.entered + a.age < d.until
              union all
              select k.customer, p.pair, 0, k.t from cause_in_time k join cause_pairs p on p.state = k.state),
            inside as (select * from moments where t < {when.end} - 1),
            after as (
              select i.*, e.t as struck from inside i
              asof left join cause_troubles e on e.customer = i.customer and e.t <= i.t),
            clean as (select * exclude struck from after where struck is null or struck < t - {WINDOW}),
            before as (
              select c.*, e.t as strikes from clean c
              asof left join cause_troubles e on e.customer = c.customer and e.t > c.t)
            select b.customer, (hash(b.customer * 31 + 7) % 40)::int as part, b.t,
              ((b.pair * {STRETCHES} + b.stretch) * {LEVELS} + {_level("b.t - w.t")})::int as stratum,
              least({WINDOW}, floor(least(coalesce(b.strikes, {when.end}), {when.end}) - b.t))::int as whole
            from before b asof left join cause_contacts w on w.customer = b.customer and w.t <= b.t"""
    )


class Followed(NamedTuple):
    """Moments and the contacts after them, added up. One row a part, stratum and day (of the middle of the first day).

    `at_risk` rows: part, stratum, day, whole, weight (the customers' tendencies added up).
    `hits` rows: part, stratum, day, lag, count. `repeated[pair]`: how many of a pair's moments each contact follows.
    """

    at_risk: dict[str, np.ndarray]
    hits: dict[str, np.ndarray]
    repeated: np.ndarray


def followed(db: Any, strata: Strata) -> Followed:
    """Needs `cause_tendency` (customer, tendency)."""
    db.execute(
        """create or replace temp table cause_followed as
           select l.customer, l.part, l.stratum, floor(l.t + 0.5)::int as day, l.whole, l.t, f.tendency
           from cause_landmarks l join cause_tendency f using (customer) where l.whole >= 1"""
    )
    at_risk = db.execute(
        """select part, stratum, day, whole, sum(tendency)::double as weight from cause_followed group by all"""
    ).fetchnumpy()
    db.execute(
        """create or replace temp table cause_hits as
           select l.part, l.stratum, l.day, floor(c.t - l.t)::int as lag, c.id
           from cause_followed l join cause_contacts c
             on c.customer = l.customer and c.t > l.t and c.t < l.t + l.whole"""
    )
    hits = db.execute(
        "select part, stratum, day, lag, count(*)::double as count from cause_hits group by all"
    ).fetchnumpy()
    repeated = np.ones(len(strata.pairs))
    for pair, times in db.execute(
        f"select stratum // {STRETCHES * LEVELS}, count(*) / count(distinct id) from cause_hits group by 1"
    ).fetchall():
        repeated[pair] = times
    return Followed(
        {key: np.asarray(value) for key, value in at_risk.items()},
        {key: np.asarray(value) for key, value in hits.items()},
        repeated,
    )


def placed(db: Any) -> dict[str, np.ndarray]:
    """The troubles in the order of (customer, time): id, customer, t, cause, itself, unit, thread, keyed, stratum."""
    rows = db.execute(
        f"""select e.id, e.customer, e.t, e.cause, e.itself, e.unit,
              hash(e.kind, e.key) as thread, e.key <> '' as keyed,
              ((e.pair * {STRETCHES} + e.stretch) * {LEVELS} + {_level("e.t - w.t")})::bigint as stratum
            from cause_placed e asof left join cause_contacts w on w.customer = e.customer and w.t <= e.t
            order by e.customer, e.t, e.id"""
    ).fetchnumpy()
    return {key: np.asarray(value) for key, value in rows.items()}


def _level(since: str) -> str:
    """SQL: 0 where nobody wrote lately, else the higher the more lately."""
    cases = " ".join(f"when {since} <= {limit} then {LEVELS - 1 - n}" for n, limit in enumerate(RECENT))
    return f"(case {cases} else 0 end)"
