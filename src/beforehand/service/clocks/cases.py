"""The ledger of a case out of its rows, its clocks, and the rows that show them.

A case is a head with all that was merged into it. What follows from the ledger (`ClockRow`, who waits, what is due) is
worked out as of the last event, so that a rebuild gives what live work gave.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from beforehand.lib import rows
from beforehand.lib.fields import from_micros, to_micros
from beforehand.lib.working import Calendar
from beforehand.service.clocks import calendars
from beforehand.service.clocks.clock import Case, Clock, Times, case_of
from beforehand.service.clocks.ledger import Event, Kind, Name, Target, ledger_of
from beforehand.service.clocks.resolution import Settlement, settlements
from beforehand.service.clocks.targets import State
from beforehand.service.clocks.waiting import Who, delivered, who_waits
from beforehand.service.models import ClockRow, Conversation, LedgerEntry, Message
from beforehand.service.vocabulary import OPENED

KINDS = frozenset(Kind)
EVENT_DATA = ("by", "why", "about", "into", "verdict", "status", "category", "clock")
SETTLED = "settled"
DUE = frozenset({State.RUNNING, State.OVERDUE})


def micros(moment: Any) -> int:
    return to_micros(moment) if isinstance(moment, datetime) else int(moment)


class Past(NamedTuple):
    """What was said in a case, and the version of the working time in which it was opened."""

    events: Sequence[Event] = ()
    opened_in: str = ""


NOTHING = Past()


def entries(head: Conversation) -> list[LedgerEntry]:
    """Everything that was said in a head and in those merged into it, in order."""
    conversations = f'select %s union all select "id" from "{Conversation._meta.db_table}" where "head_id" = %s'
    where = f'"conversation_id" in ({conversations}) order by "time", "id"'
    return rows.found(LedgerEntry, where, head.pk, head.pk)


def past(head: Conversation) -> Past:
    said = entries(head)
    opened = [entry for entry in said if entry.kind == OPENED and entry.conversation_id == head.pk]
    first = min(opened, key=lambda entry: entry.pk, default=None)
    version = first.data.get("calendar", "") if first else ""
    return Past([event_of(entry) for entry in said if entry.kind in KINDS], version)


def waiting_in(ledger: Sequence[Event]) -> bool:
    """Whether a customer waits for an answer at the end of a ledger."""
    return bool(ledger) and who_waits(ledger_of(ledger)).who == Who.CUSTOMER_FOR_ANSWER


def has_answer(ledger: Sequence[Event]) -> bool:
    return bool(delivered(ledger_of(ledger)))


def unheard(head: Conversation, ledger: Sequence[Event], but: int = 0) -> bool:
    """Whether no customer has written so far, not even in what an archive brought. `but`: a message that counts for
    nothing."""
    if any(event.kind == Kind.INBOUND_HUMAN for event in ledger):
        return False
    members = Conversation.objects.of_case(head.pk)
    return not Message.objects.filter(conversation__in=members, kind=Message.Kind.INBOUND).exclude(pk=but).exists()


def event_of(entry: LedgerEntry) -> Event:
    data: dict[str, Any] = entry.data
    target = data.get("target")
    return Event(
        id=entry.pk,
        time=micros(entry.time),
        kind=Kind(entry.kind) if entry.kind in KINDS else entry.kind,
        thread=entry.conversation_id,
        channel=entry.channel,
        target=Target(**(target | {"pauses": tuple(target["pauses"])})) if target else None,
        **{key: data[key] for key in EVENT_DATA if key in data},
    )


def data_of(event: Event) -> dict[str, Any]:
    """What a ledger row holds of an event beside its columns."""
    found = {key: value for key in EVENT_DATA if (value := getattr(event, key)) not in (None, "")}
    if event.target is not None:
        found["target"] = event.target._asdict() | {"pauses": list(event.target.pauses)}
    return found


def calendars_in(ledger: Iterable[Event]) -> dict[str, Calendar]:
    """The calendars that the targets of a ledger name."""
    return calendars.by_version(event.target.calendar for event in ledger if event.target is not None)


def times(head: Conversation, past: Past) -> Times:
    """The working time of a case is that in which it was opened; each target brings its own."""
    named = {event.target.calendar for event in past.events if event.target is not None}
    found = calendars.by_version({*named, past.opened_in})
    usual = found.get(past.opened_in) or calendars.calendar_for(None, calendars.team(head.team_id))
    return Times(usual, found)


def case(conversation: Conversation, as_of: int | None = None) -> Case:
    """The clocks of a conversation's case, with their logs; as of its last event when no moment is given."""
    head = conversation.head or conversation
    before = past(head)
    last = max((event.time for event in before.events), default=0)
    return case_of(before.events, times(head, before), last if as_of is None else as_of)


