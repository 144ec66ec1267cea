"""What began, paused and ended a clock, line by line, for the conversation to show beside it."""

from enum import StrEnum
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from beforehand.service.clocks.ledger import Category, Event, Ledger, Name
from beforehand.service.clocks.targets import Standing
from beforehand.service.clocks.waiting import How, Turn, Who


class What(StrEnum):
    STARTED = "started"
    PAUSED = "paused"
    RESUMED = "resumed"
    BREACHED = "breached"
    ENDED = "ended"


class Line(NamedTuple):
    """One line: when, what, by which event, by whom and why. `detail` is the category of a pause or how it ended; a
    breach has no event, it is a matter of time."""

    time: int
    what: str
    event: int | None = None
    by: str = ""
    why: str = ""
    detail: str = ""


TITLES: dict[str, Promise] = {
    Name.WAIT: _("The customer waited for us"),
    Name.FIRST_RESPONSE: _("The customer waits for a first answer"),
    Name.NEXT_RESPONSE: _("The customer waits for an answer"),
    Name.RESOLUTION: _("The customer waits for it to be done"),
}

WAITS: dict[str, Promise] = {
    Who.CUSTOMER_FOR_ANSWER: _("The customer waits for an answer"),
    Who.CUSTOMER_FOR_RESOLUTION: _("The customer waits for it to be done"),
    Who.US_FOR_CUSTOMER: _("We wait for the customer"),
    Who.NOBODY: _("Nobody waits"),
}

DETAILS: dict[str, Promise] = {
    Category.NEW: _("new"),
    Category.OPEN: _("open"),
    Category.WAITING_CUSTOMER: _("waiting for the customer"),
    Category.WAITING_US: _("waiting for us"),
    How.ANSWERED: _("answered"),
    How.BOT: _("answered by the bot"),
    How.NOT_NEEDED: _("no answer needed"),
    How.DONE: _("done"),
}


def log_of(ledger: Ledger, turn: Turn, standing: Standing | None) -> tuple[Line, ...]:
    """The lines of a clock that began and ended with a turn, in order of time."""
    events, ended = {event.id: event for event in ledger}, turn.ended
    lines = [_line(What.STARTED, events[turn.started_by])]
    if turn.ended_by is not None:
        lines.append(_line(What.ENDED, events[turn.ended_by], turn.how))
    for pause in standing.pauses if standing else ():
        lines.append(_line(What.PAUSED, pause.began, pause.category))
        if pause.ended is not None and (ended is None or pause.ended.time <= ended):
            lines.append(_line(What.RESUMED, pause.ended, pause.category))
    if standing and standing.is_late and standing.due is not None:
        lines.append(Line(standing.due, What.BREACHED))
    return tuple(sorted(lines, key=lambda line: (line.time, ORDER[line.what], line.event or 0)))


ORDER: dict[str, int] = {What.STARTED: 0, What.RESUMED: 1, What.PAUSED: 2, What.BREACHED: 3, What.ENDED: 4}


def _line(what: str, event: Event, detail: str = "") -> Line:
    return Line(event.time, what, event.id, event.by, event.why, detail)
