"""The one door by which anything leaves for a customer.

Nobody gets a message twice. What is handed over is first marked on disk as leaving, recipient by recipient; if the
worker dies before the answer is on disk too, nobody knows whether it was taken, and a person decides (`unknown`). All
that fails before that mark is tried again.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from beforehand.channels import brake, guards
from beforehand.channels.delivering import bounced, progress
from beforehand.channels.email.outward import Mail
from beforehand.channels.models import Delivery, Mailbox, Outgoing
from beforehand.channels.push.outward import Push
from beforehand.channels.sending import Fetched, NotNow, Result, Way
from beforehand.customers.models import Identifier
from beforehand.lib import bus, rows
from beforehand.lib.fields import to_micros
from beforehand.lib.prepared import Prepared
from beforehand.team.models import Member

__all__ = ["accept", "bounced", "progress", "send", "send_again", "step", "take_back"]

WAYS: dict[str, Way] = {"email": Mail(), "chat": Fetched(), "push": Push()}
LEASE = timedelta(minutes=15)
BACK_OFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 240, 240, 480, 480, 480, 720)]
State, Standing = Outgoing.State, Delivery.State
log = logging.getLogger(__name__)


_by_key = Prepared(lambda key: Outgoing.objects.filter(key=key), str)


def send(
    key: str,
    purpose: str,
    channel: str,
    identifier: Identifier | None,
    content: dict[str, Any],
    mailbox: Mailbox | None = None,
    by: Member | None = None,
    automatic: bool = False,
    not_before: datetime | None = None,
) -> Outgoing:
    """Put a message into the queue; the same key gives the same row. What a member wrote to a customer waits as long as
    it may be taken back, unless `not_before` says when it leaves. Raises Trouble for what cannot be sent at all.
    """
    if there := _by_key.first(key):
        return there
    now = timezone.now()
    if not_before is None:
        undo = by is not None and not automatic and channel == "email"
        not_before = now + timedelta(seconds=settings.UNDO_SECONDS) if undo else now
    outgoing = Outgoing(
        key=key,
        purpose=guards.Purpose(purpose),
        channel=channel,
        identifier=identifier,
        content=content,
        mailbox=mailbox,
        by=by,
        automatic=automatic,
        not_before=not_before,
        created=now,
    )
    addresses = WAYS[channel].prepare(outgoing)
    word = guards.look(outgoing, now, brake.standing())
    if word.verdict in {"hold", "refuse"}:
        outgoing.state = State.HELD if word.verdict == "hold" else State.FAILED
        outgoing.held, outgoing.reason = word.guard, word.reason[:300]
    with transaction.atomic(savepoint=False):
        if not rows.put_new(outgoing, "key"):
            return Outgoing.objects.get(key=key)  # Somebody was faster with the same one.
        rows.put([Delivery(outgoing=outgoing, address=address, time=now) for address in dict.fromkeys(addresses)])
    return outgoing


def take_back(outgoing: Outgoing, by: Member | None = None) -> bool:
    """Whether it was still here and now stays here."""
    waiting = Outgoing.objects.filter(pk=outgoing.pk, state__in=[State.QUEUED, State.HELD], sent__isnull=True)
    with transaction.atomic():
        if not waiting.update(state=State.CANCELLED, leased_until=0, reason=_by(_("Taken back"), by)):
            return False
        outgoing.refresh_from_db()
        bus.emit("outgoing.changed", outgoing=outgoing)
    return True


def send_again(outgoing: Outgoing, by: Member | None = None) -> int:
    """A person's word that what failed, was held or perhaps left shall leave now; to how many. Those who have it never
    get it again. The guards still stand."""
    again = [Standing.QUEUED, Standing.FAILED, Standing.UNKNOWN, Standing.BOUNCED]
    with transaction.atomic():
        row = Outgoing.objects.select_for_update().get(pk=outgoing.pk)
        if row.state not in {State.HELD, State.FAILED, State.PARTLY, State.UNKNOWN}:
            return 0
        count = row.deliveries.filter(state__in=again).update(state=Standing.QUEUED, code="", detail="")
        if count:
            row.state, row.held, row.not_before, row.tries = State.QUEUED, "", timezone.now(), 0
            row.reason = _by(_("Sent again"), by)
            row.save()
            bus.emit("outgoing.changed", outgoing=row)
    return count


def accept(outgoing: Outgoing, by: Member | None = None) -> None:
    """A person's word that what perhaps left has left."""
    with transaction.atomic():
        row = Outgoing.objects.select_for_update().get(pk=outgoing.pk)
        row.deliveries.filter(state=Standing.UNKNOWN).update(state=Standing.SENT, detail=_by(_("Taken as sent"), by))
        _conclude(row)


def step(limit: int = 20) -> int:
    """Send what is due; how many messages were dealt with."""
    now = timezone.now()
    pulled = brake.watch(now)
    done = 0
    for outgoing in _lease(now, limit):
        done += 1
        if outgoing.deliveries.filter(state=Standing.LEAVING).exists():
            _in_doubt(outgoing, _("The program ended while this was being handed over."))
        elif _may_go(outgoing, now, pulled):
            _transmit(outgoing)
    return done


