"""Turns: the customer's words that wait for an answer, and who waits for whom.

A turn begins with a message that nothing of the customer's was waiting before, and ends with the next public words of a
person (or of a bot that the customer accepted) in its thread. Further messages meanwhile belong to the turn: it is the
oldest that counts. A status, an owner, a note or an automatic reply neither begins nor ends a turn.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from beforehand.lib.working import Span, united
from beforehand.service.clocks.ledger import Category, Event, Kind, Ledger, Verdict, verdicts


class How(StrEnum):
    """What ended a clock. Only the first is a person's answer."""

    ANSWERED = "answered"
    BOT = "answered_by_bot"
    NOT_NEEDED = "no_answer_needed"
    DONE = "done"


@dataclass(slots=True)
class Turn:
    """`messages` are the customer's, the oldest first; `ended` is None while nobody has answered."""

    thread: int
    started: int
    messages: list[int]
    ended: int | None = None
    ended_by: int | None = None
    how: str = ""

    @property
    def started_by(self) -> int:
        return self.messages[0]

    def end(self, event: Event, how: str) -> None:
        self.ended, self.ended_by, self.how = event.time, event.id, how


@dataclass(slots=True)
class Threads:
    """Which threads are one by now, and what the status of each means."""

    into: dict[int, int] = field(default_factory=dict)
    categories: dict[int, str] = field(default_factory=dict)

    def root(self, thread: int) -> int:
        seen = {thread}
        while (above := self.into.get(thread)) is not None and above not in seen:
            seen.add(above)
            thread = above
        return thread

    def take(self, event: Event) -> None:
        root = self.root(event.thread)
        if event.kind == Kind.MERGED and event.into is not None and self.root(event.into) != root:
            self.categories.pop(root, None)
            self.into[root] = self.root(event.into)
            root = self.into[root]
        self.categories.setdefault(root, Category.NEW)
        if event.kind == Kind.STATUS:
            self.categories[root] = event.category

    def reopen(self, thread: int) -> None:
        """What the customer writes to is not done any more, whether or not somebody says so."""
        root = self.root(thread)
        if self.categories[root] == Category.DONE:
            self.categories[root] = Category.OPEN

    @property
    def all_done(self) -> bool:
        return bool(self.categories) and set(self.categories.values()) == {Category.DONE}


class Waiting:
    """Takes the events of a ledger one by one, and knows after each which turns there are."""

    def __init__(self, ledger: Ledger) -> None:
        self.turns: list[Turn] = []
        self.threads = Threads()
        self.verdicts = verdicts(ledger)
        self._judged = {event.about: event.id for event in ledger if event.kind == Kind.JUDGED}
        self._accepted = {event.about for event in ledger if event.kind == Kind.BOT_ACCEPTED}
        self._failed = {event.about for event in ledger if event.kind == Kind.UNDELIVERED}

    @property
    def open(self) -> list[Turn]:
        return [turn for turn in self.turns if turn.ended is None]

    def take(self, event: Event) -> None:
        self.threads.take(event)
        if event.kind == Kind.INBOUND_HUMAN and not self._is_thanks(event):
            self._asked(event)
        elif event.kind == Kind.JUDGED and event.verdict == Verdict.CLOSING and self._judged[event.about] == event.id:
            self._needs_no_answer(event)
        elif how := self.answers(event):
            for turn in self._open_in(event.thread):
                turn.end(event, how)

    def answers(self, event: Event) -> str:
        """How an event answers the customer, if it does."""
        if event.id in self._failed:
            return ""
        if event.kind == Kind.OUTBOUND_PUBLIC_HUMAN:
            return How.ANSWERED
        return How.BOT if event.kind == Kind.BOT_MESSAGE and event.id in self._accepted else ""

    def _is_thanks(self, event: Event) -> bool:
        return event.verdict == Verdict.CLOSING == self.verdicts[event.id]

    def _asked(self, event: Event) -> None:
        if self.verdicts[event.id] != Verdict.CLOSING:
            self.threads.reopen(event.thread)
        waiting = self._open_in(event.thread)
        if waiting:
            waiting[0].messages.append(event.id)
        else:
            self.turns.append(Turn(event.thread, event.time, [event.id]))

    def _needs_no_answer(self, event: Event) -> None:
        """From the judgement on nobody waits; what the customer waited until then stays."""
        for turn in self.open:
            if event.about in turn.messages and all(self.verdicts[one] == Verdict.CLOSING for one in turn.messages):
                turn.end(event, How.NOT_NEEDED)

    def _open_in(self, thread: int) -> list[Turn]:
        root = self.threads.root(thread)
        return [turn for turn in self.open if self.threads.root(turn.thread) == root]


def delivered(ledger: Ledger) -> list[Event]:
    """A person's public words that reached the customer, as far as is known."""
    failed = {event.about for event in ledger if event.kind == Kind.UNDELIVERED}
    return [event for event in ledger if event.kind == Kind.OUTBOUND_PUBLIC_HUMAN and event.id not in failed]


def turns_of(ledger: Ledger) -> list[Turn]:
    """The turns in the order in which they began."""
    waiting = Waiting(ledger)
    for event in ledger:
        waiting.take(event)
    return waiting.turns


def wait_of(turns: Iterable[Turn], as_of: int) -> list[Span]:
    """When the ball was with us: the union of the turns, so that merged threads do not count twice."""
    return list(united((turn.started, as_of if turn.ended is None else turn.ended) for turn in turns))


class Who(StrEnum):
    """Who waits for what."""

    CUSTOMER_FOR_ANSWER = "customer_for_answer"
    CUSTOMER_FOR_RESOLUTION = "customer_for_resolution"
    US_FOR_CUSTOMER = "us_for_customer"
    NOBODY = "nobody"


class Waits(NamedTuple):
    """Who waits, since when, and the event since which it is so."""

    who: str
    since: int
    event: int


def who_waits(ledger: Ledger) -> Waits:
    """Whoever waits at the end of the ledger. An unanswered customer waits, whatever the status says."""
    waiting, now = Waiting(ledger), Waits(Who.NOBODY, 0, 0)
    for event in ledger:
        waiting.take(event)
        who = _who(waiting)
        if who != now.who:
            now = Waits(who, event.time, event.id)
    if waiting.open:
        turn = min(waiting.open, key=lambda turn: (turn.started, turn.started_by))
        return Waits(now.who, turn.started, turn.started_by)
    return now


def _who(waiting: Waiting) -> str:
    if waiting.open:
        return Who.CUSTOMER_FOR_ANSWER
    categories = set(waiting.threads.categories.values())
    if categories & {Category.NEW, Category.OPEN, Category.WAITING_US}:
        return Who.CUSTOMER_FOR_RESOLUTION if waiting.turns else Who.NOBODY
    return Who.US_FOR_CUSTOMER if Category.WAITING_CUSTOMER in categories else Who.NOBODY
