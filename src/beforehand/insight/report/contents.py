"""Everything that a report says, asked once from one snapshot."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from beforehand.insight.breaks.found import Found
from beforehand.insight.breaks.knowing import known_of
from beforehand.insight.breaks.storing import latest, run_scan
from beforehand.insight.breaks.words import said
from beforehand.insight.causes.breaks import excess_contacts
from beforehand.insight.models import KnownBreak
from beforehand.insight.query import Query
from beforehand.insight.result import Result
from beforehand.insight.run import run
from beforehand.insight.segments import Segment
from beforehand.insight.shown import latest_scan

LONG = 120
"""Days from which customers who come back are counted by month, and trends go by week."""
SCORES = ("nps", "csat", "ces")
SERVICE = ("customer-wait", "first-response", "next-response", "time-to-resolution", "targets-met", "reopened")
"""Measures of a room above, where there is one and it has anything to count."""


@dataclass(frozen=True)
class Report:
    """A period's answers by slug; `parts` are further splits by name; `breaks` the worst first."""

    start: date
    end: date
    segment: Segment | None
    generated: datetime
    through: int
    results: dict[str, Result]
    parts: dict[str, Result]
    breaks: list[Found]

    @property
    def retention(self) -> Result:
        return self.results["retention-monthly" if self.long else "retention"]

    @property
    def long(self) -> bool:
        return (self.end - self.start).days > LONG

    @property
    def scores(self) -> list[Result]:
        """The scores that anybody gave."""
        return [self.results[slug] for slug in SCORES if self.results[slug].n]

    @property
    def service(self) -> list[Result]:
        """How long customers waited at the desk, where anybody did."""
        return [self.results[slug] for slug in SERVICE if slug in self.results and self.results[slug].n]


def gather(
    reader: Any, start: date, end: date, segment: Segment | None = None, tell: Callable[[str], None] = lambda step: None
) -> Report:
    """Ask every measure and look for breaks. `tell` hears what is being done, for a progress line."""
    from beforehand.insight.measures import all as all_measures

    whole = Query("touchpoints", start, end, segment)
    results = {}
    for slug, measure in all_measures().items():
        tell(str(measure.title))
        trend: Any = ("week" if (end - start).days > LONG else "day") if slug in {"touchpoints", "customers"} else None
        results[slug] = run(whole.but(measure=slug, trend=trend), reader)
    parts = {by: run(whole.but(by=by), reader) for by in ("name", "stage", "kind", "channel")}
    tell("breaks")
    found = [one for one in breaks(reader) if concerns(one, start, end, segment)]
    ranked = [replace(one, rank=rank) for rank, one in enumerate(found, 1)]
    return Report(start, end, segment, datetime.now(UTC), reader.through, results, parts, ranked)


def breaks(reader: Any) -> list[Found]:
    """Those of the latest scan when it saw all that this snapshot holds; else the snapshot is searched, and the scan
    kept: the pages then show the same, and the next report need not search. Excess contacts are among them, from their
    own search; all by how often it went wrong that would not have, those that members know last."""
    newest = latest_scan()
    found = latest() if newest and newest.through == reader.through else run_scan(reader)
    labels = dict(reader.db.execute("select name, label from catalogue").fetchall())
    dismissed = list(KnownBreak.objects.all())
    told = [*(said(one, labels) for one in found), *excess_contacts(reader)]
    return sorted(told, key=lambda one: (known_of(one, dismissed) is not None, -one.excess))


def concerns(found: Found, start: date, end: date, segment: Segment | None) -> bool:
    """Whether a break has a day within the period, and is of everybody or of the segment asked for."""
    first, last = (date.fromisoformat(day) if day else None for day in (found.start, found.end))
    if segment and found.segment not in {"", f"{segment.key}={segment.value}"}:
        return False
    return (first is None or first <= end) and (last is None or last >= start)
