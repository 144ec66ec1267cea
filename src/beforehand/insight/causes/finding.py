"""From touchpoints to causes: the whole way, on one DuckDB connection with `touchpoints` and `catalogue`."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import numpy as np

from beforehand.insight.causes import exposed, landmarks, mediators, states, tendency, timeline, troubles
from beforehand.insight.causes.baseline import Baseline, fit
from beforehand.insight.causes.before import Before, before
from beforehand.insight.causes.clocks import Clock, Pledge
from beforehand.insight.causes.exposed import Pieces, Struck
from beforehand.insight.causes.found import Findings
from beforehand.insight.causes.incidents import Incident, incidents
from beforehand.insight.causes.judging import Column, Judgement, judged
from beforehand.insight.causes.leaving import Leaving, leaving
from beforehand.insight.causes.sharing import shares
from beforehand.insight.causes.spread import spread
from beforehand.insight.causes.timeline import Span
from beforehand.insight.causes.troubles import Candidate
from beforehand.insight.causes.victims import victims

ORDER = "Order Completed"
HARMLESS = 0.2
"""A trouble with a larger p is taken for one that brings no contacts, when the others are looked at."""
SURE = 0.001
LOOKED_INTO = 0.05
"""Only of troubles with at most this p is it asked where they come more often."""


class Study(NamedTuple):
    """Everything of one search that later steps need; `before` is by trouble."""

    when: Span
    candidates: Sequence[Candidate]
    mediators: Sequence[mediators.Mediator]
    placed: dict[str, np.ndarray]
    struck: Struck
    base: Baseline
    tendency: tendency.Tendency
    contacts: dict[str, np.ndarray]
    before: Before
    spread: float
    leaving: Leaving | None


def find(
    db: Any, clocks: Sequence[Clock] = (), pledges: Sequence[Pledge] = (), costs: Mapping[str, float] | None = None
) -> Findings:
    """The causes of contacts. `costs`: what one contact costs by channel, under "" for every other channel."""
    total, seen, orders = db.execute(
        f"""select count(*) filter (name in (select name from catalogue where kind = 'contact')),
             count(distinct customer), count(*) filter (name = '{ORDER}') from touchpoints"""
    ).fetchone()
    share = timeline.take(db)
    when, candidates = gather(db, clocks, pledges, costs or {}) if total else (None, [])
    study = look(db, when, candidates) if when else None
    if when is None or study is None:
        return Findings((), total, 0.0, seen, orders, {}, 1.0, "", "")
    columns = [Column(n, None, np.flatnonzero(study.struck.cause == n)) for n in range(len(candidates))]
    first = Judgement(study, columns, weighed(study, columns))
    harmless = [n for n, one in enumerate(first.of.counts) if one.p > HARMLESS and len(columns[n].troubles)]
    judgements = [first._replace(only=tuple(harmless))]
    again = look(db, when, candidates, harmless) if harmless else study
    if again is not None:
        judgements.append(_told_apart(db, again))
    causes, attributed = judged(judgements)
    causes, attributed = tuple(one.scaled(share) for one in causes), attributed / share
    threads = {
        kind: round(many / share)
        for kind, many in db.execute(
            "select kind, count(distinct (customer, key)) from cause_states group by kind"
        ).fetchall()
    }
    last = when.first + timedelta(days=int(when.end))
    return Findings(
        causes, total, attributed, seen, orders, threads, study.spread, when.first.isoformat(), last.isoformat(),
        victims(judgements),
    )  # fmt: skip


def gather(
    db: Any, clocks: Sequence[Clock], pledges: Sequence[Pledge], costs: Mapping[str, float]
) -> tuple[Span, list[Candidate]]:
    """Make the small tables, and say what may be a cause."""
    when = timeline.span(db)
    timeline.gather_contacts(db, when, costs)
    states.gather_states(db, when, clocks)
    return when, troubles.gather_troubles(db, when, clocks, pledges)


def look(db: Any, when: Span, candidates: Sequence[Candidate], harmless: Sequence[int] = ()) -> Study | None:
    """Fit what would have been written anyway; None where nothing may be a cause.

    `harmless` troubles are nobody's exposure: who meets one is compared with as before. Else those who are often here,
    and meet many, would be missing among the compared.
    """
    downstream = mediators.settle(db, candidates, harmless)
    strata = landmarks.strata(db)
    if not strata.pairs:
        return None
    landmarks.gather_landmarks(db, when)
    timeline.gather_people(db, when)
    known = tendency.tendencies(db, when)
    base = fit(landmarks.followed(db, strata), strata, int(when.end) + 1)
    placed = landmarks.placed(db)
    struck = Struck(*(placed[column] for column in Struck._fields))
    rows = db.execute("select customer, t, cost from cause_contacts").fetchnumpy()
    contacts = {key: np.asarray(value) for key, value in rows.items()}
    return Study(
        when, candidates, downstream, placed, struck, base, known, contacts,
        before(db, strata, placed), spread(db, known, base, struck), None,
    )  # fmt: skip


def _told_apart(db: Any, study: Study) -> Judgement:
    """Every trouble with its incidents told apart, and what those who left would have written."""
    columns = [Column(n, None, np.flatnonzero(study.struck.cause == n)) for n in range(len(study.candidates))]
    counts = weighed(study, columns).counts
    bring = [n for n, one in enumerate(counts) if one.p <= LOOKED_INTO and len(columns[n].troubles)]
    found = [one for n in bring for one in incidents(db, study.when, n, study.candidates[n])]
    sure = np.isin(study.struck.cause, [n for n, one in enumerate(counts) if one.p <= SURE])
    gone = leaving(db, study.placed, study.tendency, sure, study.when.end)
    columns, study = _split(study, columns, found), study._replace(leaving=gone)
    return Judgement(study, columns, weighed(study, columns))


class Weighed(NamedTuple):
    """Pieces with what was expected in them and the shares of the columns, and each column's count."""

    pieces: Pieces
    expected: np.ndarray
    shares: np.ndarray
    factor: np.ndarray
    sure: np.ndarray
    counts: list[Any]


