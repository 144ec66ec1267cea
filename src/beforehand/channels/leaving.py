"""Leaving with one click (RFC 8058): the signed link in everything bulk, and what it does."""

from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from beforehand.channels.guards import TABLE
from beforehand.channels.models import Outgoing
from beforehand.customers import consent
from beforehand.customers.models import Identifier
from beforehand.lib.signing import check, own_keys, sign

PURPOSE = "channels.leaving"
ORDER = [Outgoing.Purpose.NOTICE, Outgoing.Purpose.OUTREACH, Outgoing.Purpose.SURVEY]


class Leaving(NamedTuple):
    """Who leaves what, on which channel."""

    identifier: Identifier
    purpose: str
    channel: str


def link(outgoing: Outgoing) -> str:
    """The address at which a message's recipient withdraws leave; empty for what nobody can leave."""
    if not TABLE[outgoing.purpose].leave or not settings.URL or outgoing.identifier_id is None:
        return ""
    place = ORDER.index(Outgoing.Purpose(outgoing.purpose))
    token = sign(PURPOSE, bytes([place]) + outgoing.identifier_id.to_bytes(8, "big"), own_keys())
    return settings.URL + reverse("channels:leaving", args=[token])


def read(token: str) -> Leaving | None:
    """What a link means; None for one that we did not sign, or of somebody who was forgotten since."""
    payload = check(PURPOSE, token, own_keys())
    if payload is None or len(payload) != 9 or payload[0] >= len(ORDER):
        return None
    identifier = Identifier.objects.filter(pk=int.from_bytes(payload[1:], "big")).first()
    return Leaving(identifier, ORDER[payload[0]], "email") if identifier else None


def leave(leaving: Leaving, evidence: str = "link in a message") -> None:
    """Keep that leave is withdrawn. Twice is once."""
    with transaction.atomic():
        latest = leaving.identifier.consents.filter(purpose=leaving.purpose, channel=leaving.channel)
        last = latest.order_by("-time", "-id").first()
        if last is None or last.given:
            consent.note(leaving.identifier, leaving.purpose, False, timezone.now(), leaving.channel, evidence)
