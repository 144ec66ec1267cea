"""How a room records what it did: one touchpoint, in the transaction of the change that it reports."""

import json
import time as clock
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from beforehand.customers.models import Identifier
from beforehand.journey.models import Source, Touchpoint
from beforehand.journey.record import Row, record
from beforehand.lib.kept import kept

ROOM = "Beforehand"


def room() -> int:
    """The number of the source of what rooms record."""
    return _known() or Source.objects.get_or_create(name=ROOM, defaults={"kind": Source.Kind.ROOM})[0].pk


@kept("journey.Source")
def _known() -> int | None:
    return Source.objects.filter(name=ROOM).values_list("pk", flat=True).first()


def note(
    identifier: int,
    name: str,
    properties: Mapping[str, Any],
    channel: str = "",
    actor: str = "company",
    time: int | None = None,
    message_id: str = "",
) -> int:
    """Record one touchpoint of ours on an identifier, and give its number. `time` in microseconds, else now.

    A customer's own number is that of the identifier that leads, so it may be given for it. With a `message_id` it is
    recorded once only, however often it is noted.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("note() belongs in transaction.atomic().")
    Identifier.objects.only("id").get(pk=identifier)
    source, key = room(), message_id or str(uuid.uuid4())
    now = clock.time_ns() // 1000
    text = json.dumps(properties, ensure_ascii=False, separators=(",", ":"))
    record([Row(source, key, identifier, name, now if time is None else time, now, channel, "", actor, text)])
    return Touchpoint.objects.values_list("id", flat=True).get(source=source, message_id=key)
