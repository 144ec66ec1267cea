"""Push as a way out: to each device of a member, by the service that its browser named."""

import json
import time
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from beforehand.channels.models import Delivery, Outgoing, PushDevice
from beforehand.channels.push import vouching
from beforehand.channels.push.encrypting import encrypt
from beforehand.channels.sending import Result
from beforehand.lib.trouble import Trouble

PATIENCE = (3, 5)
REST = 60.0
GONE = {404, 410}
LONGEST_TEXT = 300


class Push:
    """`content`: member, title, body, url, tag, until. A push that comes twice replaces itself (its tag), so none is
    ever in doubt: what got no answer is tried again until it is too late to be of use."""

    def __init__(self) -> None:
        self._down: dict[str, float] = {}

    def prepare(self, outgoing: Outgoing) -> list[str]:
        devices = PushDevice.objects.filter(member=outgoing.content.get("member"))
        addresses = [f"device {one.pk}" for one in devices]
        if not addresses:
            raise Trouble(_("Nobody let us push to a device."))
        return addresses

    def transmit(
        self, outgoing: Outgoing, deliveries: Sequence[Delivery], leaving: Callable[[Sequence[str]], None]
    ) -> list[Result]:
        until = parse_datetime(str(outgoing.content.get("until", "")))
        left = int((until - timezone.now()).total_seconds()) if until else 0
        if left <= 0:
            return [
                Result(one.address, Delivery.State.FAILED, "late", _("Too late to be of use.")) for one in deliveries
            ]
        devices = PushDevice.objects.in_bulk([int(one.address.rpartition(" ")[2]) for one in deliveries])
        return [
            self._push(one.address, devices.get(int(one.address.rpartition(" ")[2])), outgoing.content, left)
            for one in deliveries
        ]

    def _push(self, address: str, device: PushDevice | None, content: dict[str, Any], left: int) -> Result:
        if device is None:
            return Result(address, Delivery.State.FAILED, "gone", _("The device is gone."))
        word = vouching.vouch(device.endpoint, device.made_for)
        if word is None or not is_service(device.endpoint):
            device.delete()
            return Result(address, Delivery.State.FAILED, "gone", _("The device belongs to a key that is gone."))
        host = urlsplit(device.endpoint).netloc
        if self._down.get(host, 0) > time.monotonic():
            return Result(address, Delivery.State.QUEUED, "", _("%s does not answer.") % host)
        head = {"Authorization": word, "Content-Encoding": "aes128gcm", "TTL": str(left), "Urgency": "high"}
        try:
            body = encrypt(_said(content), vouching.bytes_of(device.p256dh), vouching.bytes_of(device.auth))
            answer = requests.post(device.endpoint, data=body, headers=head, timeout=PATIENCE, allow_redirects=False)
        except requests.RequestException as error:
            self._down[host] = time.monotonic() + REST
            return Result(address, Delivery.State.QUEUED, "", f"{host}: {type(error).__name__}")
        return _result(address, device, answer.status_code)


def is_service(endpoint: str) -> bool:
    """Whether an address is one of a push service that is known: we call no other for anybody."""
    try:
        where = urlsplit(endpoint)
        host, plain = where.hostname or "", where.port in {None, 443} and not where.username
    except ValueError:
        return False
    known = any(host == one or host.endswith(f".{one}") for one in settings.PUSH_SERVICES)
    return where.scheme == "https" and known and plain and endpoint.isprintable()


def _said(content: dict[str, Any]) -> bytes:
    said = {name: str(content.get(name, ""))[:LONGEST_TEXT] for name in ("title", "body", "url", "tag")}
    return json.dumps(said, ensure_ascii=False).encode()


def _result(address: str, device: PushDevice, status: int) -> Result:
    if 200 <= status < 300:
        return Result(address, Delivery.State.SENT, str(status))
    if status in GONE:
        device.delete()
        return Result(address, Delivery.State.FAILED, str(status), _("The device is gone."))
    later = status == 429 or status >= 500
    return Result(address, Delivery.State.QUEUED if later else Delivery.State.FAILED, str(status))
