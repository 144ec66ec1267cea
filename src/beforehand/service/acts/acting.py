"""Doing something in a conversation: touchpoint, ledger, clocks and rows, all in one transaction.

Every verb opens an `act`, says what happened with `add`, and when the act ends the ledger's rows are written, and the
head's row, clocks and notifications are what they say. What the ledger owes because of it (targets, pauses) is said at
once.
"""

import json
import time as clock
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Q

from beforehand.journey.noting import room
from beforehand.journey.record import Row, number
from beforehand.lib import bus, rows
from beforehand.lib.fields import to_micros
from beforehand.lib.turns import in_line, take_turn
from beforehand.lib.working import Calendar
from beforehand.service import notifying, vocabulary
from beforehand.service.clocks import calendars, cases
from beforehand.service.clocks.clock import Times, owed
from beforehand.service.clocks.ledger import Event, Kind
from beforehand.service.clocks.policy import Policy
from beforehand.service.models import Conversation, LedgerEntry, Message
from beforehand.team.models import Member

CLOCKS_READ = frozenset(Kind)
OWING = frozenset({Kind.INBOUND_HUMAN, Kind.JUDGED, Kind.STATUS, Kind.HANDED_OVER, Kind.UNDELIVERED})
"""After these the ledger may owe a target, a pause or the end of one."""
SNIPPET = 500


class Said(NamedTuple):
    """A line of the ledger on its way: `data` is what `LedgerEntry.data` holds, `shown` what the touchpoint says
    besides."""

    kind: str
    time: int
    thread: int
    data: dict[str, Any]
    message: int | None = None
    channel: str = ""
    name: str = ""
    identifier: int | None = None
    actor: str = "company"
    shown: dict[str, Any] = {}


def now() -> int:
    return clock.time_ns() // 1000


class Act:
    """What is being done. `conversation` is whom the verb was called on, `head` the one that leads it."""

    def __init__(
        self, conversation: Conversation, head: Conversation, by: Member | None, before: cases.Past = cases.NOTHING
    ) -> None:
        self.conversation, self.head, self.by = conversation, head, by
        self.is_new = before is cases.NOTHING
        self.events, self.opened_in = list(before.events), before.opened_in
        self._said: list[LedgerEntry] = []
        self._filled: dict[Message, set[str]] = {}
        self._aims: dict[tuple[int | None, int], tuple[Policy, Calendar]] = {}

    def add(
        self,
        kind: str,
        *,
        time: int | datetime | None = None,
        message: int | None = None,
        channel: str = "",
        name: str = "",
        identifier: int | None = None,
        actor: str = "company",
        thread: int | None = None,
        shown: dict[str, Any] | None = None,
        **data: Any,
    ) -> int:
        """Say what happened; gives the number of its touchpoint. `data`: about, into, verdict, category, why, …"""
        moment = now() if time is None else to_micros(time) if isinstance(time, datetime) else time
        if self.by is not None and actor == "company":
            data = {"by": str(self.by), "member": self.by.pk} | data
        data = {key: value for key, value in data.items() if value not in (None, "")}
        thread = thread or self.conversation.pk
        said = Said(kind, moment, thread, data, message, channel, name, identifier, actor, shown or {})
        (entry,) = self._write([said])
        self.opened_in = self.opened_in or (data.get("calendar", "") if kind == vocabulary.OPENED else "")
        if kind in CLOCKS_READ:
            self._owe(cases.event_of(entry))
        return entry.pk

    def note(
        self, name: str, time: datetime, identifier: int | None, actor: str, shown: dict[str, Any], channel: str = ""
    ) -> int:
        """A touchpoint that is no line of the ledger."""
        said = Said("", to_micros(time), self.conversation.pk, {}, None, channel, name, identifier, actor, shown)
        (touchpoint,) = number([self._row(said)])
        self.head.through = max(touchpoint, self.head.through)
        return touchpoint

    def fill(self, message: Message, **values: Any) -> None:
        """Set these fields of a message that is a row already; they are written when the act ends."""
        for name, value in values.items():
            setattr(message, name, value)
        self._filled.setdefault(message, set()).update(values)

    def _owe(self, event: Event) -> None:
        """What the ledger must say because of an event. Conversations that are not at the desk owe nothing."""
        self.events.append(event)
        if self.head.kept != Conversation.Kept.DESK or event.kind not in OWING:
            return
        policy, calendar = self.aim()
        found = owed(self.events, event, policy, Times(calendar, cases.calendars_in(self.events)))
        lines = [Said(one.kind, one.time, one.thread, cases.data_of(one), actor="system") for one in found]
        self.events += [cases.event_of(entry) for entry in self._write(lines)]

    def aim(self) -> tuple[Policy, Calendar]:
        """What we aim at in this conversation, and in whose hours."""
        facts = (self.head.team_id, self.head.priority)
        if facts not in self._aims:
            row = calendars.fitting(self.head)
            team = calendars.team(self.head.team_id)
            self._aims[facts] = calendars.policy_of(row), calendars.calendar_for(row, team)
        return self._aims[facts]

    def _write(self, lines: Sequence[Said]) -> list[LedgerEntry]:
        if not lines:
            return []
        ids = number([self._row(said) for said in lines])
        entries = [
            LedgerEntry(
                id=id,
                conversation_id=said.thread,
                time=said.time,
                kind=said.kind,
                channel=said.channel,
                message=said.message,
                data=said.data,
            )
            for id, said in zip(ids, lines, strict=True)
        ]
        self._said += entries
        self.head.through = self.conversation.through = max(*ids, self.head.through)
        return entries

    def _row(self, said: Said) -> Row:
        """The touchpoint, with everything that the ledger is made again from."""
        name = said.name or vocabulary.NAMES[said.kind]
        aside = self.head.about_id is not None or self.head.kept == Conversation.Kept.SPAM
        if aside and not name.startswith("$"):
            name = f"${name}"  # A supplier's answer is no part of a customer's journey, and spam of nobody's.
        desk = {"kind": said.kind, "channel": said.channel, "message": said.message, **said.data}
        properties: dict[str, Any] = {"conversation": said.thread, **said.shown}
        if said.kind:
            properties["desk"] = {key: value for key, value in desk.items() if value is not None}
        identifier = said.identifier or self.conversation.identifier_id
        text = json.dumps(properties, ensure_ascii=False, separators=(",", ":"))
        key, channel = str(uuid.uuid4()), said.channel or self.conversation.channel
        return Row(room(), key, identifier, name, said.time, now(), channel, "", said.actor, text)

    def finish(self) -> None:
        """Bring rows, clocks and notifications to where the ledger is, and tell who listens."""
        head = self.head
        rows.put(self._said)
        for message, names in self._filled.items():
            rows.replace(message, *sorted(names))
        head.through = max([head.through, *(event.id for event in self.events)])
        head.changed = self.conversation.changed = now()
        cases.settle(head, cases.Past(self.events, self.opened_in), self.is_new)
        rows.replace(head)
        if self.conversation is not head:
            self.conversation.waiting_since = self.conversation.due = None
            self.conversation.due_clock = ""
            rows.replace(self.conversation)
        notifying.follow(head, self.by, self.is_new)
        bus.emit("conversation.changed", conversation=head)


