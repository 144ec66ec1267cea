"""Looking for what is new: conversations that changed, who is there, chat that has just left us."""

import time
from typing import Any, NamedTuple

from django.db.models import Max, QuerySet

from beforehand.channels.models import Outgoing
from beforehand.lib.fields import to_micros
from beforehand.lib.live import Stillness
from beforehand.lib.prepared import Prepared, listed, numbers
from beforehand.service.clocks.ledger import Kind
from beforehand.service.models import Conversation, LedgerEntry, Notification, Presence

MOST = 500
MOVES = ("team", "owner", Kind.MERGED, Kind.UNMERGED)
LATE_MICROS = 5_000_000
COLUMNS = ("pk", "through", "last_by", "identifier", "identifier__customer")


class Changed(NamedTuple):
    """A conversation, what it goes through, who spoke last, and whose it is."""

    id: int
    through: int
    last_by: str
    identifier: int
    customer: int


class Sighted(NamedTuple):
    """Who is there, under the id that `presence.note` was given."""

    who: str
    name: str
    typing: bool


class News(NamedTuple):
    """`changed` in the order of their ids. `present`: for each conversation in which it changed, who is there now.
    `owners`: whose conversation it is, for those in `present`: (identifier, customer). `told`: members with
    notifications on what changed. `everything`: more changed than is named here. `moved`: what has another team, owner
    or case than before, so that some may reach it no more."""

    changed: tuple[Changed, ...] = ()
    present: dict[int, tuple[Sighted, ...]] = {}
    owners: dict[int, tuple[int, int]] = {}
    told: frozenset[int] = frozenset()
    everything: bool = False
    moved: frozenset[int] = frozenset()


class Look:
    """Looks whether there is something new since the last look."""

    def __init__(self) -> None:
        self.stillness = Stillness()
        self.through = last_through()
        self.present: dict[int, tuple[Sighted, ...]] = {}
        self.next_end = 0
        self.left: set[int] = set(_left_lately())

    def news(self) -> News | None:
        """SQLite alone can tell for nothing that nobody wrote; then only those who left in silence are looked for."""
        now = time.time_ns() // 1000
        if self.stillness.holds() and (not self.next_end or now < self.next_end):
            return None
        before = self.through
        changed = self._changed()
        everything = len(changed) > MOST
        present, owners = self._present(now)
        if not changed and not present:
            return None
        ids = [one.id for one in changed]
        return News(tuple(changed[:MOST]), present, owners, _told(ids), everything, _moved(ids, before))

    def _changed(self) -> list[Changed]:
        rows = changed_since(self.through)
        self.through = max([self.through, *(row.through for row in rows)])
        left = set(_left_lately())
        if new := left - self.left:
            named = {row.id for row in rows}
            rows += [
                row for row in _rows(Conversation.objects.filter(messages__outgoing__in=new)) if row.id not in named
            ]
        self.left = left
        return rows

    def _present(self, now: int) -> tuple[dict[int, tuple[Sighted, ...]], dict[int, tuple[int, int]]]:
        """Who is there, for the conversations in which that changed."""
        found: dict[int, list[Sighted]] = {}
        owners: dict[int, tuple[int, int]] = {}
        ends = []
        for conversation_id, who, name, typing, until, identifier, customer in _there(now):
            found.setdefault(conversation_id, []).append(Sighted(who, name, bool(typing)))
            owners[conversation_id] = (identifier, customer)
            ends.append(to_micros(until))
        after = {one: tuple(there) for one, there in found.items()}
        news = {one: after.get(one, ()) for one in {*after, *self.present} if after.get(one) != self.present.get(one)}
        gone = [one for one in news if one not in owners]
        if gone:
            owners |= {one: (a, b) for one, a, b in Conversation.objects.filter(pk__in=gone).values_list(
                "pk", "identifier", "identifier__customer")}  # fmt: skip
        self.present, self.next_end = after, min(ends, default=0)
        return news, owners


def _told(conversations: list[int]) -> frozenset[int]:
    return frozenset(one for (one,) in _notified(listed(conversations))) if conversations else frozenset()


def _moved(conversations: list[int], after: int) -> frozenset[int]:
    return frozenset(one for (one,) in _moves(after, listed(conversations))) if conversations else frozenset()


def last_through() -> int:
    return Conversation.objects.aggregate(most=Max("through"))["most"] or 0


def changed_since(through: int) -> list[Changed]:
    """What changed after a touchpoint, in its order; one more than is told at most."""
    return [Changed(*row) for row in _after(through)]


def _rows(found: QuerySet[Conversation]) -> list[Changed]:
    return [Changed(*row) for row in found.values_list(*COLUMNS)]


def _left_lately() -> list[int]:
    """Chat messages that left in the last seconds: one that was written for later changes nothing else when it goes."""
    since = time.time_ns() // 1000 - LATE_MICROS
    return [one for (one,) in _left_since(since)]


# Asked ten times a second.
_after: Prepared[Any] = Prepared(
    lambda through: (
        Conversation.objects.filter(through__gt=through).order_by("through").values_list(*COLUMNS)[: MOST + 1]
    ),
    int,
)
_left_since: Prepared[Any] = Prepared(
    lambda since: Outgoing.objects.filter(sent__gt=since, channel="chat").values_list("pk")[:MOST], int
)
_there: Prepared[Any] = Prepared(
    lambda now: Presence.objects.filter(until__gt=now).order_by("who").values_list(
        "conversation", "who", "name", "typing", "until", "conversation__identifier",
        "conversation__identifier__customer",
    ),
    int,
)  # fmt: skip
_notified: Prepared[Any] = Prepared(
    lambda conversations: Notification.objects.filter(
        conversation__in=numbers(conversations), seen=None
    ).values_list("member"),
    str,
)  # fmt: skip
_moves: Prepared[Any] = Prepared(
    lambda after, conversations: LedgerEntry.objects.filter(
        pk__gt=after, kind__in=MOVES, conversation__in=numbers(conversations)
    ).values_list("conversation"),
    int, str,
)  # fmt: skip
