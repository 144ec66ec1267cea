"""From a scope to an answer: the sums by group and by day, through the measure's estimator."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Protocol

from django.utils.translation import gettext_lazy as _

from beforehand.insight.estimators import ESTIMATORS, Estimate, Estimator, Sums
from beforehand.insight.measure import Measure
from beforehand.insight.query import BadQuery, Query
from beforehand.insight.result import Group, Point, Result, number
from beforehand.insight.scope import NAMED
from beforehand.journey.channels import channel_word
from beforehand.journey.needs.keeping import step_titles

ORDERS = {"size": "n desc, {dims}", "key": "{dims}"}


class Source(Protocol):
    """Where sums come from: raw rows, or roll-ups and what they lack."""

    @property
    def approximate(self) -> bool:
        """Whether quantiles come from a histogram."""

    def fetch(self, dims: Sequence[str], which: str, tail: str = "") -> list[tuple[Any, ...]]:
        """The lines of one of the queries `sums`, `quantiles` and `bins`: the dims, then what it gives."""


@dataclass(frozen=True)
class Asker:
    """Asks one source for the parts of one answer."""

    query: Query
    measure: Measure
    source: Source

    @property
    def estimator(self) -> Estimator:
        return ESTIMATORS[self.measure.estimator]

    def whole(self) -> Sums:
        return next(iter(self.sums(()).values()), NO_ROWS)

    def sums(self, dims: Sequence[str], tail: str = "") -> dict[tuple[Any, ...], Sums]:
        """The sums of each group, in the order asked for."""
        width = len(dims)
        lines = self.source.fetch(dims, "sums", tail)
        found = {line[:width]: line[width : width + 14] for line in lines if line[width]}
        exact, bins = self._waits(dims) if "waits" in self.estimator.needs else ({}, {})
        return {key: _sums(line, exact.get(key, ()), bins.get(key, ([], []))) for key, line in found.items()}

    def _waits(self, dims: Sequence[str]) -> tuple[dict[Any, Any], dict[Any, Any]]:
        width = len(dims)
        exact = {line[:width]: line[width:] for line in self.source.fetch(dims, "quantiles")}
        bins = {line[:width]: line[width:] for line in self.source.fetch(dims, "bins")}
        return exact, bins

    def estimate(self, of: Sums, whole: Sums) -> Estimate:
        return self.estimator.estimate(of, whole)

    def enough(self, of: Sums) -> bool:
        """Rows and customers; where customers were not counted, at least a third of their 32 groups."""
        few = self.estimator.few
        return min(of.n, of.customers or of.n) >= few and (of.customers > 0 or of.buckets >= few // 3)


NO_ROWS = Sums(*(0,) * 14)
INTEGERS = {0, 3, 6}


def _sums(line: Sequence[Any], exact: Any, bins: Any) -> Sums:
    numbers = [round(x or 0) if i in INTEGERS else float(x or 0) for i, x in enumerate(line)]
    return Sums._make([*numbers, exact, bins])


def answer(query: Query, measure: Measure, source: Source, names: "Names", as_of: datetime, sql: str) -> Result:
    asker = Asker(query, measure, source)
    whole = asker.whole()
    found, more = groups(asker, whole, names)
    estimate = asker.estimate(whole, whole)
    value, low, high = (number(part) for part in estimate.interval)
    if measure.estimator == "mix":
        value, low, high = (found[0].value, found[0].low, found[0].high) if found else (None, None, None)
    return Result(
        slug=measure.slug, title=str(measure.title), unit=measure.unit, good=measure.good,
        definition=str(measure.definition),
        estimator=str(asker.estimator.title), value=value, low=low, high=high, n=estimate.n,
        approximate=source.approximate and measure.kind == "quantile", enough=asker.enough(whole), groups=found,
        trend=trend(asker, as_of), as_of=as_of, version=measure.version, sql=sql,
        extra=_plain(estimate) | {"groups": len(found) + more},
    )  # fmt: skip


def _plain(estimate: Estimate) -> dict[str, Any]:
    return {name: number(value) for name, value in estimate.extra.items()}


def dims_of(query: Query, measure: Measure) -> tuple[str, ...]:
    """What an answer is grouped by: the measure's keys and the split; one of the keys alone when that is the split."""
    if query.by is None:
        return measure.keys
    if query.by in measure.keys:
        return (query.by,)
    if splits(query.by, measure):
        return (*measure.keys, query.by)
    raise BadQuery(f"“{measure.title}” cannot be split by “{query.by}”.")


def splits(by: str, measure: Measure) -> bool:
    """Whether a measure's own rows can be split by a column."""
    columns = (*measure.keys, *measure.splits)
    return by in columns or (by in NAMED and "name" in columns)


