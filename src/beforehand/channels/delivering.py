"""How far a message got after it left: later words about single recipients, in whatever order they come."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from beforehand.channels import guards, leaving
from beforehand.channels.models import Delivery, Outgoing
from beforehand.customers import consent
from beforehand.lib import bus

Standing = Delivery.State
RANK = [Standing.QUEUED, Standing.LEAVING, Standing.UNKNOWN, Standing.SENT, Standing.DELIVERED, Standing.READ]
FINAL = (Standing.BOUNCED, Standing.FAILED)


def progress(delivery: Delivery, state: str, code: str = "", detail: str = "", time: datetime | None = None) -> bool:
    """A later word about one recipient (delivered, read, bounced). It never takes a better one back; a bounce does."""
    with transaction.atomic():
        row = Delivery.objects.select_for_update().select_related("outgoing").get(pk=delivery.pk)
        new = Standing(state)
        if row.state in FINAL or (new not in FINAL and RANK.index(new) <= RANK.index(Standing(row.state))):
            return False
        row.state, row.code, row.detail = new, code[:40], detail[:500]
        row.time = time or timezone.now()
        row.save()
        bus.emit("delivery.changed", delivery=row)
    return True


def bounced(outgoing: Outgoing, address: str, code: str = "", detail: str = "", hard: bool = True) -> bool:
    """A mail server's word that a recipient was not reached. A soft one is only noted: it may still arrive."""
    deliveries = list(outgoing.deliveries.all())
    delivery = next((each for each in deliveries if each.address == address), None)
    if delivery is None and len(deliveries) == 1:
        # Forwarded on the way: the address that failed is one that we never wrote to.
        delivery = deliveries[0]
    if delivery is None:
        return False
    if hard:
        return progress(delivery, Standing.BOUNCED, code, detail)
    Delivery.objects.filter(pk=delivery.pk).exclude(state__in=FINAL).update(code=code[:40], detail=detail[:500])
    return True


def left(delivery: Delivery, how: str) -> None:
    """A recipient said to their mail provider that they want no more of it (unsubscribed, or complained of it)."""
    outgoing, who = delivery.outgoing, delivery.outgoing.identifier
    if who is None:
        return
    with transaction.atomic():
        for purpose in guards.GUARDED if how == "complained" else [outgoing.purpose]:
            if guards.TABLE[purpose].leave and consent.may(who.customer_id, purpose, outgoing.channel):
                leaving.leave(leaving.Leaving(who, purpose, outgoing.channel), f"{how} by the provider")
