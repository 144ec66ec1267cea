"""What a scan finds."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple


class Companion(NamedTuple):
    """The share of those who came to something else at the same step, inside and otherwise: it moved too."""

    to: str
    value: float
    low: float
    high: float
    baseline: float


@dataclass(frozen=True)
class Found:
    """A place where the journey goes wrong.

    `start` and `end` are the first and last day (ISO dates, both included); None means that it was so from the first
    day of the data, or still is; where both are None and there is a segment, it stands all the time, and is compared
    with all other customers instead of other days. For `unit` "share", value, low and high are the share of trials
    inside (0 to 1) and baseline the share outside; for "seconds" they are median waits. All four come from customers
    held out of the search. `customers` are those affected, `n` the held-out trials behind the value, `p` the chance
    that data without any break would show something as strong anywhere in the whole scan. `measure`, `within` and
    `pause` say how a trial is counted, so that the same customers can be found again. `moved` is what else shifted at
    the step, `also` that in words.
    """

    kind: str
    name: str
    to: str
    segment: str
    start: str | None
    end: str | None
    value: float
    low: float
    high: float
    unit: str
    baseline: float
    customers: int
    n: int
    p: float
    sentence: str
    rank: int = 0
    excess: float = 0.0
    measure: str = "soon"
    within: int = 1
    pause: float | None = None
    others: tuple[str, ...] = ()
    instead_of: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    moved: tuple[Companion, ...] = ()

    def says_as(self, other: "Found") -> bool:
        """Whether both are one kind of trouble at one place for the same customers, on days that they share."""
        place = (self.kind, self.name, self.to, self.segment)
        if place != (other.kind, other.name, other.to, other.segment):
            return False
        return (self.start or "") <= (other.end or "~") and (other.start or "") <= (self.end or "~")

    @property
    def days(self) -> tuple[date | None, date | None]:
        """Its first and last day; None for an end that is not known."""
        return tuple(date.fromisoformat(day) if day else None for day in (self.start, self.end))  # type: ignore[return-value]

    @property
    def standing(self) -> bool:
        return bool(self.segment) and self.start is None and self.end is None

    def as_dict(self) -> dict[str, Any]:
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Found":
        known: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in values.items()
            if key in cls.__dataclass_fields__
        }
        known["moved"] = tuple(Companion(*one) for one in known.get("moved", ()))
        return cls(**known)


def iso(first: date, days: int) -> str:
    """The day that lies `days` after the first, as an ISO date."""
    return (first + timedelta(days=days)).isoformat()
