"""What the clocks are worked out from: the ledger of a case, that is of one conversation and of those merged into it.

Times are microseconds since 1970 in UTC, and so are spans, as in `lib.working`.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What happened. Only a person's public words answer, or a bot's that the customer accepted.

    judged         somebody (or a rule) says of the message in `about`: closing ("thanks!"), chase ("any news?"), or ""
    bot_accepted   the customer says that the bot's message in `about` was the answer
    undelivered    the answer in `about` bounced: it never was one
    handed_over    the bot passes to people
    status         the status has another name or category; `about`: the message that caused it, if one did
    merged         the thread is one with the thread `into` from here on; unmerged: the merge in `about` never was
    target_set     the clock that the event in `about` started has this target
    paused         the clock's target does not run, for the category; resumed: it does again
    """

    INBOUND_HUMAN = "inbound_human"
    INBOUND_AUTO = "inbound_auto"
    OUTBOUND_PUBLIC_HUMAN = "outbound_public_human"
    OUTBOUND_AUTO = "outbound_auto"
    BOT_MESSAGE = "bot_message"
    BOT_ACCEPTED = "bot_accepted"
    HANDED_OVER = "handed_over"
    NOTE = "note"
    JUDGED = "judged"
    UNDELIVERED = "undelivered"
    STATUS = "status"
    OWNER = "owner"
    MERGED = "merged"
    UNMERGED = "unmerged"
    TARGET_SET = "target_set"
    PAUSED = "paused"
    RESUMED = "resumed"


class Category(StrEnum):
    """What a status means, whatever the company calls it."""

    NEW = "new"
    OPEN = "open"
    WAITING_CUSTOMER = "waiting_customer"
    WAITING_US = "waiting_us"
    DONE = "done"


class Name(StrEnum):
    """The clocks."""

    WAIT = "wait"
    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"


class Verdict(StrEnum):
    """What a customer's message is, where it is not simply one to be answered."""

    CLOSING = "closing"
    CHASE = "chase"


class Target(NamedTuple):
    """A goal as it was when its clock began. `calendar`: the version of the working time that it is counted in; empty
    when every second counts. `due`: by when, as long as nothing pauses. `pauses`: the categories that stop it."""

    clock: str
    span: int
    due: int
    policy: str
    calendar: str = ""
    pauses: tuple[str, ...] = ()


class Event(NamedTuple):
    """One line of the ledger. `id` is its touchpoint's sequence number; `by` who did it, `why` in their words."""

    id: int
    time: int
    kind: str
    thread: int = 0
    channel: str = ""
    by: str = ""
    why: str = ""
    about: int | None = None
    into: int | None = None
    verdict: str = ""
    status: str = ""
    category: str = ""
    clock: str = ""
    target: Target | None = None


Ledger = tuple[Event, ...]
CLOCK_EVENTS = frozenset({Kind.TARGET_SET, Kind.PAUSED, Kind.RESUMED})


def ledger_of(events: Iterable[Event], as_of: int | None = None) -> Ledger:
    """The events up to a moment in order, each once; what was taken back is gone: a merge that was undone, and what a
    message that only said thanks did to the status."""
    known = {event.id: event for event in events if as_of is None or event.time <= as_of}
    ordered = sorted(known.values(), key=lambda event: (event.time, event.id))
    undone = {event.about for event in ordered if event.kind == Kind.UNMERGED}
    closing = {message for message, verdict in verdicts(ordered).items() if verdict == Verdict.CLOSING}
    return tuple(
        event
        for event in ordered
        if not (event.kind == Kind.MERGED and event.id in undone)
        and not (event.kind == Kind.STATUS and event.about in closing and event.category != Category.DONE)
    )


def verdicts(ledger: Iterable[Event]) -> dict[int, str]:
    """What each of the customer's messages was judged to be, by the last judgement."""
    found: dict[int, str] = {}
    for event in ledger:
        if event.kind == Kind.INBOUND_HUMAN:
            found[event.id] = event.verdict
        elif event.kind == Kind.JUDGED and event.about in found:
            found[event.about] = event.verdict
    return found
