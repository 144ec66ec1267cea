"""What comes in: raw bytes on disk first, understood afterwards, in steps that can be done again.

Nothing is dropped. What cannot be placed waits in quarantine with its reason; what fails is tried again, less and less
often, and then waits as well.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from beforehand.channels import files, reading
from beforehand.channels.email import apart
from beforehand.channels.email.parsed import Parsed
from beforehand.channels.models import Arrival, Mailbox
from beforehand.lib.fields import to_micros
from beforehand.lib.kept import forget_all
from beforehand.lib.trouble import Trouble
from beforehand.lib.turns import in_line, redoable
from beforehand.team.models import AuditEntry, Member

State, Origin = Arrival.State, Arrival.Origin
LEASE = timedelta(minutes=5)
BACK_OFF = [timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480, 1440)]
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
WAITING = (State.STORED, State.FAILED)
TOGETHER = 4
MOST_BYTES = 32 << 20
Parser = Callable[[Sequence[apart.Job]], Iterator[Parsed]]
Waiting = tuple[Arrival, Parsed | Exception]
log = logging.getLogger(__name__)


class Came(NamedTuple):
    """One thing from outside. `place`: where it came from within its door, the same each time it is fetched."""

    place: str
    raw: bytes
    received: datetime | None = None


def arrive(
    door: str,
    place: str,
    raw: bytes,
    mailbox: Mailbox | None = None,
    origin: str = Origin.LIVE,
    received: datetime | None = None,
) -> Arrival:
    """Keep what came. It is on disk when this returns; the same place twice is one row."""
    return arrive_all(door, [Came(place, raw, received)], mailbox, origin)[0]


def arrive_all(
    door: str, came: Sequence[Came], mailbox: Mailbox | None = None, origin: str = Origin.LIVE
) -> list[Arrival]:
    """Several at once, in one transaction: all or none."""
    if mailbox is not None and mailbox.state == Mailbox.State.WATCHING and origin == Origin.LIVE:
        origin = Origin.SHADOW
    digests = [files.lay_down(one.raw) for one in came]
    now = timezone.now()
    turn = int(origin == Origin.ARCHIVE)  # What comes now is read before what is old.
    with in_line(), transaction.atomic():
        raws = files.keep_all({digest: len(one.raw) for digest, one in zip(digests, came, strict=True)})
        Arrival.objects.bulk_create(
            [
                Arrival(
                    door=door,
                    mailbox=mailbox,
                    place=one.place[:300],
                    origin=origin,
                    raw=raws[digest],
                    received=one.received or now,
                    next_try=turn,
                )
                for digest, one in zip(digests, came, strict=True)
            ],
            ignore_conflicts=True,
        )
        places = [one.place[:300] for one in came]
        there = Arrival.objects.filter(door=door, mailbox=mailbox, place__in=places).select_related("mailbox", "raw")
        kept = {arrival.place: arrival for arrival in there}
    return [kept[place] for place in places]


def read_due(limit: int = 50, parser: Parser = apart.here) -> int:
    """Understand and place what waits, oldest first; how many were dealt with."""
    due = _claim(limit)
    waiting = _parsed(due, parser)
    # Where many may write at once, whoever holds several conversations may wait for whoever holds others.
    together = 1 if connection.features.has_select_for_update else TOGETHER
    with redoable():  # The bytes are kept, and whatever leaves because of them is on disk before it does.
        while portion := list(islice(waiting, together)):
            _read_together(portion)
    return len(due)


def _parsed(due: Sequence[Arrival], parser: Parser) -> Iterator[Waiting]:
    """Each with its mail; where parsing failed or ended the parser, with the reason, and the rest in a new one."""
    rest = list(due)
    while rest:
        try:
            for mail in parser([reading.job(arrival) for arrival in rest]):
                reading.lay_down(mail)
                yield rest.pop(0), mail
        except Exception as error:
            yield rest.pop(0), error


def _read_together(portion: Sequence[Waiting]) -> None:
    """Several in one transaction, each in a savepoint; where all of it fails, each by itself."""
    if len(portion) == 1:
        read(*portion[0])
        return
    try:
        with in_line(), transaction.atomic():
            for one in portion:
                read(*one)
    except Exception:
        log.exception("Mails could not be placed together; each is placed by itself.")
        forget_all()
        for one in portion:
            read(*one)


def _claim(limit: int) -> list[Arrival]:
    """Due rows, ours for the time of a lease. What was tried before goes alone: it may have ended the program."""
    now = timezone.now()
    with in_line(), transaction.atomic():
        waiting = Arrival.objects.filter(state__in=WAITING, next_try__lte=to_micros(now)).order_by("next_try", "id")
        rows = list(waiting.select_for_update(skip_locked=True, of=("self",)).select_related("mailbox", "raw")[:limit])
        tried = [row for row in rows if row.tries]
        rows = tried[:1] or _not_too_large(rows)
        for row in rows:
            row.tries, row.next_try = row.tries + 1, now + LEASE
        claimed = Arrival.objects.filter(pk__in=[row.pk for row in rows])
        claimed.update(tries=F("tries") + 1, next_try=to_micros(now + LEASE))
    return rows


def _not_too_large(rows: Sequence[Arrival]) -> list[Arrival]:
    """As many as fit into memory at once; a very large one alone."""
    sizes = accumulate(row.raw.size for row in rows)
    return [row for place, (row, size) in enumerate(zip(rows, sizes, strict=True)) if not place or size <= MOST_BYTES]


def read(arrival: Arrival, mail: Parsed | Exception | None = None) -> Arrival:
    """Understand one and find its place. An error leaves it waiting with its reason. `mail`: what parsing gave."""
    try:
        if isinstance(mail, Exception):
            raise mail
        return reading.read(arrival, mail)
    except Exception as error:
        log.exception("Arrival %s could not be placed; it is tried again.", arrival.pk)
        forget_all()  # What was remembered meanwhile is taken back with the rest.
        arrival.refresh_from_db()
        arrival.state, arrival.reason = State.FAILED, f"{type(error).__name__}: {error}"[:80]
        over = arrival.tries > len(BACK_OFF)
        arrival.next_try = NEVER if over else timezone.now() + BACK_OFF[max(arrival.tries, 1) - 1]
        arrival.save(update_fields=["state", "reason", "next_try"])
        return arrival


def again(arrival: Arrival, by: Member | None = None) -> Arrival:
    """Process once more, from the raw bytes, at once."""
    if arrival.state in {State.PLACED, State.REPEAT}:
        raise Trouble(_("It is in a conversation already."))
    if arrival.mailbox is not None and arrival.mailbox.state == Mailbox.State.LIVE and arrival.origin == Origin.SHADOW:
        arrival.origin = Origin.LIVE
    return _anew(arrival, "processed again", by)


def take_in(arrival: Arrival, by: Member | None = None) -> Arrival:
    """Place what came while the mailbox only watched, as if it came now."""
    if arrival.state != State.SHOWN:
        raise Trouble(_("Only what was shown can be taken in."))
    if arrival.mailbox is not None and arrival.mailbox.state != Mailbox.State.LIVE:
        raise Trouble(_("The mailbox still only watches. Make it live first."))
    arrival.origin = Origin.LIVE
    return _anew(arrival, "took in", by)


def take_in_all(mailbox: Mailbox, by: Member | None = None) -> int:
    """Everything that was shown, oldest first, by the worker."""
    with transaction.atomic():
        shown = Arrival.objects.filter(mailbox=mailbox, state=State.SHOWN)
        count = shown.update(state=State.STORED, origin=Origin.LIVE, tries=0, next_try=0)
        if count:
            AuditEntry.note("took in", f"mailbox {mailbox.address}", by, mails=count)
    return count


def leave_all(mailbox: Mailbox, by: Member | None = None) -> int:
    """Everything that was shown stays out of the desk: discarded, as a member may discard each."""
    with transaction.atomic():
        count = Arrival.objects.filter(mailbox=mailbox, state=State.SHOWN).update(state=State.DISCARDED)
        if count:
            AuditEntry.note("left", f"mailbox {mailbox.address}", by, mails=count)
    return count


def put(arrival: Arrival, conversation: int | None, by: Member) -> Arrival:
    """Place by hand: into a conversation, or into a new one."""
    if arrival.state in {State.PLACED, State.REPEAT}:
        raise Trouble(_("It is in a conversation already."))
    arrival = reading.place_by_hand(arrival, conversation, by)
    AuditEntry.note("placed", f"arrival {arrival.pk}", by, conversation=arrival.evidence.get("conversation"))
    return arrival


def discard(arrivals: Iterable[Arrival], by: Member | None = None) -> int:
    """Put aside what waits. Its bytes stay, and it can be processed again."""
    count = 0
    for arrival in arrivals:
        if arrival.state in {State.QUARANTINE, State.FAILED, State.SHOWN}:
            arrival.state = State.DISCARDED
            arrival.save(update_fields=["state"])
            AuditEntry.note("discarded", f"arrival {arrival.pk}", by, sender=arrival.sender)
            count += 1
    return count


def _anew(arrival: Arrival, verb: str, by: Member | None) -> Arrival:
    arrival.state, arrival.tries, arrival.next_try = State.STORED, 1, timezone.now() + LEASE
    arrival.save(update_fields=["state", "tries", "next_try", "origin"])
    AuditEntry.note(verb, f"arrival {arrival.pk}", by)
    return read(arrival)
