"""Ledgers for tests, written as a story: what happened when, in words."""

from datetime import datetime
from zoneinfo import ZoneInfo

from beforehand.lib.fields import to_micros
from beforehand.lib.working import DAY_LONG, HOUR, Calendar, window
from beforehand.service.clocks.clock import Times, case_of, owed
from beforehand.service.clocks.ledger import Category, Event, Kind, Name
from beforehand.service.clocks.policy import Goal, Policy

DAY = 24 * HOUR
OFFICE = Calendar("Europe/Berlin", ((window("09:00", "17:00"),),) * 5 + ((), ()))
AROUND = Calendar("Europe/Berlin", ((DAY_LONG,),) * 7)
TIMES = Times(OFFICE)
WAITING, HOLD = Category.WAITING_CUSTOMER, Category.WAITING_US
POLICY = Policy(
    (
        Goal(Name.FIRST_RESPONSE, 4 * HOUR),
        Goal(Name.NEXT_RESPONSE, 8 * HOUR),
        Goal(Name.RESOLUTION, 16 * HOUR, pauses=(WAITING,)),
    )
)


def at(text):
    """ "16 09:30" is that time of November 2026 in Berlin; the 16th is a Monday."""
    day, _, clock = text.partition(" ")
    moment = datetime.fromisoformat(f"2026-11-{day}T{clock or '09:00'}")
    return to_micros(moment.replace(tzinfo=ZoneInfo("Europe/Berlin")))


class Story:
    """Tells a ledger. Every line is (when, what, and what else the event has); ids are 1, 2, 3, …"""

    def __init__(self, policy=None, times=TIMES):
        self.events, self.policy, self.times = [], policy, times

    def tell(self, when, kind, **more):
        event = Event(len(self.events) + 1, when if isinstance(when, int) else at(when), kind, **more)
        self.events.append(event)
        if self.policy is not None:
            for one in owed(self.events, event, self.policy, self.times):
                self.events.append(one._replace(id=len(self.events) + 1))
        return event.id

    def asks(self, when, **more):
        return self.tell(when, Kind.INBOUND_HUMAN, by="Ana", **more)

    def thanks(self, when, **more):
        return self.asks(when, verdict="closing", **more)

    def answers(self, when, **more):
        return self.tell(when, Kind.OUTBOUND_PUBLIC_HUMAN, by="Ada", **more)

    def bot(self, when, **more):
        return self.tell(when, Kind.BOT_MESSAGE, **more)

    def status(self, when, category, name="", **more):
        return self.tell(when, Kind.STATUS, category=category, status=name or str(category), by="Ada", **more)

    def done(self, when, **more):
        return self.status(when, Category.DONE, **more)

    def case(self, as_of="30 17:00", times=None):
        return case_of(self.events, times or self.times, as_of if isinstance(as_of, int) else at(as_of))

    def clock(self, name, as_of="30 17:00", times=None):
        return self.case(as_of, times).clock(name)


def answered_after(hours, policy=POLICY):
    story = Story(policy)
    asked = at("16 09:00")
    story.asks(asked)
    story.answers(asked + hours * HOUR)
    return story
