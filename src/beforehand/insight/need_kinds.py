"""How the needs of each kind go: the numbers of the boards, out of the lake's facts.

Every query reads `mine`: the needs of the segment, if one was chosen; a need is of the segment of the touchpoint that
opened it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np

from beforehand.insight import segments
from beforehand.insight.filters import Filter
from beforehand.insight.query import Query
from beforehand.insight.result import Point
from beforehand.insight.run import trend_of_kind
from beforehand.insight.waits import Wait, wait
from beforehand.journey.needs.book import OUTCOME, steps_of
from beforehand.journey.needs.definition import Definition
from beforehand.journey.needs.keeping import in_force
from beforehand.journey.needs.reading import read
from beforehand.journey.needs.shapes import UNKNOWN

MEASURE = "needs-beforehand"
MOST = 12
FEWEST = 10
BACK = timedelta(days=182)
TEXTS = ("text", "message", "body", "question", "subject")

BOARD = """
    select kind, count(*) filter (opened_day between $start and $end and coalesce(excluded, '') = ''),
      count(*) filter (met is null and abandoned is null and opened <= $now),
      count(*) filter (met is null and abandoned is null and stuck_at <= $now)
    from mine group by kind"""
IN_TIME = "(contacts = 0 and opened + to_seconds(horizon) > $now)"
"""Whether it may still be met beforehand."""
HERE = f"""
    select step, count(*), count(*) filter (stuck_at <= $now), count(*) filter (stuck_at <= $now and {IN_TIME})
    from mine where kind = $kind and met is null and abandoned is null group by step"""
STAYS = """
    select s.step, epoch(coalesce(s.left_at, n.met, n.abandoned, $now) - s.entered) as seconds,
      s.outcome in ('done', 'jumped') as done
    from need_steps s join mine n using (need)
    where n.kind = $kind and n.opened_day between $start and $end and s.outcome <> 'jumped' and s.entered <= $now"""
ENDS = """
    select case when met is not null then how when abandoned is not null then 'abandoned' else 'open' end, count(*)
    from mine where kind = $kind and opened_day between $start and $end and coalesce(excluded, '') = '' group by 1"""
STUCK = f"""
    select need, {IN_TIME}, epoch($now - step_since) / u.usual
    from mine left join (select unnest($steps) as step, unnest($usual) as usual) u using (step)
    where kind = $kind and met is null and abandoned is null and stuck_at <= $now and $step in (step, '')
    order by 2 desc, 3 desc nulls last, stuck_at, need limit $limit offset $offset"""
CAUSES = """
    select c.cause, coalesce(g.label, c.origin_name, '') as origin, count(*), count(distinct c.customer), sum(c.cost),
      any_value(c.owner), count(*) filter (c.repeat_of is not null)
    from contacts c join mine n using (need) left join catalogue g on g.name = c.origin_name
    where n.kind = $kind and c.day between $start and $end
    group by 1, 2 order by 3 desc, 1, 2 limit $limit"""
WORDS = """
    , said as (
      select c.id, c.cause, trim(coalesce({texts})) as text
      from contacts c join mine n using (need) join touchpoints t on t.id = c.id
      where n.kind = $kind and c.day between $start and $end)
    select regexp_replace(lower(left(text, 200)), '[0-9]+', '0', 'g') as alike, any_value(left(text, 200)), count(*),
      any_value(cause), max(id)
    from said where text <> '' group by 1 order by 3 desc, 1 limit 6"""


class Line(NamedTuple):
    """A kind on the board: needs opened in the period, open and stuck now."""

    kind: str
    title: str
    off: bool
    opened: int
    open: int
    stuck: int


class Stop(NamedTuple):
    """A step of the path: who is in it now, how many of them are stuck, how many of these may still be met in time and
    without a contact, how long it takes."""

    step: str
    title: str
    target: float | None
    open: int
    stuck: int
    in_time: int
    wait: Wait
    help: Sequence[Any]

    @property
    def usual(self) -> float | None:
        """What is usual, in seconds: half take no longer; else what it should take."""
        return self.wait.half or self.target


class Held(NamedTuple):
    """A need that is stuck: whether it may still be met in time and without a contact, and how often the usual time it
    has stood (None where nothing is usual)."""

    need: int
    in_time: bool
    times: float | None


class Came(NamedTuple):
    """Contacts of one cause and origin."""

    cause: str
    origin: str
    n: int
    customers: int
    cost: float
    owner: str
    again: int


class Said(NamedTuple):
    """What several customers said in much the same words; `contact` is the latest of them."""

    text: str
    n: int
    cause: str
    contact: int


@dataclass(frozen=True)
class Asked:
    """One question to the facts: the filter, the moment that counts as now, perhaps a kind."""

    reader: Any
    chosen: Filter
    now: datetime
    kind: str = ""

    def rows(self, sql: str, **more: Any) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self._run(sql, more).fetchall()
        return found

    def arrays(self, sql: str) -> dict[str, Any]:
        found: dict[str, Any] = self._run(sql, {}).fetchnumpy()
        return found

    def _run(self, sql: str, more: dict[str, Any]) -> Any:
        segment = self.chosen.segment
        mine = "from needs"
        own: dict[str, Any] = {}
        if segment is not None:
            inside, own = segments.of_needs(segment)
            mine = f"from needs where {inside}"
        known = {"start": self.chosen.start, "end": self.chosen.end, "now": self.now, "kind": self.kind, **own, **more}
        statement = f"with mine as ({mine}) {sql}"
        used = {name: value for name, value in known.items() if f"${name}" in statement}
        return self.reader.db.execute(statement, used)


def ask(reader: Any, chosen: Filter, kind: str = "") -> Asked:
    """The moment is the present, or the end of the data where it ended before."""
    (now,) = reader.db.execute("select moment from known_until").fetchone()
    return Asked(reader, chosen, now, kind)


def board(asked: Asked) -> list[Line]:
    """Every kind, those with needs first; unknown needs last."""
    counts = {kind: tuple(rest) for kind, *rest in asked.rows(BOARD)}
    lines = [Line(kind.slug, kind.title, kind.off, *counts.get(kind.slug, (0, 0, 0))) for kind in in_force()]
    return sorted(lines, key=lambda one: (one.kind == UNKNOWN, one.off, not (one.opened or one.open), -one.opened))


def path(asked: Asked, definition: Definition) -> list[Stop]:
    """The steps in order, with who is where and how long each takes."""
    here = {step: counts for step, *counts in asked.rows(HERE)}
    stays = asked.arrays(STAYS)
    steps = np.asarray(stays["step"], dtype=object)
    seconds, done = (np.asarray(stays[name]) for name in ("seconds", "done"))
    stops = []
    for step in steps_of(definition):
        own = steps == step.step
        took = wait(seconds[own].astype(float), done[own].astype(bool))
        n, stuck, in_time = here.get(step.step, (0, 0, 0))
        title = definition.desired or step.title if step.step == OUTCOME else step.title
        stops.append(Stop(step.step, title, step.target, n, stuck, in_time, took, step.help))
    return stops


def ends(asked: Asked) -> dict[str, int]:
    """What became of the needs opened in the period: met by how, abandoned, open."""
    return dict(asked.rows(ENDS))


def stuck(asked: Asked, stops: Sequence[Stop], step: str, offset: int, limit: int) -> list[Held]:
    """Those who are stuck, in one step or in all: first those that may still be met in time and without a contact, then
    the others; each the longest beyond the usual first."""
    usual = {"steps": [stop.step for stop in stops], "usual": [stop.usual for stop in stops]}
    return [Held(*row) for row in asked.rows(STUCK, **usual, step=step, offset=offset, limit=limit)]


def causes(asked: Asked) -> list[Came]:
    """Why they came to us in the period, by cause and by what it came from."""
    return [Came(*row) for row in asked.rows(CAUSES, limit=MOST)]


def weeks(asked: Asked) -> list[Point]:
    """The share met beforehand of those opened in each week, back to half a year: of young weeks as weeks before them
    came out. A week with too few needs has no number."""
    chosen = asked.chosen
    start = max(min(chosen.start, chosen.end - BACK), min(chosen.first, chosen.start))
    query = Query(MEASURE, start, chosen.end, chosen.segment, trend="week")
    points = trend_of_kind(query, asked.kind, asked.reader)
    return [one if one.n >= FEWEST else replace(one, value=None, low=None, high=None) for one in points]


def words(asked: Asked) -> list[Said]:
    """What they said most, numbers aside."""
    texts = ", ".join(f"json_extract_string(t.properties, '$.{name}')" for name in TEXTS)
    sql = WORDS.format(texts=texts)
    return [Said(text, n, cause, contact) for _alike, text, n, cause, contact in asked.rows(sql)]


def definition_of(slug: str) -> tuple[Definition, bool] | None:
    """The newest definition of a kind, and whether it is off; None where there is no such kind."""
    found = next((kind for kind in in_force() if kind.slug == slug), None)
    return (read(found.definition), found.off) if found else None
