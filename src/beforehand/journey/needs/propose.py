"""Likely kinds of need in raw touchpoints: frequent starts and ends, the waits and contacts between."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from django.utils.translation import gettext as _

from beforehand.journey import lake
from beforehand.journey.guess import readable
from beforehand.journey.lake.engine import quoted
from beforehand.journey.needs.chains import Chain, Rows, courses, following, funnels, previous, waits
from beforehand.journey.needs.definition import Definition, Evidence, Step
from beforehand.journey.needs.durations import duration_text
from beforehand.journey.needs.keeping import ready_made
from beforehand.journey.needs.reading import write_yaml

SAMPLE = 400_000  # touchpoints
MOST_NAMES = 80
MOST_STEPS = 6
ENOUGH = 20
VISIT = 86_400.0
WEEK = 7 * VISIT
LONG = 120 * 86_400.0
NICE = [3_600.0, *(86_400.0 * days for days in (1, 3, 7, 14, 30, 60, 90))]
NO_STEP = ("contact", "failure", "outreach", "feedback", "service")

SAMPLED = """
    CREATE OR REPLACE TEMP TABLE sampled AS
    SELECT t.id, t.customer, t.time, t.name, t.properties, coalesce(c.kind, 'value') AS kind
    FROM touchpoints t LEFT JOIN catalogue c ON c.name = t.name
    WHERE hash(t.customer) % {every} = 0"""
KEYS = """
    WITH told AS (
        SELECT customer, name, key, json_extract_string(properties, '$."' || replace(key, '"', '') || '"') AS value
        FROM (SELECT customer, name, properties, unnest(json_keys(properties)) AS key FROM sampled
              WHERE properties <> '{}' AND kind NOT IN ('contact', 'feedback'))),
    valued AS (
        SELECT key, customer, value, count(DISTINCT name) AS names, count(*) AS rows
        FROM told WHERE value IS NOT NULL AND length(value) BETWEEN 1 AND 100 GROUP BY ALL)
    SELECT key FROM valued GROUP BY key
    HAVING count(*) >= 20 AND avg(CAST(names >= 2 AS INT)) >= 0.5 AND avg(rows) <= 20
        AND count(DISTINCT value) >= 0.9 * count(*)
    ORDER BY avg(names) DESC, count(*) DESC"""


class Proposal(NamedTuple):
    """A kind to look at, and what speaks for it."""

    definition: Definition
    chain: Chain
    opened: int
    met: float
    median: float
    contacts: float

    def comment(self) -> str:
        """What was seen, as lines of YAML's comments."""
        words = _("seen %(opened)s times, met %(met)s %%, typically after %(median)s, %(contacts)s contacts each")
        facts = {
            "opened": f"{self.opened:,}",
            "met": f"{100 * self.met:.0f}",
            "median": duration_text(_rounded(self.median)),
            "contacts": f"{self.contacts:.2f}",
        }
        return f"# {words % facts}\n"


class Seen(NamedTuple):
    """A sample of whole customers: names by number with their kinds, and rows by customer and by key."""

    names: list[str]
    kinds: list[str]
    rows: Rows
    keyed: dict[str, Rows]

    def ends(self) -> list[int]:
        """What may open, be a step of or meet a need: not what is said, sent or goes wrong."""
        return [place for place, kind in enumerate(self.kinds) if kind not in NO_STEP]


def propose() -> list[Proposal]:
    """Likely kinds, the most worth looking at first: those with many customers, long waits and contacts."""
    with lake.reader() as reader:
        seen = _seen(reader)
    found: dict[int, Proposal] = {}
    for key, rows in seen.keyed.items():
        for chain in courses(rows, len(seen.names), seen.ends(), ENOUGH):
            found.setdefault(chain.meets, _proposal(seen, rows, chain, key, LONG))
    followed = {step for one in found.values() for step in one.chain.steps} | found.keys()
    others = [place for place in seen.ends() if place not in followed]
    for chain in funnels(seen.rows, len(seen.names), others, VISIT, ENOUGH):
        found.setdefault(chain.meets, _proposal(seen, seen.rows, chain, "", WEEK))
    return sorted(_named(list(found.values())), key=_worth, reverse=True)


def as_yaml(proposals: Sequence[Proposal]) -> str:
    """A file to edit and to load."""
    return "---\n".join(one.comment() + write_yaml([one.definition]) for one in proposals)


def _worth(one: Proposal) -> float:
    return one.opened * (1 + 10 * one.contacts) * (1 + np.log1p(one.median / 3_600))