def settle(head: Conversation, before: Past, is_new: bool = False) -> None:
    """Set the row's answers to “who waits?” and “by when?”, and the rows of its clocks. The head is saved by the
    caller. `is_new`: it has no clocks yet."""
    ledger = before.events
    at_desk = head.kept == Conversation.Kept.DESK
    found: Case | None = None
    if at_desk and any(event.kind == Kind.INBOUND_HUMAN for event in ledger):
        found = case_of(ledger, times(head, before), max(event.time for event in ledger))
    _tell(head, found)
    if found is not None or not is_new:
        keep(head, found, ledger, is_new)


def _tell(head: Conversation, found: Case | None) -> None:
    waits = found is not None and found.waits.who == Who.CUSTOMER_FOR_ANSWER
    head.waiting_since = from_micros(found.waits.since) if found and waits else None
    running = [clock for clock in found.clocks if _is_due(clock)] if found else []
    first = min(running, key=lambda clock: _due(clock), default=None)
    head.due = from_micros(_due(first)) if first else None
    head.due_clock = first.name if first else ""


def _is_due(clock: Clock) -> bool:
    return clock.standing is not None and clock.standing.due is not None and clock.standing.state in DUE


def _due(clock: Clock) -> int:
    assert clock.standing is not None and clock.standing.due is not None
    return clock.standing.due


def keep(head: Conversation, found: Case | None, ledger: Sequence[Event], is_new: bool = False) -> None:
    """Write the rows of the clocks, and only what differs."""
    wanted = {(row.name, row.started_by): row for row in _rows(head, found, ledger)}
    kept = [] if is_new else rows.found(ClockRow, "conversation_id = %s", head.pk)
    there = {(row.name, row.started_by): row for row in kept}
    gone = [row.pk for key, row in there.items() if key not in wanted]
    if gone:
        ClockRow.objects.filter(pk__in=gone).delete()
    differing = [row for key, row in wanted.items() if key not in there or _values(there[key]) != _values(row)]
    rows.put_over(differing, "conversation", "name", "started_by")


def _rows(head: Conversation, found: Case | None, ledger: Sequence[Event]) -> list[ClockRow]:
    made = []
    channels = {event.id: event.channel for event in ledger}
    for clock in found.clocks if found else ():
        standing = clock.standing
        made.append(
            ClockRow(
                conversation=head,
                identifier=head.identifier_id,
                name=clock.name,
                started=clock.started,
                started_by=clock.started_by,
                ended=clock.ended,
                ended_by=clock.ended_by,
                how=clock.how,
                elapsed=clock.elapsed if clock.ended is not None else 0,
                working=clock.working if clock.ended is not None else 0,
                with_bot=clock.with_bot,
                calendar=clock.calendar,
                span=standing.target.span if standing else None,
                due=standing.due if standing else None,
                state=standing.state if standing else "",
                policy=standing.target.policy if standing else "",
                channel=channels.get(clock.started_by, ""),
                team=head.team_id,
                contacts=found.resolution.contacts if found and clock.name == Name.RESOLUTION else 0,
                channels=found.resolution.channels if found and clock.name == Name.RESOLUTION else 0,
            )
        )
    if found is not None:
        made += [_settlement(head, one) for one in settlements(ledger_of(ledger))]
    return made


def _settlement(head: Conversation, one: Settlement) -> ClockRow:
    back = one.unsettled
    spent = back.time - one.settled.time if back else 0
    return ClockRow(
        conversation=head,
        identifier=head.identifier_id,
        name=SETTLED,
        started=one.settled.time,
        started_by=one.settled.id,
        ended=back.time if back else None,
        ended_by=back.id if back else None,
        how="" if back is None else "customer" if back.kind == Kind.INBOUND_HUMAN else "us",
        elapsed=spent,
        working=0,
        channel=back.channel if back else "",
        team=head.team_id,
    )


def _values(row: ClockRow) -> list[Any]:
    values = [getattr(row, field.attname) for field in ClockRow._meta.concrete_fields if field.attname != "id"]
    return [micros(value) if isinstance(value, datetime) else value or 0 for value in values]