def _lease(now: datetime, limit: int) -> list[Outgoing]:
    """Due rows, ours until the lease ends: queued ones, and those whose sender died with them."""
    moment = to_micros(now)
    due = Q(state=State.QUEUED) | Q(state=State.SENDING, leased_until__lte=moment)
    with transaction.atomic():
        waiting = Outgoing.objects.filter(due, not_before__lte=moment).order_by("not_before", "id")
        taken = list(waiting.select_for_update(skip_locked=True, of=("self",)).select_related("mailbox")[:limit])
        for row in taken:
            row.state, row.leased_until = State.SENDING, now + LEASE
        Outgoing.objects.bulk_update(taken, ["state", "leased_until"])
    return taken


def _may_go(outgoing: Outgoing, now: datetime, pulled: Any) -> bool:
    """Ask the guards once more: much may have changed since it was written."""
    word = guards.look(outgoing, now, pulled)
    if word.verdict == "go":
        return True
    outgoing.held, outgoing.reason, outgoing.leased_until = word.guard, word.reason[:300], 0
    outgoing.state = {"wait": State.QUEUED, "hold": State.HELD}.get(word.verdict, State.FAILED)
    if word.until is not None:
        outgoing.not_before = word.until
    with transaction.atomic():
        outgoing.save()
        bus.emit("outgoing.changed", outgoing=outgoing)
    return False


def _transmit(outgoing: Outgoing) -> None:
    """Hand it to its channel, and put on disk what became of each recipient."""
    deliveries = list(outgoing.deliveries.filter(state=Standing.QUEUED).order_by("id"))
    left: list[str] = []

    def leaving(addresses: Sequence[str]) -> None:
        outgoing.deliveries.filter(address__in=addresses).update(state=Standing.LEAVING, time=to_micros(timezone.now()))
        left.extend(addresses)

    try:
        results = WAYS[outgoing.channel].transmit(outgoing, deliveries, leaving) if deliveries else []
    except Exception as error:
        if not isinstance(error, NotNow):
            log.exception("Outgoing %s could not be handed over.", outgoing.pk)
        reason = str(error) if isinstance(error, NotNow) else f"{type(error).__name__}: {error}"
        if left:
            _in_doubt(outgoing, reason)
        else:
            _later(outgoing, [Result(each.address, Standing.QUEUED, "", reason) for each in deliveries], reason)
        return
    reason = next((f"{result.code} {result.detail}".strip() for result in results if result.state != "sent"), "")
    _later(outgoing, results, reason)


def _later(outgoing: Outgoing, results: Iterable[Result], reason: str) -> None:
    """Keep the results. Whoever was not reached and may be later is tried again, less and less often, for two days."""
    now = timezone.now()
    with transaction.atomic():
        row = Outgoing.objects.select_for_update().get(pk=outgoing.pk)
        kept = {delivery.address: delivery for delivery in row.deliveries.all()}
        over = row.tries >= len(BACK_OFF)
        for result in results:
            delivery = kept[result.address]
            given_up = over and result.state == Standing.QUEUED
            delivery.state = Standing.FAILED if given_up else Standing(result.state)
            delivery.code, delivery.detail = result.code[:40], result.detail[:500]
            delivery.provider_id = result.provider_id[:200] or delivery.provider_id
            delivery.tries, delivery.time = delivery.tries + 1, now
            delivery.save()
        row.tries, row.reason = row.tries + 1, reason[:300]
        if any(delivery.state == Standing.QUEUED for delivery in kept.values()):
            row.not_before = now + BACK_OFF[min(row.tries, len(BACK_OFF)) - 1]
        _conclude(row)


def _in_doubt(outgoing: Outgoing, reason: str) -> None:
    with transaction.atomic():
        row = Outgoing.objects.select_for_update().get(pk=outgoing.pk)
        row.deliveries.filter(state=Standing.LEAVING).update(state=Standing.UNKNOWN, detail=reason[:500])
        row.reason = reason[:300]
        _conclude(row)


def _conclude(row: Outgoing) -> None:
    """The state of the whole follows from those of its recipients."""
    states = set(row.deliveries.values_list("state", flat=True))
    reached = states & {Standing.SENT, Standing.DELIVERED, Standing.READ, Standing.BOUNCED}
    if reached and row.sent is None:
        row.sent = timezone.now()
    if Standing.UNKNOWN in states:
        row.state = State.UNKNOWN
    elif Standing.QUEUED in states:
        row.state = State.QUEUED
    elif reached:
        row.state = State.PARTLY if Standing.FAILED in states else State.SENT
    else:
        row.state = State.FAILED
    row.leased_until, row.held = 0, ""
    row.save()
    bus.emit("outgoing.changed", outgoing=row)


def _by(what: str, by: Member | None) -> str:
    return _("%(what)s by %(who)s.") % {"what": what, "who": by} if by else f"{what}."
