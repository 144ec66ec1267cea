"""The clocks of a case: a pure function of its ledger, of the working time it is counted in, and of a moment.

Everything is counted twice, in elapsed and in working time; a clock that has not ended yet is counted up to the moment
and says so (`ended` is None: it is censored, not left out). What a pause stops is the target, never the clock.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from beforehand.lib.working import Calendar, Span
from beforehand.service.clocks.clock_log import Line, log_of
from beforehand.service.clocks.ledger import Event, Kind, Ledger, Name, Target, ledger_of
from beforehand.service.clocks.policy import Policy
from beforehand.service.clocks.resolution import Resolution, resolution_of
from beforehand.service.clocks.targets import Standing, State, pauses_of, standing_of
from beforehand.service.clocks.waiting import How, Turn, Waits, delivered, turns_of, wait_of, who_waits

DEFINITIONS = 1
WEEK = 7 * 86_400 * 1_000_000
Frozen = dict[tuple[str, int | None], Target]


class Times(NamedTuple):
    """The working time that a case is counted in, and every calendar that its targets name, by version; `quiet` is the
    window in which a case must stay done to be resolved, in microseconds."""

    calendar: Calendar
    calendars: Mapping[str, Calendar] = {}
    quiet: int = WEEK

    def by_version(self) -> dict[str, Calendar]:
        return {self.calendar.version: self.calendar, **self.calendars}


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock. Times and spans in microseconds; `calendar` is the version that `working` was counted by.

    name        wait, first_response, next_response or resolution
    ended       None while it runs; `how`: answered, answered_by_bot, no_answer_needed or done
    elapsed     to its end, or so far; `working` the same in hours in which we are there
    with_bot    how much of `elapsed` the customer spent with the bot; it is part of the wait
    standing    how it stands to its target; None when it has none
    log         what began, paused and ended it, in order
    """

    name: str
    thread: int
    started: int
    started_by: int
    ended: int | None
    ended_by: int | None
    how: str
    elapsed: int
    working: int
    calendar: str
    with_bot: int = 0
    standing: Standing | None = None
    log: tuple[Line, ...] = ()


class Case(NamedTuple):
    """Everything that the ledger says about time. `definitions`: the version of what the clocks mean."""

    clocks: tuple[Clock, ...]
    resolution: Resolution
    waits: Waits
    definitions: int = DEFINITIONS

    def clock(self, name: str) -> Clock | None:
        """The first of this name."""
        return next((clock for clock in self.clocks if clock.name == name), None)


def case_of(events: Iterable[Event], times: Times, as_of: int) -> Case:
    """The clocks of one conversation and of those merged into it, as they stood at a moment.

    Events may come in any order and more than once. Raises `UnknownCalendar` when a target's calendar is not given.
    """
    ledger = ledger_of(events, as_of)
    frozen, turns = _frozen(ledger), turns_of(ledger)
    resolution = resolution_of(ledger, as_of, times.quiet)
    clocks = [_wait(turns, times, as_of)] if turns else []
    first = _answered_first(ledger, turns) if turns else None
    for turn in turns:
        if first is not None and turn is turns[0]:
            clocks.append(_clock(Name.FIRST_RESPONSE, ledger, frozen, first, times, as_of))
        else:
            clocks.append(_clock(Name.NEXT_RESPONSE, ledger, frozen, turn, times, as_of))
    meant = next((turn for turn in turns if turn.how != How.NOT_NEEDED), None)
    if meant is not None:
        how = "" if resolution.by is None else How.DONE
        until = replace(meant, ended=resolution.resolved, ended_by=resolution.by, how=how)
        clocks.append(_clock(Name.RESOLUTION, ledger, frozen, until, times, as_of))
    return Case(tuple(clocks), resolution, who_waits(ledger))


def owed(events: Sequence[Event], event: Event, policy: Policy, times: Times) -> list[Event]:
    """What the ledger must say because of an event that it has just taken: targets of the clocks that the event began,
    and pauses and ends of pauses of those that run. Each carries who and why; its `id` is 0 until it is recorded.

    Nothing is owed for what is in the ledger already, so it may be asked again.
    """
    recorded = {_said(one) for one in events}
    ledger = ledger_of(events, event.time)
    case = case_of(ledger, times, ledger[-1].time) if ledger else None
    frozen, found = _frozen(ledger), list[Event]()
    for clock in case.clocks if case else ():
        target = frozen.get((clock.name, clock.started_by))
        if target is None and clock.started_by in {event.id, event.about}:
            target = policy.target(clock.name, clock.started, times.calendar)
            if target is not None:
                made = Event(0, event.time, Kind.TARGET_SET, clock.thread, about=clock.started_by, target=target)
                found.append(made._replace(clock=clock.name))
        runs = clock.ended is None or clock.name == Name.RESOLUTION
        if target is not None and runs and event.kind in {Kind.STATUS, Kind.INBOUND_HUMAN}:
            found += _pausing(ledger, event, clock, target)
    return [one for one in dict.fromkeys(found) if _said(one) not in recorded]


