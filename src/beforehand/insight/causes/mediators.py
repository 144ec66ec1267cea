"""What lies downstream of a trouble is no second cause: a parcel that is delayed is then often not handed over either.

Of two troubles on one thread (the same order, the same invoice), the later is a *mediator* of the earlier when threads
that were struck by the earlier get the later much more often than threads that were not (at least twice as often, with
a chance of less than one in a thousand if there were no tie). The times at which the later struck after the earlier are
then counted as the earlier's own; where it strikes alone it stays a candidate. A step that takes too long and a
promise that is broken are two names of one trouble when each nearly always comes with the other; the promise stays.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from scipy.stats import binom

from beforehand.insight.causes.landmarks import WINDOW
from beforehand.insight.causes.troubles import FEWEST, Candidate

TIMES = 2.0
RARE = 0.001
SAME = 0.7


class Mediator(NamedTuple):
    """`mediator` came `times` after `cause` on one thread; places in the list of candidates."""

    cause: int
    mediator: int
    times: int


def settle(db: Any, candidates: Sequence[Candidate], harmless: Sequence[int] = ()) -> list[Mediator]:
    """Make `cause_troubles` out of `cause_struck`: mediated troubles carry the cause that they go back to (`cause`),
    and what they were themselves (`itself`). What then struck too rarely on its own, or is another's other name, is
    gone. `harmless` are left out."""
    _pairs(db)
    found = _mediators(db, candidates)
    twins = _twins(db, candidates)
    db.execute("create or replace temp table cause_mediators (cause integer, mediator integer)")
    pairs = [(one.cause, one.mediator) for one in found if not {one.cause, one.mediator} & {*twins, *harmless}]
    if pairs:
        db.executemany("insert into cause_mediators values (?, ?)", pairs)
    gone = ", ".join(str(one) for one in sorted({*twins, *harmless})) or "-1"
    db.execute(
        f"""create or replace temp table cause_troubles as
            with first as (
              select p.later as id, p.mediator, min_by(p.cause, p.t) as cause
              from cause_after p semi join cause_mediators m on m.cause = p.cause and m.mediator = p.mediator
              group by p.later, p.mediator),
            told as (
              select s.* replace (coalesce(f.cause, s.cause) as cause), s.cause as itself
              from cause_struck s left join first f on f.id = s.id and f.mediator = s.cause
              where s.cause not in ({gone}))
            select * from told where cause in (
              select cause from told where cause = itself group by cause having count(*) >= {FEWEST})"""
    )
    return [one for one in found if (one.cause, one.mediator) in pairs]


def _pairs(db: Any) -> None:
    db.execute(
        f"""create or replace temp table cause_after as
            select b.id as later, b.cause as mediator, a.cause, min(a.t) as t
            from cause_struck a join cause_struck b
              on a.customer = b.customer and a.kind = b.kind and a.key = b.key and a.cause <> b.cause
              and a.t <= b.t and (a.key <> '' or b.t < a.t + {WINDOW}) and not (a.t = b.t and a.id >= b.id)
            group by all"""
    )


def _mediators(db: Any, candidates: Sequence[Candidate]) -> list[Mediator]:
    threads = dict(
        db.execute(
            "select kind, count(*) from (select distinct customer, kind, key from cause_states) group by kind"
        ).fetchall()
    )
    kinds = dict(db.execute("select cause, kind from cause_candidates").fetchall())
    struck = dict(
        db.execute(
            "select cause, count(*) from (select distinct customer, cause, kind, key from cause_struck) group by cause"
        ).fetchall()
    )
    rows = db.execute(
        """select p.cause, p.mediator, count(*) from (
             select distinct p.cause, p.mediator, s.customer, s.kind, s.key
             from cause_after p join cause_struck s on s.id = p.later and s.cause = p.mediator) p
           group by all order by all"""
    ).fetchall()
    both = {(cause, mediator): times for cause, mediator, times in rows}
    found = []
    for (cause, mediator), times in both.items():
        total = max(threads.get(kinds[cause], 0), struck[cause] + 1)
        alone = (struck[mediator] - times) / max(total - struck[cause], 1)
        rare = binom.sf(times - 1, struck[cause], min(max(alone * TIMES, 1e-9), 1.0)) < RARE
        if rare and times > both.get((mediator, cause), 0):
            found.append(Mediator(cause, mediator, times))
    return found


def _twins(db: Any, candidates: Sequence[Candidate]) -> set[int]:
    """Late steps that are another name of a broken promise."""
    late = [n for n, one in enumerate(candidates) if one.sort == "late"]
    broken = [n for n, one in enumerate(candidates) if one.sort == "broken"]
    twins = set()
    for step in late:
        for promise in broken:
            shared, own, other = db.execute(
                f"""with s as (select distinct customer, kind, key from cause_struck where cause = {step}),
                         p as (select distinct customer, kind, key from cause_struck where cause = {promise})
                    select (select count(*) from s semi join p using (customer, kind, key)),
                      (select count(*) from s), (select count(*) from p)"""
            ).fetchone()
            if shared >= SAME * own and shared >= SAME * other:
                twins.add(step)
    return twins