def _seen(reader: lake.Reader) -> Seen:
    db = reader.db
    (count,) = db.execute("SELECT count(*) FROM touchpoints").fetchone() or (0,)
    db.execute(SAMPLED.format(every=max(1, count // SAMPLE)))
    listed = db.execute(
        f"SELECT name, kind FROM sampled GROUP BY ALL ORDER BY count(*) DESC, name LIMIT {MOST_NAMES}"
    ).fetchall()
    names = [name for name, _kind in listed]
    keys = [key for (key,) in db.execute(KEYS).fetchall()]
    keyed = {key: _rows(reader, names, key) for key in keys[:5]}
    return Seen(names, [kind for _name, kind in listed], _rows(reader, names), keyed)


def _rows(reader: lake.Reader, names: list[str], key: str = "") -> Rows:
    """The sample by customer, or by customer and the value of a property."""
    value = f"json_extract_string(properties, {quoted('$.' + chr(34) + key.replace(chr(34), '') + chr(34))})"
    group, which = ("customer", "true") if not key else (f"hash(customer, {value})", f"{value} IS NOT NULL")
    sql = f"""
        SELECT dense_rank() OVER (ORDER BY {group}) AS part, list_position($names, name) - 1 AS place,
            epoch_us(time) / 1e6 AS seconds
        FROM sampled WHERE list_contains($names, name) AND {which} ORDER BY part, time, id"""
    part, place, seconds = reader.db.execute(sql, {"names": names}).fetchnumpy().values()
    return Rows(*(np.asarray(one, kind) for one, kind in ((part, np.int64), (place, np.int64), (seconds, float))))


def _proposal(seen: Seen, rows: Rows, chain: Chain, key: str, within: float) -> Proposal:
    seconds, opened = waits(rows, chain, within)
    between = {kind: _between(seen, chain, kind, within) for kind in ("contact", "failure")}
    trouble = [seen.names[one] for one, share in between["failure"].items() if share >= 0.005]
    name = seen.names
    steps = [*chain.steps[-MOST_STEPS + 1 :], chain.meets]
    late, usual = (float(np.quantile(seconds, share)) if len(seconds) else within for share in (0.95, 0.8))
    definition = Definition(
        kind=slug_of(name[chain.meets]),
        title=readable(name[chain.meets]),
        key=key,
        opens=(Evidence(name[chain.opens]),),
        meets=(Evidence(name[chain.meets]),),
        steps=tuple(_steps([name[one] for one in steps])),
        trouble=tuple(Evidence(one) for one in trouble),
        horizon=_nice(late),
        target=_nice(usual),
    )
    median = float(np.median(seconds)) if len(seconds) else 0.0
    return Proposal(definition, chain, opened, len(seconds) / max(1, opened), median, sum(between["contact"].values()))


def _steps(names: list[str]) -> Iterator[Step]:
    before: tuple[str, ...] = ()
    for name in names:
        slug = slug_of(name)
        yield Step(slug, readable(name), (Evidence(name),), None, before)
        before = (slug,)


def _between(seen: Seen, chain: Chain, kind: str, within: float) -> dict[int, float]:
    """Touchpoints of a kind that follow an opening before its end and within the time: how many an opening."""
    rows = seen.rows
    opened, closed = previous(rows, chain.opens), previous(rows, chain.meets)
    inside = (opened >= 0) & (closed < opened) & (rows.time - rows.time[opened] <= within)
    openings = max(1, int((following(rows, chain.opens) == np.arange(len(rows.name))).sum()))
    places = [place for place, one in enumerate(seen.kinds) if one == kind]
    return {place: float((inside & (rows.name == place)).sum()) / openings for place in places}


def _named(proposals: list[Proposal]) -> list[Proposal]:
    """Give each the name of the ready-made kind that its words are most like, if there is one."""
    ready = [(one, _words(one.title, *(each.name for each in one.meets))) for one in ready_made() if one.opens]
    taken: set[str] = set()
    named = []
    for proposal in sorted(proposals, key=_worth, reverse=True):
        definition = proposal.definition
        ends = _words(definition.meets[0].name)
        likes = [(len(ends & words) / len(ends), one) for one, words in ready if ends and ends & words]
        alike, like = max(likes, key=lambda pair: pair[0], default=(0.0, None))
        if like is not None and alike >= 0.5 and like.kind not in taken:
            taken.add(like.kind)
            facts = {
                field: getattr(like, field) for field in ("kind", "title", "current", "desired", "topics", "owner")
            }
            proposal = proposal._replace(definition=Definition(**{**vars(definition), **facts}))
        named.append(proposal)
    return named


def _words(*texts: str) -> set[str]:
    small = {"my", "the", "it", "a", "an", "to", "or", "get", "in", "of"}
    return {word.rstrip("sed") for text in texts for word in re.findall(r"[a-z]{3,}", text.lower())} - small


def slug_of(name: str) -> str:
    """A name as steps and kinds have it: small letters, digits, hyphens."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60].strip("-")
    return slug or "step"


def _nice(seconds: float) -> float:
    return next((one for one in NICE if one >= seconds), NICE[-1])


def _rounded(seconds: float) -> float:
    unit = next(one for one in (86_400, 3_600, 60, 1) if seconds >= one or one == 1)
    return round(seconds / unit) * unit
