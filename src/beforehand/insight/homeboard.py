"""What the home board says of needs: the one number, how needs ended, what holds it down, who is stuck, the bite."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from beforehand.insight import hits, measures, reading
from beforehand.insight.answer import WORDS
from beforehand.insight.causes import storing, words
from beforehand.insight.causes.found import Cause
from beforehand.insight.charts.doughnut import Circle, bite
from beforehand.insight.comparison import Change
from beforehand.insight.filters import Filter
from beforehand.insight.hits import Hits
from beforehand.insight.measure import Measure
from beforehand.insight.models import CauseSearch, ContactCause
from beforehand.insight.outcomes import FAILED
from beforehand.insight.query import Query
from beforehand.insight.result import Group, Result
from beforehand.insight.run import run
from beforehand.team.models import Workspace

ONE = "needs-beforehand"
WAYS = ("by_itself", "self_service", "guided", "proactive", "human", "contacted", "late", "abandoned")
LISTED = 5
SMALLEST = 0.0005
FEW_STUCK = 10
HALF_YEAR = timedelta(days=181)


@dataclass(frozen=True)
class Way:
    """How a part of the needs ended. `x` and `width` are its place in a bar of 1,000, `tone` its colour."""

    label: str
    share: float
    low: float | None
    high: float | None
    beforehand: bool
    x: float
    width: float
    tone: str


@dataclass(frozen=True)
class Held:
    """A cause that holds the number down."""

    pk: int
    found: Cause
    title: str
    when: str
    cost: str
    hits: Hits | None = None


@dataclass(frozen=True)
class Causes:
    """The latest search for causes, or that there has been none (`search` is None)."""

    search: CauseSearch | None
    shown: list[Held]
    more: int
    contacts: int = 0

    @property
    def most(self) -> float:
        """The end of the scale of the whiskers."""
        return max((one.found.high for one in self.shown), default=1.0) or 1.0

    @property
    def together(self) -> float:
        return sum(one.found.value for one in self.shown)


@dataclass(frozen=True)
class Stuck:
    """Needs of one kind that stand in one step: how many are stuck, how many are there, what is usual, how long they
    have stood."""

    kind: str
    label: str
    step: str
    stuck: int
    open: int
    usual: float | None
    stood: float | None

    @property
    def few(self) -> bool:
        return self.stuck < FEW_STUCK


@dataclass(frozen=True)
class Bite:
    """A share of service, drawn. Without a number nothing is bitten off."""

    result: Result
    of: str
    circles: list[Circle]


@dataclass(frozen=True)
class Needs:
    """The first part of the board."""

    measure: Measure
    now: Result
    then: Result | None
    history: Result
    change: Change | None
    ways: list[Way]
    stuck: list[Stuck]
    stuck_needs: int
    bites: list[Bite]

    @property
    def sentence(self) -> str:
        """What the number says, to be read aloud."""
        if self.now.value is None:
            return ""
        done = round(100 * self.now.value)
        return _(
            "Of 100 things that customers set out to get done, %(done)s were done in time without their having to "
            "contact us."
        ) % {"done": done}

    @property
    def excluded(self) -> int:
        return sum(self.now.extra.get("excluded", {}).values())


def needs(reader: Any, chosen: Filter) -> Needs | None:
    """None where there are no needs to speak of: no kind, or nothing that opened one."""
    if not any(reader.facts):
        return None
    measure = measures.find(ONE)
    history = reading.history(reader, chosen, measure)
    if not history.n:
        return None
    now, then = reading.answer(reader, chosen, measure), reading.before(reader, chosen, measure)
    stuck, stuck_needs = _stuck(reader, chosen)
    return Needs(
        measure, now, then, history, reading.change(now, then), ways(now), stuck, stuck_needs, _bites(reader, chosen)
    )


def ways(now: Result) -> list[Way]:
    """How needs ended, those met beforehand first; together they make the whole bar."""
    found: list[Way] = []
    x, good, bad = 0.0, 0, 0
    for way in WAYS:
        share, low, high = now.extra.get("ways", {}).get(way, (0, None, None))
        if share < SMALLEST:
            continue
        beforehand = way not in FAILED
        good, bad = good + beforehand, bad + (not beforehand)
        tone = f"p{min(good, 4)}" if beforehand else f"q{min(bad, 2)}"
        width = max(1000 * share - 2, 1.0)
        found.append(Way(str(WORDS[way]), share, low, high, beforehand, round(x, 1), round(width, 1), tone))
        x += 1000 * share
    return found


def causes(labels: Mapping[str, str], reader: Any, chosen: Filter) -> Causes:
    """The blamed causes of the latest search, the worst first; of a segment, those that struck most of it."""
    search = storing.newest()
    if search is None or search.method != storing.METHOD:
        return Causes(None, [], 0)
    currency = Workspace.own().currency
    blamed = ContactCause.objects.filter(search=search, found=True)
    shown = []
    struck = hits.of_segment(reader, chosen.segment, blamed) if chosen.segment else {}
    rows = sorted(blamed.defer("victims").order_by("rank"), key=lambda row: -struck[row.pk].customers if struck else 0)
    rows = [row for row in rows if not chosen.segment or struck[row.pk].customers]
    for row in rows[:LISTED]:
        one = Cause.from_dict(row.payload)
        told = words.title(one, labels), words.when(one), words.cost(one, currency)
        shown.append(Held(row.pk, one, *told, struck.get(row.pk)))
    return Causes(search, shown, len(rows) - len(shown), search.payload.get("contacts", 0))


def _stuck(reader: Any, chosen: Filter) -> tuple[list[Stuck], int]:
    """Where needs are stuck, and how many are in all: first where most of them end in a contact, as needs of the kind
    usually do."""
    now = reading.answer(reader, chosen, measures.find("stuck-now"))
    places = [group for group in now.groups if group.value]
    if not places:
        return [], 0
    each = reading.answer(reader, chosen, measures.find("contacts-per-need"), "need_kind")
    rate = {group.key[-1]: group.value or 0 for group in each.groups}
    places.sort(key=lambda group: ((group.value or 0) * rate.get(group.key[0], 0), group.value or 0), reverse=True)
    stood, usual = (_by_key(reader, chosen, slug) for slug in ("stuck-for", "step-time"))
    found = []
    for group in places[:LISTED]:
        title, _arrow, step = group.label.partition(" → ")
        times = (one.value if one else None for one in (usual.get(group.key), stood.get(group.key)))
        found.append(Stuck(group.key[0], title, step, round(group.value or 0), group.n, *times))
    return found, round(now.value or 0)


def _by_key(reader: Any, chosen: Filter, slug: str) -> dict[tuple[str, ...], Group]:
    return {group.key: group for group in reading.answer(reader, chosen, measures.find(slug)).groups}


def _bites(reader: Any, chosen: Filter) -> list[Bite]:
    """Service as a share of touchpoints, of waiting, and of what explains satisfaction (of half a year)."""
    start = min(chosen.start, max(chosen.end - HALF_YEAR, chosen.first))
    of = {
        "service-share": (_("of touchpoints"), chosen.start),
        "service-share-of-waiting": (_("of the time waited"), chosen.start),
        "service-share-of-satisfaction": (_("of satisfaction"), start),
    }
    found = []
    for slug, (text, first) in of.items():
        result = run(Query(slug, first, chosen.end, chosen.segment), reader)
        found.append(Bite(result, text, bite(result.value or 0.0)))
    return found
