"""A question to a measure."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from beforehand.insight.measure import Measure, Steps


@dataclass(frozen=True)
class Query:
    """One measure, over days (both included, in the company's zone), for all customers or a segment.

    `by` splits by a column of the measure's `splits`, by `stage` or `kind` where it has names, or by any dimension of
    `segments.dimensions`, which gives one group a value. `as_of` is the moment from which the answer looks back (UTC);
    without it that is the end of the data's last day, or now when that lies in the future.
    """

    measure: str
    start: date
    end: date
    segment: Any = None
    by: str | None = None
    trend: Literal["day", "week"] | None = None
    steps: Steps = ()
    as_of: datetime | None = None

    def __post_init__(self) -> None:
        if isinstance(self.measure, Measure):
            object.__setattr__(self, "measure", self.measure.slug)
        if self.end < self.start:
            raise BadQuery(f"The period ends ({self.end}) before it starts ({self.start}).")

    def but(self, **changes: Any) -> "Query":
        return replace(self, **changes)


class BadQuery(ValueError):
    """The question makes no sense; the message says what to ask instead."""
