"""What a measure is: a number with its definition, its SQL and the name of its estimator. One file a measure."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from django.utils.functional import Promise

Unit = Literal["count", "share", "seconds", "points", "rate", "score"]
Steps = tuple[str, ...]
FACTS = re.compile(r"\b(from|join)\s+(needs|need_steps|contacts|needs_on_the_way|answered_contacts)\b")


@dataclass(frozen=True)
class Measure:
    """A number, and how it comes about.

    `sql` gives one row per observation with at least the columns `customer`, `time`, `day` and `value`, and those
    named in `keys` and `splits`. It reads `touchpoints`, `catalogue`, `journeys`, `memberships` or a fact table, and
    takes `$start` and `$end` (days, both included) and `$as_of` (a moment). `estimator` turns the rows into a number
    with an interval: see `estimators.py`.

    unit       count, share (0 to 1), seconds, points (-100 to 100), rate (per 1,000 customers), score
    good       which direction is good: up, down or none
    title, definition   in the reader's language when they are read
    kind       how it adds up: sum and quantile by day, distinct by day and the customer's day before, cohort not at all
    keys       the columns that a result is always grouped by; `splits` those it can be grouped by when asked
    depends    for kinds that add up: the catalogue entries that the rows depend on, as a condition
    horizon    days that an observation looks ahead: younger ones are provisional
    steps      for measures of a path: finds the steps when the query names none; `sql` is then a function of them
    order      groups by size, or by key;  `least` rows a group needs to be listed, `most` groups are
    headline   a condition on rows: those that make the number as a whole and its trend, when not all do
    momentary  the number is of one moment, the end of the period: it has no trend
    words      what values of its columns are called where they do not speak for themselves: (column, value, words)
    """

    slug: str
    title: str | Promise
    unit: Unit
    good: Literal["up", "down", "none"]
    definition: str | Promise
    kind: Literal["sum", "distinct", "quantile", "cohort"]
    sql: str | Callable[[Steps], str]
    estimator: str
    keys: tuple[str, ...] = ()
    splits: tuple[str, ...] = ()
    version: int = 1
    depends: str = ""
    horizon: int = 0
    steps: Callable[[Any, Any], Steps] | None = None
    order: Literal["size", "key"] = "size"
    least: int = 1
    most: int = 2000
    headline: str = ""
    momentary: bool = False
    words: tuple[tuple[str, str, str | Promise], ...] = ()

    @property
    def costly(self) -> bool:
        """Whether its answer is kept of any lake: what needs and contacts say, boards ask by the dozen."""
        return FACTS.search(self.sql if isinstance(self.sql, str) else "") is not None

    @cached_property
    def called(self) -> dict[tuple[str, str], str | Promise]:
        return {(column, value): words for column, value, words in self.words}

    @property
    def has_hits(self) -> bool:
        """Whether some rows count and others are only what they are counted among: `value` is then 1 or 0."""
        return self.estimator in {"share", "per thousand"}

    def rows_sql(self, steps: Steps = ()) -> str:
        """The query that yields one row per observation."""
        return (self.sql if isinstance(self.sql, str) else self.sql(steps)).strip()
