"""When a case was resolved, and whether it stayed so.

A case is settled while every thread of it is done and nobody waits for an answer. It is resolved by the last time that
it became settled, once it has stayed so for the quiet window; until the window has passed, provisionally. A message
that only says thanks settles nothing and unsettles nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from beforehand.service.clocks.ledger import Event, Kind, Ledger, Verdict, verdicts
from beforehand.service.clocks.waiting import How, Waiting


@dataclass(frozen=True, slots=True)
class Resolution:
    """Times in microseconds, None when there is none.

    first, first_by     the first time that the case was settled, and by which event
    resolved, by        the last time, if it still is
    final               the quiet window has passed since
    reopened            the customer's messages that unsettled it within the window: each is one reopening
    returned            those that came later, when the case had been resolved for good
    contacts            how often the customer had to come: turns, and chases within them
    channels            through how many channels
    first_contact       one contact, one channel, answered, and quiet since; None while that cannot be said
    """

    first: int | None = None
    first_by: int | None = None
    resolved: int | None = None
    by: int | None = None
    final: bool = False
    reopened: tuple[int, ...] = ()
    returned: tuple[int, ...] = ()
    contacts: int = 0
    channels: int = 0
    first_contact: bool | None = None


class Settlement(NamedTuple):
    """The event by which a case became settled, and the one by which it no longer was."""

    settled: Event
    unsettled: Event | None = None


def resolution_of(ledger: Ledger, as_of: int, quiet: int) -> Resolution:
    """`quiet` is the window, in microseconds."""
    judged = verdicts(ledger)
    ledger = tuple(event for event in ledger if judged.get(event.id) != Verdict.CLOSING)
    waiting = Waiting(ledger)
    spans = list(_settled(ledger, waiting))
    first = spans[0].settled if spans else None
    settled = spans[-1].settled if spans and spans[-1].unsettled is None else None
    came_back = [(span.settled, span.unsettled) for span in spans if span.unsettled is not None]
    wrote = [(before, event) for before, event in came_back if event.kind == Kind.INBOUND_HUMAN]
    reopened = [event.id for before, event in wrote if event.time <= before.time + quiet]
    returned = [event.id for before, event in wrote if event.time > before.time + quiet]
    asked = [event for event in ledger if event.kind == Kind.INBOUND_HUMAN]
    contacts = len(waiting.turns) + sum(_is_chase(event, judged, waiting) for event in asked)
    channels = len({event.channel for event in asked})
    final = settled is not None and settled.time + quiet <= as_of
    answered = any(turn.how in {How.ANSWERED, How.BOT} for turn in waiting.turns)
    return Resolution(
        first=first.time if first else None,
        first_by=first.id if first else None,
        resolved=settled.time if settled else None,
        by=settled.id if settled else None,
        final=final,
        reopened=tuple(reopened),
        returned=tuple(returned),
        contacts=contacts,
        channels=channels,
        first_contact=False if contacts > 1 or channels > 1 else True if final and answered else None,
    )


def settlements(ledger: Ledger) -> list[Settlement]:
    """Every time that the case was settled, and what unsettled it."""
    judged = verdicts(ledger)
    ledger = tuple(event for event in ledger if judged.get(event.id) != Verdict.CLOSING)
    return list(_settled(ledger, Waiting(ledger)))


def _settled(ledger: Ledger, waiting: Waiting) -> Iterator[Settlement]:
    settled: Event | None = None
    for event in ledger:
        waiting.take(event)
        is_settled = waiting.threads.all_done and not waiting.open and bool(waiting.turns)
        if is_settled and settled is None:
            settled = event
        elif settled and not is_settled:
            yield Settlement(settled, event)
            settled = None
    if settled is not None:
        yield Settlement(settled)


def _is_chase(event: Event, judged: dict[int, str], waiting: Waiting) -> bool:
    """A chase within a turn is a contact of its own; one that begins a turn is counted with it."""
    return judged[event.id] == Verdict.CHASE and all(turn.started_by != event.id for turn in waiting.turns)