def groups(asker: Asker, whole: Sums, names: "Names") -> tuple[list[Group], int]:
    """The groups, and how many more there are than are listed."""
    measure = asker.measure
    dims = dims_of(asker.query, measure)
    if not dims:
        return [], 0
    order = ORDERS[measure.order].format(dims=", ".join(dims))
    tail = f"\norder by {order}"
    every = asker.sums(dims, tail)
    kept = [(key, of) for key, of in every.items() if of.n >= measure.least][: measure.most]
    return [group(asker, key, dims, of, whole, names) for key, of in kept], len(every) - len(kept)


def group(asker: Asker, key: tuple[Any, ...], dims: Sequence[str], of: Sums, whole: Sums, names: "Names") -> Group:
    estimate = asker.estimate(of, whole)
    value, low, high = (number(part) for part in estimate.interval)
    text = tuple("" if part is None else str(part) for part in key)
    extra = _plain(estimate) | {"enough": asker.enough(of)}
    return Group(text, names.label(dims, text, asker.measure.called), value, low, high, estimate.n, extra)


def trend(asker: Asker, as_of: datetime) -> list[Point]:
    if not asker.query.trend or asker.measure.estimator == "mix":
        return []
    days = 7 if asker.query.trend == "week" else 1
    found = asker.sums(("period",), "\norder by period")
    return [point(asker, day, of, days, as_of) for (day,), of in found.items()]


def point(asker: Asker, day: date, of: Sums, days: int, as_of: datetime) -> Point:
    """Provisional while its days, or those that its rows look ahead, are not over."""
    value, low, high = (number(part) for part in asker.estimate(of, of).interval)
    over = day + timedelta(days=days + asker.measure.horizon)
    return Point(day, value, low, high, of.n, over > as_of.date())


WORDS = {
    "by_itself": _("By itself"),
    "self_service": _("With self-service"),
    "guided": _("With a guide"),
    "proactive": _("Told before they asked"),
    "human": _("With a person"),
    "contacted": _("Had to contact us"),
    "abandoned": _("Given up"),
    "late": _("Not in time"),
    "value": _("Value"),
    "information": _("Information that was missing"),
    "failure": _("Failure"),
    "chase": _("Chase: any news?"),
    "rights": _("Rights"),
    "us": _("We"),
    "customer": _("The customer"),
    "elapsed": _("By day and night"),
    "working": _("In working hours"),
    "observed": _("As it was seen, of all"),
    "asked": _("Who answered, of those asked"),
    "observed_asked": _("As it was seen, of those who answered"),
    "said": _("Seen and said to be solved, of those who answered"),
    "first_response": _("First response"),
    "next_response": _("Next response"),
    "resolution": _("Resolution"),
    "answered": _("Answered"),
    "answered_by_bot": _("Answered by the assistant"),
    "no_answer_needed": _("No answer was needed"),
    "done": _("Done"),
    "met": _("met"),
    "breached": _("missed"),
    "overdue": _("overdue"),
}
"""How a need ends, why a contact came, who noticed first, which clock it is and how it stands."""
WORDED = {"outcome", "how", "cause", "noticed_by", "counted", "clock", "state"}
NOTHING: Mapping[tuple[str, str], Any] = {}


def spoken(dim: str, part: str, called: Mapping[tuple[str, str], Any] = NOTHING) -> str:
    """What we call a value of a column, in the reader's language; empty where we have no word for it. `called`: what
    the measure itself calls values of its columns."""
    if dim == "channel":
        return channel_word(part)
    return str(called.get((dim, part)) or (WORDS.get(part, "") if dim in WORDED else ""))


NAMED_HERE = {"name", "previous", "came_from", "went_to", "next_name", "contact", "origin_name"}
"""Columns that hold names of touchpoints."""


class Names:
    """What to call a key: the catalogue's labels for names and stages, else the key itself."""

    def __init__(self, db: Any) -> None:
        self.names = dict(db.execute("select name, label from catalogue").fetchall())
        self.stages = dict(db.execute("select stage, label from stages").fetchall())
        self.kinds = dict(db.execute("select kind, title from need_kinds where newest").fetchall())

    @cached_property
    def steps(self) -> dict[tuple[str, str], str]:
        return step_titles()

    def label(self, dims: Sequence[str], key: Sequence[str], called: Mapping[tuple[str, str], Any] = NOTHING) -> str:
        parts = dict(zip(dims, key, strict=True))
        shown = (spoken(*one, called) or self.word(*one, parts) for one in parts.items() if one[0] != "step")
        return " → ".join(shown)

    def word(self, dim: str, part: str, beside: Mapping[str, str]) -> str:
        """What a value of a column is called; a step needs the kind of need `beside` it."""
        if dim in NAMED_HERE:
            return self.names.get(part) or part
        if dim == "stage":
            return self.stages.get(part) or part
        if dim == "need_kind":
            return self.kinds.get(part) or part
        if dim == "at_step":
            return self.steps.get((beside.get("need_kind", ""), part)) or part.replace("-", " ").capitalize()
        return spoken(dim, part) or part
