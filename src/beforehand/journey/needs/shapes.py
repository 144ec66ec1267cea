"""What the pure functions about needs take and give: no database in here.

All times are microseconds since 1970 in UTC, all durations seconds. Import these from `beforehand.journey.needs.trace`.

Where this differs from what one might expect:
- a step is *entered* when it can be done (the need opened, or the steps before it are done) and *left* when its
  evidence is seen (`outcome` "done"), when a later step or the end passed it by ("skipped"), or when the need ended
  ("ended"): its evidence says that it is done;
- `stuck_at` of a step is the moment from which the customer counts as stuck in it, None when it was left before that
  moment; `stuck_at` of a need is that of its current step, None once the need is over. It is worked out in advance, so
  "stuck now" is `stuck_at <= as_of`;
- `abandoned` may lie ahead too: a need that nothing moves counts as abandoned from a moment that is known in advance;
- `as_of` leaves out later moments; nothing else depends on the clock.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

SECOND = 1_000_000
DAY = 86_400 * SECOND
UNKNOWN = "unknown"


class Moment(NamedTuple):
    """A touchpoint as tracing sees it. `id` is its sequence number, `kind` the catalogue's kind of its name."""

    id: int
    time: int
    name: str
    channel: str = ""
    actor: str = "customer"
    properties: Mapping[str, Any] = {}
    kind: str = "value"


class Trouble(NamedTuple):
    """Something that went wrong on the way of a need."""

    touchpoint: int
    name: str
    time: int


class StepTrace(msgspec.Struct, array_like=True, gc=False):
    """A stay in a step. `by` is the touchpoint that ended it, `loops` how often the customer went back meanwhile."""

    step: str
    entered: int
    left: int | None = None
    by: int | None = None
    outcome: str = ""
    loops: int = 0
    stuck_at: int | None = None


class NeedTrace(msgspec.Struct, gc=False):
    """One need of one customer. `lead` is in seconds, positive when we were first."""

    kind: str
    version: int
    key: str
    opened: int
    opened_by: int
    steps: list[StepTrace] = []
    step: str = ""
    step_since: int | None = None
    stuck_at: int | None = None
    met: int | None = None
    met_by: int | None = None
    how: str = ""
    abandoned: int | None = None
    trouble: list[Trouble] = []
    first_trouble: int | None = None
    contacts: int = 0
    first_contact: int | None = None
    noticed_by: str = ""
    lead: float | None = None
    excluded: str = ""

    def over_at(self, time: int) -> bool:
        """Whether it was met or abandoned by then."""
        return (self.met is not None and self.met <= time) or (self.abandoned is not None and self.abandoned <= time)

    def step_at(self, time: int) -> str:
        """The step that it was in at a time; empty when there was none."""
        for stay in self.steps:
            if stay.entered <= time and (stay.left is None or stay.left > time):
                return stay.step
        return ""


class ContactTrace(msgspec.Struct, gc=False):
    """A touchpoint by which the customer had to come to us, with the need it is about and why it happened.

    `need` is the place of its need in `Traced.needs`. `origin` is the touchpoint that caused it, if one is known.
    """

    touchpoint: int
    time: int
    name: str
    channel: str
    need: int
    linked_by: str = UNKNOWN
    cause: str = "value"
    probability: float = 0.0
    origin: int | None = None
    origin_name: str = ""
    origin_step: str = ""
    repeat_of: int | None = None
    owner: str = ""
    evidence: dict[str, Any] = {}
    overruled_by: int | None = None


class Traced(NamedTuple):
    """What one customer's touchpoints come to: needs in the order in which they opened, contacts in order of time."""

    needs: list[NeedTrace]
    contacts: list[ContactTrace]
