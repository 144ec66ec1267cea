"""Where a trouble comes more often than elsewhere: one courier, one release, some weeks.

Of all who could be struck (each stay in a state in which the trouble strikes, each promise) some were. The share is
looked at for every value of every property of the touchpoint that led there, over spans of days; the strongest
combination by the likelihood ratio (the scan statistic: M. Kulldorff 1997) is an *incident*, if it is strong. Of those
struck inside, only the part beyond the share outside belongs to the incident; the rest would have been struck anyway.
"""

from datetime import date, timedelta
from typing import Any, NamedTuple

import msgspec
import numpy as np

from beforehand.insight.causes.clocks import text
from beforehand.insight.causes.timeline import Span
from beforehand.insight.causes.troubles import Candidate
from beforehand.insight.segments import column

MOST = 100_000
EDGES = 48
STRONG = 18.0
"""The logarithm of the likelihood ratio from which on it is no chance, after all values and spans were tried."""
TIMES = 2.0
STRUCK = 15
INCIDENTS = 3
NEAR = 0.02
VALUES = (2, 20)
COVERED = 0.5
CHANGES = 0.5
NEARBY = 0.02
"""States in which a smaller part of the victims was struck are left out."""


class Incident(NamedTuple):
    """`where`: properties with their values; `start` and `end` days, both included, None where it has no end.

    `extra` is the share of its victims beyond those who would have been struck anyway; `usual` the share struck
    outside, of `chances` outside.
    """

    cause: int
    where: tuple[tuple[str, str], ...]
    start: int | None
    end: int | None
    units: frozenset[int]
    extra: float
    share: float
    usual: float
    chances: int

    def holds(self, t: np.ndarray) -> np.ndarray:
        """Whether moments lie in its days."""
        start, end = (-np.inf if self.start is None else self.start), (np.inf if self.end is None else self.end + 1)
        return (t >= start) & (t < end)

    def days(self, first: date) -> tuple[str | None, str | None]:
        """First and last day as ISO dates."""
        start, end = (
            None if day is None else (first + timedelta(days=day)).isoformat() for day in (self.start, self.end)
        )
        return start, end


class Chances(NamedTuple):
    """All who could be struck: the touchpoint that led there, its day, whether they were, the values of properties."""

    unit: np.ndarray
    day: np.ndarray
    struck: np.ndarray
    values: dict[tuple[str, str], np.ndarray]

    def take(self, rows: np.ndarray) -> "Chances":
        values = {key: mask[rows] for key, mask in self.values.items()}
        return Chances(self.unit[rows], self.day[rows], self.struck[rows], values)


def incidents(db: Any, when: Span, cause: int, candidate: Candidate) -> list[Incident]:
    """The incidents of one trouble, the strongest first."""
    found: list[Incident] = []
    chances = _chances(db, cause, candidate)
    while len(found) < INCIDENTS and chances is not None and chances.struck.sum() >= STRUCK:
        best = _strongest(chances)
        if best is None:
            break
        inside, where = best
        outside = ~inside
        share, usual = (
            float(chances.struck[inside].mean()),
            float(chances.struck[outside].mean()) if outside.any() else 0.0,
        )
        begins, ends = _ends(chances, inside)
        found.append(
            Incident(
                cause, where, begins, ends,
                frozenset(chances.unit[inside & chances.struck].tolist()), max(0.0, 1 - usual / share), share, usual,
                int(outside.sum()),
            )
        )  # fmt: skip
        chances = chances.take(np.flatnonzero(outside))
    return found


def _ends(of: Chances, inside: np.ndarray) -> tuple[int | None, int | None]:
    """The days of the first and the last who was struck inside; None where that is about where the data ends."""
    days, first, last = of.day[inside & of.struck], int(of.day.min()), int(of.day.max())
    near = max(1, round(NEAR * (last - first)))
    begins, ends = int(days.min()), int(days.max())
    return (None if begins <= first + near else begins), (None if ends >= last - near else ends)


def _chances(db: Any, cause: int, candidate: Candidate) -> Chances | None:
    if candidate.sort == "trouble":
        source = f"""
            with near as (select state from cause_struck where cause = {cause} group by state
              having count(*) >= {NEARBY} * (select count(*) from cause_struck where cause = {cause}))
            select s.unit, s.kind || s.key || s.customer as thread, floor(s.entered)::int as day,
              u.unit is not null as struck
            from cause_states s semi join near using (state)
            left join (select distinct unit from cause_struck where cause = {cause}) u using (unit)"""
    else:
        source = f"""select id as unit, id::varchar as thread, floor(t)::int as day, not kept as struck
            from cause_moments where cause = {text(candidate.key)}"""
    total = db.execute(f"select count(*) from ({source})").fetchone()[0]
    if not total:
        return None
    share = min(1.0, MOST / total)
    db.execute(
        f"""create or replace temp table cause_chances as
            select o.unit, o.thread, o.day, o.struck, t.channel, t.properties
            from ({source}) o left join cause_log t on t.id = o.unit
            where hash(o.unit) % 1000003 < {round(share * 1000003)}"""
    )
    keys = [key for key in _keys(db) if candidate.sort != "trouble" or _stays(db, key)]
    columns = ", ".join(f"{column(key)} as v{n}" for n, key in enumerate(keys))
    table = db.execute(f"select unit, day, struck, {columns} from cause_chances order by unit").fetchnumpy()
    values = {}
    for n, key in enumerate(keys):
        found = np.ma.filled(np.ma.asarray(table[f"v{n}"]), "").astype(str)
        known, place = np.unique(found, return_inverse=True)
        if VALUES[0] <= len(known) - ("" in known) <= VALUES[1]:
            values.update({(key, str(value)): place == at for at, value in enumerate(known) if value})
    return Chances(np.asarray(table["unit"]), np.asarray(table["day"]), np.asarray(table["struck"], dtype=bool), values)


