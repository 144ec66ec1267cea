"""The causes of contacts as pages show them: in words, with their trend and the rows behind them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from beforehand.customers.models import Customer
from beforehand.insight import hits
from beforehand.insight.causes import words
from beforehand.insight.causes.clocks import BROKEN, LATE
from beforehand.insight.causes.found import Cause, Findings
from beforehand.insight.causes.landmarks import WINDOW
from beforehand.insight.causes.storing import METHOD, Victim, latest, newest
from beforehand.insight.charts.spark import spark
from beforehand.insight.filters import Filter
from beforehand.insight.hits import Hits
from beforehand.insight.models import CauseSearch, ContactCause
from beforehand.insight.result import Point
from beforehand.journey.needs.keeping import step_titles
from beforehand.lib import format as plain
from beforehand.team.models import Workspace

FEWEST = 30
"""Fewer struck than that and a cause is shown in grey."""
LEAST = 0.001
DAY = timedelta(days=1)
WEEK = timedelta(days=7)

CONTACTS = """
    select c.id, c.customer, c.time, c.cause, c.channel, min(v.time) as struck
    from contacts c join (select unnest($customers) as customer, unnest($times) as time) v
      on v.customer = c.customer and c.time >= v.time and c.time < v.time + to_days($days)
    group by 1, 2, 3, 4, 5 order by c.time desc, c.id desc limit $limit offset $offset"""


@dataclass(frozen=True)
class Blamed:
    """A cause in words. `share` is of all contacts; `rates` are contacts for each 1,000 orders, customers and needs."""

    pk: int
    found: Cause
    title: str
    when: str
    sentence: str
    share: float
    rates: dict[str, float | None]
    mediators: list[tuple[str, int]]
    early: str
    cost: str
    spark: str = ""
    hits: Hits | None = None

    def concerns(self, start: date, end: date) -> bool:
        """Whether its days and these have a day in common; what has no days is always there."""
        first, last = (date.fromisoformat(day) if day else None for day in (self.found.start, self.found.end))
        return (first is None or first <= end) and (last is None or last >= start)

    @property
    def chance(self) -> str:
        """Of being blamed wrongly."""
        return plain.number(self.found.q, 3) if self.found.q >= LEAST else f"< {plain.number(LEAST, 3)}"

    @property
    def few(self) -> bool:
        return self.found.victims < FEWEST

    @property
    def wrote(self) -> int:
        """How many of those whom it struck did write."""
        return self.found.customers - self.found.silent


class Struck(NamedTuple):
    """One time that a cause struck somebody."""

    customer: int
    who: str
    time: datetime
    contacts: int


class After(NamedTuple):
    """A contact in the days after."""

    contact: int
    customer: int
    who: str
    time: datetime
    cause: str
    channel: str
    days: float


@dataclass(frozen=True)
class Board:
    """The latest search: those that are blamed, in the days that are asked for and in others, those that were judged
    and are not, and what it all stands against."""

    search: CauseSearch
    findings: Findings
    blamed: list[Blamed]
    others: list[Blamed]
    cleared: list[Blamed]

    @property
    def most(self) -> float:
        """The end of the scale of the whiskers."""
        return max((one.found.high for one in [*self.blamed, *self.others]), default=1.0) or 1.0


def board(labels: Mapping[str, str], reader: Any, chosen: Filter) -> Board | None:
    """None before the first search by the method of today has finished. Of a segment: those that struck anybody of it,
    those that struck most of it first."""
    search = newest()
    findings = latest() if search is not None and search.method == METHOD else None
    if search is None or findings is None:
        return None
    rows = list(search.causes.all())
    currency = Workspace.own().currency
    shown = [told(row, findings, labels, currency) for row in rows]
    if chosen.segment:
        struck = hits.of_segment(reader, chosen.segment, rows)
        shown = [replace(one, hits=struck[one.pk]) for one in shown if struck[one.pk].customers]
        shown.sort(key=lambda one: -struck[one.pk].customers)
    blamed = [one for one in shown if one.found.found]
    return Board(
        search,
        findings,
        [one for one in blamed if one.concerns(chosen.start, chosen.end)],
        [one for one in blamed if not one.concerns(chosen.start, chosen.end)],
        [one for one in shown if not one.found.found],
    )


def told(row: ContactCause, findings: Findings, labels: Mapping[str, str], currency: str) -> Blamed:
    """One cause of a search in words."""
    cause = Cause.from_dict(row.payload)
    steps = step_titles() if any(key.startswith(LATE) for key, _times in cause.mediators) else {}
    return Blamed(
        row.pk,
        cause,
        words.title(cause, labels),
        words.when(cause),
        words.sentence(cause, labels, currency),
        cause.value / findings.contacts if findings.contacts else 0.0,
        findings.per_thousand(cause),
        [(mediator(key, labels, steps), times) for key, times in cause.mediators],
        words.early(cause) if words.is_early(cause) else "",
        words.cost(cause, currency),
        spark(weeks(row.victims)),
    )


def mediator(key: str, labels: Mapping[str, str], steps: Mapping[tuple[str, str], str]) -> str:
    """What lies downstream of a cause, in words: it is named by its key."""
    if key.startswith(LATE):
        kind, _colon, step = key.removeprefix(LATE).partition(": ")
        return _("Too slow: %(step)s") % {"step": steps.get((kind, step), step)}
    if key.startswith(BROKEN):
        name = key.removeprefix(BROKEN)
        return _("Promise broken: %(promise)s") % {"promise": labels.get(name, name)}
    return labels.get(key, key)


def findings_of(row: ContactCause) -> Findings:
    """What the search that judged this cause held it against."""
    return Findings(causes=(), **row.search.payload)


def weeks(victims: Iterable[Sequence[Any]]) -> list[Point]:
    """How often it struck, by week, over the latest times that are kept."""
    counts = Counter(_monday(datetime.fromisoformat(time).date()) for _id, _customer, time, _contacts in victims)
    if not counts:
        return []
    first, last = min(counts), max(counts)
    days = [first + n * WEEK for n in range((last - first) // WEEK + 1)]
    return [Point(day, float(counts[day]), None, None, counts[day], False) for day in days]


def struck(row: ContactCause, show: str, offset: int, limit: int) -> list[Struck]:
    """Whom it struck, the latest first: all, those who wrote, or those who did not."""
    kept = [Victim(*one) for one in row.victims]
    if show in {"silent", "wrote"}:
        kept = [one for one in kept if bool(one.contacts) == (show == "wrote")]
    part = kept[offset : offset + limit]
    names = Customer.objects.in_bulk({one.customer for one in part})
    return [
        Struck(one.customer, str(names.get(one.customer, "")), datetime.fromisoformat(one.time), one.contacts)
        for one in part
    ]


def contacts_after(reader: Any, row: ContactCause, offset: int, limit: int) -> list[After]:
    """The contacts in the days after it struck, the latest first. Some of them would have come anyway."""
    kept = [Victim(*one) for one in row.victims]
    found = reader.db.execute(
        CONTACTS,
        {
            "customers": [one.customer for one in kept],
            "times": [datetime.fromisoformat(one.time).replace(tzinfo=None) for one in kept],
            "days": WINDOW,
            "limit": limit,
            "offset": offset,
        },
    ).fetchall()
    names = Customer.objects.in_bulk({customer for _id, customer, *_rest in found})
    return [
        After(
            id, customer, str(names.get(customer, "")), _utc(time), cause, channel, (time - began) / timedelta(days=1)
        )
        for id, customer, time, cause, channel, began in found
    ]


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
