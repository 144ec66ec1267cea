"""An answer: the number, its interval, what it was made from, and its parts."""

import math
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

Number = float | None


def number(value: float) -> Number:
    """NaN means that there is none."""
    return None if math.isnan(value) else float(value)


@dataclass(frozen=True)
class Group:
    """One part of an answer. `key` follows the measure's keys, then the split; `extra["enough"]` is as in Result."""

    key: tuple[str, ...]
    label: str
    value: Number
    low: Number
    high: Number
    n: int
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Point:
    """One day, or the week that begins on it. A provisional point can still change as time goes by."""

    day: date
    value: Number
    low: Number
    high: Number
    n: int
    provisional: bool


@dataclass(frozen=True)
class Result:
    """`enough` is false when there is too little to rank or compare; `approximate` when a roll-up's histogram gave the
    number (shown with ≈, within 2.5 %). `sql` is the measure's query for rows."""

    slug: str
    title: str
    unit: str
    good: str
    definition: str
    estimator: str
    value: Number
    low: Number
    high: Number
    n: int
    approximate: bool
    enough: bool
    groups: list[Group]
    trend: list[Point]
    as_of: datetime
    version: int
    sql: str
    extra: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        plain = asdict(self)
        plain["as_of"] = self.as_of.isoformat()
        for point in plain["trend"]:
            point["day"] = point["day"].isoformat()
        return plain

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "Result":
        groups = [Group(**{**group, "key": tuple(group["key"])}) for group in plain["groups"]]
        trend = [Point(**{**point, "day": date.fromisoformat(point["day"])}) for point in plain["trend"]]
        return cls(**{**plain, "groups": groups, "trend": trend, "as_of": datetime.fromisoformat(plain["as_of"])})


class Rows(NamedTuple):
    """What a number was made from: the names of the columns, and rows in that order."""

    columns: list[str]
    rows: list[tuple[Any, ...]]

    def as_dicts(self) -> list[dict[str, Any]]:
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]