def _stays(db: Any, key: str) -> bool:
    """Whether a thread keeps the value: what changes on the way (the step that was done) is not what sets it apart."""
    changed, many = db.execute(
        f"""select count(*) filter (values > 1), count(*) from (
              select count(distinct {column(key)}) as values from cause_chances
              where {column(key)} is not null group by thread having count({column(key)}) > 1)"""
    ).fetchone()
    return bool(changed <= CHANGES * many)


def _keys(db: Any) -> list[str]:
    """Properties with few values that most rows carry, from a few thousand rows; and the channel."""
    told: dict[str, list[str]] = {}
    rows = db.execute("select properties from cause_chances where properties is not null limit 3000").fetchall()
    decode = msgspec.json.Decoder().decode
    for (written,) in rows:
        try:
            properties = decode(written)
        except msgspec.DecodeError:
            continue
        for key, value in properties.items() if isinstance(properties, dict) else ():
            if isinstance(value, str | bool) and len(str(value)) <= 80 and '"' not in key:
                told.setdefault(key, []).append(str(value))
    few = [key for key, values in told.items() if len(values) >= COVERED * len(rows) and len(set(values)) <= VALUES[1]]
    return ["channel", *sorted(few)]


def likelihood(k: np.ndarray, n: np.ndarray, total_k: float, total_n: float) -> np.ndarray:
    """The logarithm of the likelihood ratio of a higher share inside; 0 where it is not higher."""

    def part(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(a > 0, a * np.log(np.where(b > 0, a / np.maximum(b, 1e-300), 1.0)), 0.0)

    k, n = np.asarray(k, float), np.asarray(n, float)
    rest_k, rest_n = total_k - k, total_n - n
    inside = part(k, n) + part(n - k, n) + part(rest_k, rest_n) + part(rest_n - rest_k, rest_n)
    whole = part(np.array(total_k), np.array(total_n)) + part(np.array(total_n - total_k), np.array(total_n))
    higher = k * rest_n > rest_k * n
    return np.where(higher & (n > 0), inside - whole, 0.0)


def _strongest(of: Chances) -> tuple[np.ndarray, tuple[tuple[str, str], ...]] | None:
    total_k, total_n = float(of.struck.sum()), float(len(of.struck))
    edges = np.unique(np.quantile(of.day, np.linspace(0, 1, EDGES + 1)).astype(int))
    edges = np.append(edges, edges[-1] + 1)
    best, chosen = 0.0, None
    for where in [(), *((key,) for key in of.values)]:
        mask = of.values[where[0]] if where else np.ones(len(of.day), bool)
        value, span = _window(of, mask, edges, total_k, total_n)
        if value > best + (3.0 if where == () else 0.0):
            best, chosen = value, (where, span)
    if chosen is None or best < STRONG:
        return None
    where, span = chosen
    where, span, best = _narrowed(of, where, span, best, total_k, total_n)
    inside = _inside(of, where, span)
    usual = (total_k - of.struck[inside].sum()) / max(total_n - inside.sum(), 1)
    if inside.all() or of.struck[inside].sum() < STRUCK or of.struck[inside].mean() < TIMES * usual:
        return None
    return inside, where


def _window(
    of: Chances, mask: np.ndarray, edges: np.ndarray, total_k: float, total_n: float
) -> tuple[float, tuple[int, int]]:
    """The strongest span of days [start, end] between the edges, both included."""
    at = np.searchsorted(edges, of.day[mask], side="right") - 1
    n = np.concatenate([[0], np.cumsum(np.bincount(at, minlength=len(edges)))])
    k = np.concatenate([[0], np.cumsum(np.bincount(at, of.struck[mask], minlength=len(edges)))])
    value = np.triu(likelihood(k[None, :] - k[:, None], n[None, :] - n[:, None], total_k, total_n), 1)
    start, end = np.unravel_index(int(value.argmax()), value.shape)
    last = int(edges[end] - 1) if end < len(edges) else int(edges[-1])
    return float(value[start, end]), (int(edges[start]), last)


def _inside(of: Chances, where: tuple[tuple[str, str], ...], span: tuple[int, int]) -> np.ndarray:
    inside = (of.day >= span[0]) & (of.day <= span[1])
    for key in where:
        inside = inside & of.values[key]
    return inside


def _narrowed(
    of: Chances, where: tuple[tuple[str, str], ...], span: tuple[int, int], best: float, total_k: float, total_n: float
) -> tuple[tuple[tuple[str, str], ...], tuple[int, int], float]:
    """A second and third property where they make it stronger, and the days to the day."""
    for _more in range(2):
        options = []
        for key in of.values:
            if all(key[0] != known for known, _value in where):
                inside = _inside(of, (*where, key), span)
                value = likelihood(of.struck[inside].sum(), inside.sum(), total_k, total_n)
                options.append((float(value), key))
        if not options or max(options)[0] < best + 4.0:
            break
        best, key = max(options)
        where = (*where, key)
    mask = _inside(of, where, (-(10**6), 10**6))
    edges = np.unique(of.day)
    if len(edges) <= 800:
        edges = np.append(edges, edges[-1] + 1)
        best, span = _window(of, mask, edges, total_k, total_n)
    return where, span, best
