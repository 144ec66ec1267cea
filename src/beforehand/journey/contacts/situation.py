"""The facts around a contact that speak for one cause or another: a small set of named numbers, most of them 0 to 3."""

import math
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from beforehand.journey.contacts.linking import last_trouble, over_since, stuck
from beforehand.journey.contacts.reading import SIGNALS, Reading, starter
from beforehand.journey.needs.shapes import DAY, UNKNOWN, NeedTrace

MOST_POINTS = 2.0
TROUBLE_DAYS = 14
SHORT = 8
CONTENT = ("failure", "information", "value", "rights")
LEANINGS = ("value", "information", "failure", "rights")


class Before(NamedTuple):
    """What was between the company and the customer about this need before the contact.

    `earlier`: the contact before, within the window of repeats. `answered`: we answered since. `silent`: nothing has
    happened to the need since. `promise`: the touchpoint of a promise that is due, open and not kept; `promised`: one
    is open and not yet due.
    """

    earlier: int | None = None
    answered: bool = False
    silent: bool = False
    promise: int | None = None
    promised: bool = False


def features(reading: Reading, need: NeedTrace | None, time: int, before: Before, topic: str = "") -> dict[str, float]:
    """The features of a contact, only those that are not 0. `need` is None for one that is first seen now."""
    found = {"always": 1.0}
    for signal in SIGNALS:
        points = reading.signals.get(signal)
        if points:
            found[f"says_{signal}"] = min(points, MOST_POINTS)
    if reading.question:
        found["question"] = 1.0
    if not reading.words:
        found["no_text"] = 1.0
    elif reading.words < SHORT:
        found["short"] = 1.0
    _add_need(found, need, time)
    _add_before(found, before)
    _tell_apart(found)
    lean = leaning(topic or (need.kind if need is not None else ""))
    if lean:
        found[f"about_{lean}"] = 1.0
    return found


def leaning(kind: str) -> str:
    """The cause that contacts about a kind of need tend to have, where the starter lists say so."""
    return _leanings().get(kind, "")


@cache
def _leanings() -> dict[str, str]:
    return {kind: cause for cause, kinds in starter()["leanings"].items() for kind in kinds}


def _add_need(found: dict[str, float], need: NeedTrace | None, time: int) -> None:
    if need is None or need.kind == UNKNOWN:
        found["unknown"] = 1.0
        return
    trouble = last_trouble(need, time)
    if trouble is not None:
        fresh = math.exp(-(time - trouble.time) / DAY / TROUBLE_DAYS)
        found["trouble"] = fresh
        if "no_text" in found:
            found["trouble_no_text"] = fresh
    if stuck(need, time):
        found["stuck"] = 1.0
    if over_since(need, time) is not None:
        found["over"] = 1.0


def _add_before(found: dict[str, float], before: Before) -> None:
    if before.earlier is not None:
        found["earlier"] = 1.0
        if before.silent:
            found["silent"] = 1.0
        if before.answered:
            found["answered"] = 1.0
    if before.promise is not None:
        found["promise_late"] = 1.0
    elif before.promised:
        found["promised"] = 1.0


def _tell_apart(found: dict[str, float]) -> None:
    """Words whose meaning hangs on the rest.

    Asking when something comes is a question while all is well, and something else when it is late or was asked before.
    "I wrote to you" is a chase when it stands alone; with a question it is that question, repeated.
    """
    when, overdue = found.pop("says_when", 0.0), found.pop("says_overdue", 0.0)
    if when:
        late = overdue or any(fact in found for fact in ("trouble", "promise_late", "says_failure"))
        found["when_again" if "earlier" in found else "when_late" if late else "when_in_time"] = when
    if overdue:
        found["overdue_again" if "earlier" in found else "overdue_first"] = overdue
    chase = found.pop("says_chase", 0.0)
    if chase:
        found["chase_and_more" if any(f"says_{signal}" in found for signal in CONTENT) else "chase_only"] = chase


def names() -> Sequence[str]:
    """All features, in a fixed order."""
    says = [f"says_{signal}" for signal in SIGNALS if signal not in {"when", "overdue", "chase"}]
    when = ["chase_only", "chase_and_more", "when_in_time", "when_late", "when_again", "overdue_first", "overdue_again"]
    about = [f"about_{cause}" for cause in LEANINGS]
    facts = ["trouble", "trouble_no_text", "stuck", "over", "unknown"]
    earlier = ["earlier", "silent", "answered", "promise_late", "promised"]
    return ["always", *says, *when, "question", "short", "no_text", *facts, *earlier, *about]
