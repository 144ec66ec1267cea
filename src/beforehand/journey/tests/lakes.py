"""A few people and what happened to them, and the lake's rows worked out the slow and plain way."""

import json
from datetime import timedelta
from itertools import count
from zoneinfo import ZoneInfo

from django.db import transaction

from beforehand.customers.models import Customer, Identifier
from beforehand.journey import lake
from beforehand.journey.models import Source, Touchpoint
from beforehand.journey.record import Row, record
from beforehand.lib.bus import emit

HOUR = 3_600_000_000
START = 1_772_323_200_000_000  # 2026-03-01T00:00:00Z
numbers = count(1)


def person(value):
    customer = Customer.objects.create()
    return Identifier.objects.create(id=customer.id, kind="user_id", value=value, customer=customer)


def happened(identifier, name, hours, **more):
    """Record one touchpoint, so many hours after 1 March 2026."""
    source, _ = Source.objects.get_or_create(name="till", kind=Source.Kind.SERVER)
    time = START + int(hours * HOUR)
    with transaction.atomic():
        record([Row(source.id, f"m{next(numbers)}", identifier.id, name, time, time, **more)])


def move(identifier, customer_id):
    """What identity does when it joins or parts people."""
    with transaction.atomic():
        fresh = Identifier.objects.get(pk=identifier.pk)
        old, fresh.customer_id = fresh.customer_id, customer_id
        fresh.save()
        emit("customers.changed", customers={old, customer_id})


def erase(customer_id):
    """What customers does with one who asks to be forgotten: everything of theirs that rooms above hold goes."""
    identifiers = list(Identifier.objects.filter(customer=customer_id).values_list("id", flat=True))
    with transaction.atomic():
        return emit("customers.erase", customers=[customer_id], identifiers=identifiers)


def lake_rows(table="touchpoints"):
    with lake.reader() as reader:
        found = reader.db.execute(
            f"SELECT customer, time, id, day, name, channel, properties, previous, gap FROM {table}"
        ).fetchall()
    rows = [(*row[:6], json.loads(row[6]), *row[7:]) for row in found]
    return sorted(rows, key=lambda row: row[:3])


def plain_rows(zone="UTC"):
    """What the lake should give, from the record alone."""
    journeys = {}
    for touchpoint in Touchpoint.objects.select_related("identifier").order_by("time", "id"):
        if not touchpoint.name.startswith("$"):
            journeys.setdefault(touchpoint.identifier.customer_id, []).append(touchpoint)
    rows = [row for customer, journey in journeys.items() for row in _of(customer, journey, ZoneInfo(zone))]
    return sorted(rows, key=lambda row: row[:3])


def _of(customer, journey, zone):
    before = None
    for one in journey:
        yield (
            customer,
            one.time.replace(tzinfo=None),
            one.id,
            one.time.astimezone(zone).date(),
            one.name,
            one.channel,
            one.properties,
            before.name if before else None,
            (one.time - before.time) / timedelta(seconds=1) if before else None,
        )
        before = one