def _said(event: Event) -> tuple[str, str, str, int | None]:
    return event.kind, event.clock, event.category, event.about


def _pausing(ledger: Ledger, event: Event, clock: Clock, target: Target) -> list[Event]:
    """The pause, or the end of one, that a clock owes to an event that changed the status or came from the customer."""
    pauses = pauses_of(ledger, target, clock.thread, clock.started)
    last = pauses[-1] if pauses else None
    now = last.category if last and last.ended is None else ""
    said = Event(0, event.time, Kind.PAUSED, event.thread, by=event.by, why=event.why, about=event.id, clock=clock.name)
    if event.kind == Kind.INBOUND_HUMAN:
        by_customer = last is not None and last.ended == event
        return [said._replace(kind=Kind.RESUMED)] if by_customer else []
    wanted = event.category if event.category in target.pauses else ""
    if wanted == now:
        return []
    return [said._replace(category=wanted) if wanted else said._replace(kind=Kind.RESUMED)]


def _answered_first(ledger: Ledger, turns: list[Turn]) -> Turn | None:
    """The first turn as the whole case sees it: a person's answer in any of its threads is the first response. None
    when we wrote first, since the customer never waited for a first response then."""
    first, answers = turns[0], delivered(ledger)
    if not answers:
        return first
    answer = answers[0]
    if (answer.time, answer.id) < (first.started, first.started_by):
        return None
    if first.ended is not None and first.ended <= answer.time:
        return first
    return replace(first, ended=answer.time, ended_by=answer.id, how=How.ANSWERED)


def _clock(name: str, ledger: Ledger, frozen: Frozen, turn: Turn, times: Times, as_of: int) -> Clock:
    ended = turn.ended
    stop = as_of if ended is None else ended
    target = frozen.get((name, turn.started_by))
    calendars = times.by_version()
    standing = None
    if target is not None:
        pauses = pauses_of(ledger, target, turn.thread, turn.started)
        pauses = [pause for pause in pauses if ended is None or pause.began.time < ended]
        standing = standing_of(target, turn.started, ended, as_of, pauses, calendars)
        if turn.how == How.NOT_NEEDED and standing.state == State.MET:
            standing = standing._replace(state=State.NOT_NEEDED)
    calendar = calendars[target.calendar] if target and target.calendar else times.calendar
    return Clock(
        name=name,
        thread=turn.thread,
        started=turn.started,
        started_by=turn.started_by,
        ended=ended,
        ended_by=turn.ended_by,
        how=turn.how,
        elapsed=stop - turn.started,
        working=calendar.worked(turn.started, stop),
        calendar=calendar.version,
        with_bot=_with_bot(ledger, turn.started, stop) if name == Name.FIRST_RESPONSE else 0,
        standing=standing,
        log=log_of(ledger, turn, standing),
    )


def _wait(turns: list[Turn], times: Times, as_of: int) -> Clock:
    """The customer's wait: every span in which the ball was with us, whatever the status said."""
    spans: list[Span] = wait_of(turns, as_of)
    last = max(turns, key=lambda turn: as_of + 1 if turn.ended is None else turn.ended)
    return Clock(
        name=Name.WAIT,
        thread=turns[0].thread,
        started=turns[0].started,
        started_by=turns[0].started_by,
        ended=last.ended,
        ended_by=last.ended_by,
        how=last.how,
        elapsed=sum(end - start for start, end in spans),
        working=sum(times.calendar.worked(start, end) for start, end in spans),
        calendar=times.calendar.version,
    )


def _with_bot(ledger: Ledger, started: int, stop: int) -> int:
    """From the first message to the hand-over; where none was recorded, to the bot's last word."""
    words = [event for event in ledger if started <= event.time <= stop]
    spoken = [event.time for event in words if event.kind == Kind.BOT_MESSAGE]
    handed = [event.time for event in words if event.kind == Kind.HANDED_OVER]
    return (handed[0] if handed else spoken[-1]) - started if spoken else 0


def _frozen(ledger: Ledger) -> Frozen:
    """The targets by clock and by what began it: the first word counts, a later one changes nothing."""
    found: Frozen = {}
    for event in ledger:
        if event.kind == Kind.TARGET_SET and event.target is not None:
            found.setdefault((event.target.clock, event.about), event.target)
    return found
