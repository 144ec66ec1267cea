"""What we aim at: a policy is an immutable value with a version; targets are frozen out of it when a clock begins."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from beforehand.lib.trouble import Trouble
from beforehand.lib.working import Calendar
from beforehand.service.clocks.ledger import Category, Name, Target

FORM = 1
RESPONSES = frozenset({Name.FIRST_RESPONSE, Name.NEXT_RESPONSE})


class PolicyRefused(Trouble):
    """A policy that cannot be. `field` says which part of it: goals, span or pauses."""

    def __init__(self, field: str, words: str) -> None:
        self.field = field
        super().__init__(words)


class Goal(NamedTuple):
    """How long a clock may run: `span` in microseconds, of working time or of every second. `pauses`: the categories of
    status in which it does not run."""

    clock: str
    span: int
    working: bool = True
    pauses: tuple[str, ...] = ()

    def check(self) -> None:
        if self.clock not in {*RESPONSES, Name.RESOLUTION}:
            raise PolicyRefused("goals", _("Goals are for the first response, the next response or the resolution."))
        if not isinstance(self.span, int) or self.span <= 0:
            raise PolicyRefused("span", _("A goal needs a time that is longer than nothing."))
        if not set(self.pauses) <= set(Category):
            raise PolicyRefused("pauses", _("A goal pauses by categories of status, such as waiting on the customer."))
        if self.clock in RESPONSES and Category.WAITING_CUSTOMER in self.pauses:
            words = _(
                "While a customer waits for a response, we do not wait for the customer: that pauses no response."
            )
            raise PolicyRefused("pauses", words)


@dataclass(frozen=True)
class Policy:
    """At most one goal a clock. Raises `PolicyRefused`."""

    goals: tuple[Goal, ...] = ()

    def __post_init__(self) -> None:
        for goal in self.goals:
            goal.check()
        if len({goal.clock for goal in self.goals}) < len(self.goals):
            raise PolicyRefused("goals", _("A clock has one goal. Remove the second one."))
        tidy = sorted(goal._replace(pauses=tuple(sorted(set(goal.pauses)))) for goal in self.goals)
        object.__setattr__(self, "goals", tuple(tidy))

    def goal(self, clock: str) -> Goal | None:
        return next((goal for goal in self.goals if goal.clock == clock), None)

    def target(self, clock: str, started: int, calendar: Calendar) -> Target | None:
        """The goal of a clock, frozen at its start, with policy and calendar by version."""
        goal = self.goal(clock)
        if goal is None:
            return None
        due = calendar.add(started, goal.span) if goal.working else started + goal.span
        return Target(clock, goal.span, due, self.version, calendar.version if goal.working else "", goal.pauses)

    def plain(self) -> dict[str, Any]:
        """The policy as JSON can carry it."""
        return {"form": FORM, "goals": [goal._asdict() | {"pauses": list(goal.pauses)} for goal in self.goals]}

    @cached_property
    def version(self) -> str:
        """Twelve letters and figures that stand for what the policy says."""
        text = json.dumps(self.plain(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def policy_in(plain: Any) -> Policy:
    """A policy out of what `plain` wrote. Raises `PolicyRefused`, whatever it is given."""
    try:
        if not isinstance(plain, Mapping) or plain["form"] != FORM:
            raise TypeError
        return Policy(
            tuple(
                Goal(str(one["clock"]), one["span"], bool(one["working"]), tuple(str(each) for each in one["pauses"]))
                for one in plain["goals"]
            )
        )
    except (KeyError, TypeError):
        raise PolicyRefused("goals", _("This is no policy, or one of a newer version of Beforehand.")) from None
