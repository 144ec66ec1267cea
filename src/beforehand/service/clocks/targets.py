"""How a clock stands to its target: what pauses it, by when it is due, whether that was met. Computed, never polled."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from django.utils.translation import gettext as _

from beforehand.lib.trouble import Trouble
from beforehand.lib.working import Calendar, Span
from beforehand.service.clocks.ledger import Category, Event, Kind, Ledger, Target, Verdict, verdicts
from beforehand.service.clocks.waiting import Threads

ENDED_BY_CUSTOMER = frozenset({Category.WAITING_CUSTOMER, Category.DONE})


class UnknownCalendar(Trouble):
    """A target names a calendar that is not at hand."""

    def __init__(self, version: str) -> None:
        super().__init__(
            _("The calendar %(version)s, in which a target is counted, is missing. Restore it from a backup.")
            % {"version": version}
        )


class State(StrEnum):
    """What became of a target. `overdue` is a breach that is still open; it counts as one."""

    MET = "met"
    BREACHED = "breached"
    OVERDUE = "overdue"
    RUNNING = "running"
    PAUSED = "paused"
    NOT_NEEDED = "not_needed"


@dataclass(slots=True)
class Pause:
    """A time in which the target did not run: which event began it, by whom and why, and which one ended it."""

    category: str
    began: Event
    ended: Event | None = None


class Standing(NamedTuple):
    """A target as it stands. `due` is None while it is paused; `left` is what remains of the span, below zero when it
    is late; `spent` what of it was used. Microseconds, counted as the target is."""

    target: Target
    state: str
    due: int | None
    spent: int
    left: int
    pauses: tuple[Pause, ...] = ()

    @property
    def is_late(self) -> bool:
        return self.state in {State.BREACHED, State.OVERDUE}


def standing_of(
    target: Target, started: int, ended: int | None, as_of: int, pauses: list[Pause], calendars: Mapping[str, Calendar]
) -> Standing:
    """Met when it ended at the due time or before it. What is not ended is late from the instant after."""
    end = as_of if ended is None else ended
    count = _Count(target, calendars)
    running, is_paused = _running(started, end, pauses)
    is_paused = is_paused and ended is None
    due = _due(target, running, end, count, is_paused)
    spent = sum(count.between(*span) for span in running)
    late = due is not None and due < end
    if ended is not None:
        state = State.BREACHED if late else State.MET
    elif late:
        state = State.OVERDUE
    else:
        state = State.PAUSED if is_paused else State.RUNNING
    return Standing(target, state, due, spent, target.span - spent, tuple(pauses))


def pauses_of(ledger: Ledger, target: Target, thread: int, started: int) -> list[Pause]:
    """The pauses of a target whose clock began in a thread. Only categories that the target names pause it.

    One that waits for the customer, or for nobody, ends when the customer writes, whatever the status says. A second
    pause ends the first: no moment counts twice.
    """
    if not target.pauses:
        return []
    threads, judged, found = Threads(), verdicts(ledger), list[Pause]()
    for event in ledger:
        threads.take(event)
        if event.time < started or threads.root(event.thread) != threads.root(thread):
            continue
        last = found[-1] if found and found[-1].ended is None else None
        named = event.clock in {"", target.clock} and event.category in target.pauses
        written = event.kind == Kind.INBOUND_HUMAN and judged[event.id] != Verdict.CLOSING
        resumed = event.kind == Kind.RESUMED and event.clock in {"", target.clock}
        begins = event.kind == Kind.PAUSED and named
        if last and (begins or resumed or (written and last.category in ENDED_BY_CUSTOMER)):
            last.ended = event
        if begins:
            found.append(Pause(event.category, event))
    return found


class _Count:
    """Time as a target counts it."""

    def __init__(self, target: Target, calendars: Mapping[str, Calendar]) -> None:
        if target.calendar and target.calendar not in calendars:
            raise UnknownCalendar(target.calendar)
        self.calendar = calendars[target.calendar] if target.calendar else None

    def between(self, start: int, end: int) -> int:
        return self.calendar.worked(start, end) if self.calendar else end - start

    def add(self, start: int, span: int) -> int:
        return self.calendar.add(start, span) if self.calendar else start + span


def _running(started: int, end: int, pauses: Iterable[Pause]) -> tuple[list[Span], bool]:
    """The spans between the pauses up to the end, and whether it is paused there."""
    spans, at = [], started
    for pause in pauses:
        if pause.began.time >= end:
            break
        spans.append((at, pause.began.time))
        if pause.ended is None or pause.ended.time > end:
            return spans, True
        at = pause.ended.time
    spans.append((at, end))
    return spans, False


def _due(target: Target, running: list[Span], end: int, count: _Count, is_paused: bool) -> int | None:
    """The instant at which the span is used up; None while nobody can say, since it is paused."""
    left = target.span
    for start, stop in running:
        used = count.between(start, stop)
        if used >= left:
            return count.add(start, left)
        left -= used
    if is_paused:
        return None
    return count.add(end, left)


class Attainment(NamedTuple):
    """Met, breached, overdue and still open; the share leaves nothing out that was decided. None when nothing was."""

    met: int
    breached: int
    overdue: int

    @property
    def share(self) -> float | None:
        decided = self.met + self.breached + self.overdue
        return self.met / decided if decided else None


def attainment(states: Iterable[str]) -> Attainment:
    counted = list(states)
    return Attainment(*(counted.count(state) for state in (State.MET, State.BREACHED, State.OVERDUE)))