def weighed(study: Study, columns: Sequence[Column]) -> Weighed:
    """Divide what was written after troubles among the columns."""
    from beforehand.insight.causes.excess import count

    which = np.zeros(len(study.struck.t), np.int64)
    for n, column in enumerate(columns):
        which[column.troubles] = n
    struck = study.struck._replace(cause=which)
    contacts = study.contacts
    pieces = exposed.cut(struck, len(columns), contacts["customer"], contacts["t"], contacts["cost"], study.when.end)
    at = np.searchsorted(study.tendency.customer, pieces.customer)
    factor, sure = study.tendency.factor[at], study.tendency.sure[at]
    mean = exposed.expected(pieces, struck, study.base, factor)
    parts = shares(pieces, mean)
    counts = [
        count(parts[:, n], pieces, struck, mean, factor, sure, study.base, study.spread) for n in range(len(columns))
    ]
    return Weighed(pieces, mean, parts, factor, sure, counts)


def _split(study: Study, columns: Sequence[Column], found: Sequence[Incident]) -> list[Column]:
    """One column more for each incident: those whom it struck, taken from the trouble's own column.

    A trouble that is downstream goes where the trouble before it went.
    """
    place = study.struck.cause.copy()
    own = study.placed["itself"] == study.placed["cause"]
    for n, incident in enumerate(found):
        inside = np.isin(study.placed["unit"], np.fromiter(incident.units, np.int64, len(incident.units)))
        if not incident.where:
            inside |= incident.holds(study.struck.t)
        place[own & inside & (study.struck.cause == incident.cause)] = len(columns) + n
    for at in np.flatnonzero(~own):
        back = at - 1
        while back >= 0 and study.struck.customer[back] == study.struck.customer[at]:
            if study.struck.cause[back] == study.struck.cause[at]:
                place[at] = place[back]
                break
            back -= 1
    kept = [*columns, *(Column(incident.cause, incident, np.zeros(0, np.int64)) for incident in found)]
    return [column._replace(troubles=np.flatnonzero(place == n)) for n, column in enumerate(kept)]
