"""What is found: a cause of contacts, with its numbers."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Cause:
    """A trouble and the contacts that it brought.

    `value`, `low`, `high`: attributable contacts, of those observed. `observed` contacts came in its share of the days
    after it, `expected` would have come anyway. `found` says whether it is blamed, at false discovery rate `q`.
    `victims` are the times it struck, `customers` whom, `silent` those of them who did not write in its days. `cost` is
    money with its interval. `where`, `start`, `end`: an incident of the trouble (days as ISO dates, both included, None
    for an open end); without them, the trouble wherever no incident is. `before`: contacts in the week before over those
    to be expected then; far above 1, customers knew before it was noted, or it was noted because they wrote.
    """

    key: str
    name: str
    sort: str
    kind: str
    step: str
    owner: str
    where: tuple[tuple[str, str], ...]
    start: str | None
    end: str | None
    ordinary: bool
    value: float
    low: float
    high: float
    observed: float
    expected: float
    p: float
    q: float
    found: bool
    victims: float
    customers: int
    silent: int
    cost: float
    cost_low: float
    cost_high: float
    before: float
    before_p: float
    mediators: tuple[tuple[str, int], ...]
    rank: int = 0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Cause":
        known = {key: value for key, value in values.items() if key in cls.__dataclass_fields__}
        known["where"] = tuple((key, value) for key, value in known.get("where", ()))
        known["mediators"] = tuple((name, times) for name, times in known.get("mediators", ()))
        return cls(**known)


@dataclass(frozen=True)
class Findings:
    """All causes that were judged, the blamed ones first, by contacts; and what they are compared with."""

    causes: tuple[Cause, ...]
    contacts: int
    attributed: float
    customers: int
    spread: float
    first: str
    last: str

    @property
    def found(self) -> list[Cause]:
        return [one for one in self.causes if one.found]
