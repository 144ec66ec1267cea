"""A life in one picture: all touchpoints of a customer, or of a company, counted by name, channel and hour."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from beforehand.journey.guess import readable
from beforehand.journey.models import CatalogueEntry, Kind, Touchpoint
from beforehand.lib.fields import from_micros

HOUR = 3_600_000_000
CELLS = f"""SELECT name, channel, time / {HOUR} AS hour, count(*), min(time), max(time)
    FROM ({{touchpoints}}) of_theirs GROUP BY 1, 2, 3 ORDER BY 3"""
FEWEST_FOR_A_RHYTHM = 6
FIRST_SHOWN = (Kind.VALUE, Kind.WAIT, Kind.FAILURE, Kind.CONTACT, Kind.SERVICE, Kind.OUTREACH, Kind.FEEDBACK)
PLURALS = {
    Kind.VALUE: _("Value"),
    Kind.WAIT: _("Waits"),
    Kind.FAILURE: _("Failures"),
    Kind.CONTACT: _("Contacts"),
    Kind.SERVICE: _("Service"),
    Kind.OUTREACH: _("Outreach"),
    Kind.FEEDBACK: _("Told us"),
}


class Meaning(NamedTuple):
    """What a name means now: `stage` is a stage's label or nothing."""

    label: str
    kind: str
    stage: str


class Cell(NamedTuple):
    """So many touchpoints of a name on a channel within one hour."""

    name: str
    channel: str
    hour: int
    n: int

    @property
    def time(self) -> datetime:
        return from_micros(self.hour * HOUR + HOUR // 2)


@dataclass
class Lifeline:
    """First and last moment, cells, and what their names mean."""

    first: datetime | None
    last: datetime | None
    cells: list[Cell]
    meanings: dict[str, Meaning] = field(default_factory=dict)

    @cached_property
    def total(self) -> int:
        return sum(cell.n for cell in self.cells)

    @cached_property
    def kinds(self) -> list[tuple[str, str, int]]:
        """(kind, its word, count) of those that there are."""
        counts: Counter[str] = Counter()
        for cell in self.cells:
            counts[self.meanings[cell.name].kind] += cell.n
        return [(kind, str(PLURALS[kind]), counts[kind]) for kind in FIRST_SHOWN if counts[kind]]

    @cached_property
    def channels(self) -> list[tuple[str, int]]:
        counts: Counter[str] = Counter()
        for cell in self.cells:
            counts[cell.channel] += cell.n
        return sorted(((channel, n) for channel, n in counts.items() if channel), key=lambda pair: (-pair[1], pair[0]))

    @cached_property
    def rhythm(self) -> timedelta | None:
        """How far their touchpoints are apart on average; nothing while there are too few to speak of a rhythm."""
        if self.first is None or self.last is None or self.total < FEWEST_FOR_A_RHYTHM:
            return None
        return (self.last - self.first) / (self.total - 1)

    def names(self, kind: str) -> list[str]:
        return [name for name, meaning in self.meanings.items() if meaning.kind == kind]


def of_customers(customers: list[int]) -> QuerySet[Touchpoint]:
    """Their touchpoints, over all identifiers, without bookkeeping."""
    return Touchpoint.objects.filter(identifier__customer__in=customers).exclude(name__startswith="$")


def of_identifiers(identifiers: Sequence[int]) -> QuerySet[Touchpoint]:
    """The same of identifiers that are known. Those of a single one come in order of time without being sorted."""
    single = len(identifiers) == 1
    theirs = Q(identifier=identifiers[0]) if single else Q(identifier__in=identifiers)
    return Touchpoint.objects.filter(theirs).exclude(name__startswith="$")


def read(touchpoints: QuerySet[Touchpoint]) -> Lifeline:
    """Counted in the database: a life may have thousands of touchpoints. Moments come in microseconds."""
    try:
        sql, params = touchpoints.order_by().values_list("name", "channel", "time").query.sql_with_params()
    except EmptyResultSet:  # of nobody
        return Lifeline(None, None, [])
    with connection.cursor() as cursor:
        cursor.execute(CELLS.format(touchpoints=sql), params)
        rows = cursor.fetchall()
    if not rows:
        return Lifeline(None, None, [])
    cells = [Cell(*row[:4]) for row in rows]
    first, last = from_micros(min(row[4] for row in rows)), from_micros(max(row[5] for row in rows))
    return Lifeline(first, last, cells, meanings({cell.name for cell in cells}))


def meanings(names: set[str]) -> dict[str, Meaning]:
    """What these names mean now; one that nobody has catalogued yet counts as value."""
    found = {name: Meaning(readable(name), Kind.VALUE, "") for name in names}
    rows = CatalogueEntry.objects.filter(name__in=names).order_by("version")
    for name, label, kind, stage in rows.values_list("name", "label", "kind", "stage__label"):
        found[name] = Meaning(label or readable(name), kind, stage or "")
    return found
