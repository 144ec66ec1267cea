"""What seldom changes and is asked for all the time: remembered for a second.

A change made in this process, through a model's own verbs, is seen at once; one made elsewhere a second later at most.
Only for what may be that late: settings, names, hours. Never for what a permission hangs on.
"""

import time
from collections.abc import Callable
from typing import Any, Generic, ParamSpec, TypeVar

from django.db.models.signals import post_delete, post_save

SECONDS = 1.0
MOST = 1000
P = ParamSpec("P")
R = TypeVar("R")
_all: list["Kept[..., Any]"] = []


class Kept(Generic[P, R]):
    """A function that remembers what it gave for its arguments."""

    def __init__(self, function: Callable[P, R]) -> None:
        self.function = function
        self._known: dict[Any, tuple[float, R]] = {}
        _all.append(self)

    def __call__(self, *given: P.args, **named: P.kwargs) -> R:
        key, now = (given, *named.items()), time.monotonic()
        found = self._known.get(key)
        if found is None or found[0] <= now:
            if len(self._known) >= MOST:
                self.forget()
            found = self._known[key] = (now + SECONDS, self.function(*given, **named))
        return found[1]

    def forget(self, **facts: object) -> None:
        self._known.clear()


def kept(*models: str) -> Callable[[Callable[P, R]], Kept[P, R]]:
    """Remember what a function gives. `models`: what it reads, such as "team.Hours"; their changes are seen at once."""

    def decorate(function: Callable[P, R]) -> Kept[P, R]:
        remembering = Kept(function)
        for model in models:
            post_save.connect(remembering.forget, sender=model, weak=False)
            post_delete.connect(remembering.forget, sender=model, weak=False)
        return remembering

    return decorate


def forget_all() -> None:
    """As if nothing had been asked yet: after what was read may have been taken back."""
    for remembering in _all:
        remembering.forget()
