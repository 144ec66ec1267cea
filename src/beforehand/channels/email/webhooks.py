"""What mail providers tell us by webhook: mail that came in, and how far ours got, read by django-anymail.

A webhook's address is a secret of its own (signed, one for each mailbox); where the provider signs its calls and the
key is known, the signature is checked as well. Calls may come twice, late and in any order.
"""

import hashlib
from typing import Any

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.signals import AnymailInboundEvent, AnymailTrackingEvent, EventType
from django.http import HttpRequest
from django.urls import reverse
from django.utils.module_loading import import_string

from beforehand.channels import arriving, delivering
from beforehand.channels.email.addresses import key_of
from beforehand.channels.email.provider import PROVIDERS
from beforehand.channels.models import Arrival, Delivery, Mailbox
from beforehand.lib.signing import check, own_keys, sign

PURPOSE = "channels.webhook"
State = Delivery.State
WORDS = {
    EventType.DELIVERED: State.DELIVERED,
    EventType.OPENED: State.READ,
    EventType.CLICKED: State.READ,
}


class Forged(Exception):
    """A call that the provider did not make."""


def webhook(mailbox: Mailbox, kind: str) -> str:
    """The path that the provider is told to call: `kind` is inbound or tracking."""
    return reverse("channels:webhook", args=[sign(PURPOSE, mailbox.pk.to_bytes(8, "big"), own_keys()), kind])


def mailbox_of(token: str) -> Mailbox | None:
    payload = check(PURPOSE, token, own_keys())
    if payload is None or len(payload) != 8:
        return None
    rows = Mailbox.objects.filter(pk=int.from_bytes(payload, "big"), way=Mailbox.Way.PROVIDER)
    return rows.exclude(state=Mailbox.State.OFF).first()


def take(mailbox: Mailbox, kind: str, request: HttpRequest) -> int:
    """What a webhook brought; how many events. Raises Forged for a call with a wrong signature.

    A call that is the provider's and cannot be understood is kept whole, in quarantine.
    """
    view = _view(mailbox, kind)
    try:
        view.run_validators(request)
    except AnymailWebhookValidationFailure as error:
        raise Forged(str(error)) from error
    try:
        events = list(view.parse_events(request))
        came = [_came(mailbox, event) for event in events if kind == "inbound"]
    except AnymailWebhookValidationFailure as error:
        raise Forged(str(error)) from error
    except Exception as error:
        _keep_whole(mailbox, request, error)
        return 0
    if kind == "inbound":
        arriving.arrive_all("email", came, mailbox)
        return len(came)
    for event in events:
        _mark(event)
    return len(events)


def _view(mailbox: Mailbox, kind: str) -> Any:
    """The library's own view, for its checks and its reader; with our keys instead of a settings file's."""
    provider, secret = PROVIDERS[mailbox.provider], mailbox.opened()
    part = "Tracking" if kind == "tracking" else "Inbound"
    found = import_string(f"anymail.webhooks.{mailbox.provider}.{provider.hooks}{part}WebhookView")
    quiet = type(found.__name__, (found,), {"warn_if_no_basic_auth": False})
    names = (*provider.signing, *provider.keys)
    return quiet(**{name: secret[name] for name in names if secret.get(name) and hasattr(found, name)})


def _came(mailbox: Mailbox, event: AnymailInboundEvent) -> arriving.Came:
    raw = event.message.as_bytes()
    if event.message.envelope_recipient:
        address = "".join(str(event.message.envelope_recipient).split())
        raw = f"Delivered-To: {address}\r\n".encode("ascii", "replace") + raw
    name = event.event_id or hashlib.sha256(raw).hexdigest()
    return arriving.Came(f"{mailbox.provider}/{name}", raw, None)


def _keep_whole(mailbox: Mailbox, request: HttpRequest, error: Exception) -> None:
    head = f"X-Webhook: {mailbox.provider}\r\nContent-Type: {request.content_type}\r\n\r\n"
    raw = head.encode("ascii", "replace") + request.body
    place = f"{mailbox.provider}/{hashlib.sha256(raw).hexdigest()}"
    arrival = arriving.arrive("email", place, raw, mailbox)
    if arrival.state == Arrival.State.STORED:
        arrival.state, arrival.reason = Arrival.State.QUARANTINE, "provider_not_understood"
        arrival.evidence = {"error": f"{type(error).__name__}: {error}"[:300]}
        arrival.save()


def _mark(event: AnymailTrackingEvent) -> None:
    """Bring an event to the delivery that it is about."""
    ids = {str(event.message_id or ""), str(event.message_id or "").strip("<>")} - {""}
    rows = Delivery.objects.filter(provider_id__in=ids).select_related("outgoing")
    address = key_of(event.recipient) if event.recipient else ""
    delivery = rows.filter(address=address).first() or (rows.first() if not address else None)
    if delivery is None:
        return
    detail = str(event.mta_response or event.description or "")
    if event.event_type in WORDS:
        delivering.progress(delivery, WORDS[event.event_type], "", detail, event.timestamp)
    elif event.event_type in {EventType.BOUNCED, EventType.REJECTED, EventType.FAILED}:
        delivering.bounced(delivery.outgoing, delivery.address, str(event.reject_reason or ""), detail)
    elif event.event_type == EventType.DEFERRED:
        delivering.bounced(delivery.outgoing, delivery.address, "", detail, hard=False)
    elif event.event_type in {EventType.COMPLAINED, EventType.UNSUBSCRIBED}:
        delivering.left(delivery, event.event_type)