@contextmanager
def act(conversation: Conversation, by: Member | None = None, whole: bool = False) -> Iterator[Act]:
    """The conversation as it is now, held to the end of the transaction; whoever called sees what became of it.
    `whole`: where it fails, the transaction around it is given up too, so it needs no savepoint."""
    with in_line(), transaction.atomic(savepoint=not whole):
        held = _held(conversation)
        renew(conversation, held[conversation.pk])
        head = held[conversation.head_id] if conversation.head_id else conversation
        doing = Act(conversation, head, by, cases.past(head))
        with alone(head.pk):
            yield doing
        doing.finish()


_under_way: ContextVar[frozenset[int]] = ContextVar("_under_way", default=frozenset())


class Nested(RuntimeError):
    """An act inside an act on the same conversation would save over what the inner one did."""


@contextmanager
def alone(head: int | None) -> Iterator[None]:
    under_way = _under_way.get()
    if head in under_way:
        raise Nested(f"conversation {head}")
    token = _under_way.set(under_way | {head} if head else under_way)
    try:
        yield
    finally:
        _under_way.reset(token)


def _held(conversation: Conversation) -> dict[int, Conversation]:
    """A conversation and the one that leads it: mostly whichever did when the caller read it.

    The turn comes before the rows: who waits for it while holding one, and who holds it and waits for that row, would
    wait for ever. What an act says is numbered in turn anyhow.
    """
    take_turn()
    locked = " for update" if connection.features.has_select_for_update else ""
    known = [conversation.pk, conversation.head_id or conversation.pk]
    held = {one.pk: one for one in rows.found(Conversation, f"id in (%s, %s) order by id{locked}", *known)}
    if conversation.pk not in held:
        raise Conversation.DoesNotExist(f"#{conversation.pk}")
    return held if held[conversation.pk].head_id in {None, *held} else hold([conversation.pk])


def hold(numbers: Sequence[int]) -> dict[int, Conversation]:
    """These conversations and those that lead them, in turn, locked in the order of their numbers."""
    take_turn()
    wanted = Conversation.objects.filter(Q(pk__in=numbers) | Q(members__in=numbers)).order_by().values("pk")
    return {one.pk: one for one in Conversation.objects.select_for_update().filter(pk__in=wanted).order_by("pk")}


def renew(conversation: Conversation, fresh: Conversation) -> None:
    """Take over every value of a row that was read again. Who writes stays who it is, so that is kept if known."""
    known = conversation._state.fields_cache.get("identifier")
    for field in Conversation._meta.concrete_fields:
        setattr(conversation, field.attname, getattr(fresh, field.attname))
    conversation._state.fields_cache.clear()
    if known is not None and known.pk == conversation.identifier_id:
        conversation.identifier = known


@contextmanager
def opening(conversation: Conversation, by: Member | None = None, whole: bool = False) -> Iterator[Act]:
    """The act in which a conversation begins: it is saved first. `whole`: as in `act`."""
    with in_line(), transaction.atomic(savepoint=not whole):
        rows.put([conversation])
        doing = Act(conversation, conversation, by)
        with alone(conversation.pk):
            yield doing
        doing.finish()
