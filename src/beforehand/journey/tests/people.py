"""A customer with a life, for the tests of pages."""

import json
from datetime import UTC, datetime, timedelta

from django.db import transaction

from beforehand.customers.identity import Claim, Link, belong, connect, describe, identify
from beforehand.journey import journeys
from beforehand.journey.models import CatalogueEntry, Source, Stage
from beforehand.journey.record import Row, record
from beforehand.lib.fields import to_micros
from beforehand.team.models import Workspace

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANA = Claim("user_id", "ana", True)
BROWSER = Claim("anonymous_id", "b-1", False)
KINDS = {
    "Order Completed": "value",
    "Payment Failed": "failure",
    "Mail Received": "contact",
    "Mail Answered": "service",
    "News Sent": "outreach",
    "NPS Answered": "feedback",
    "Parcel Waiting": "wait",
}


def catalogued():
    stage = Stage.objects.get_or_create(key="purchase", defaults={"label": "Purchase", "position": 3})[0]
    for name, kind in KINDS.items():
        CatalogueEntry.objects.create(name=name, version=99, label=name.capitalize(), kind=kind, stage=stage)


def happened(who, *what, start=NOON, step=timedelta(hours=1), channel="web"):
    """Touchpoints one after the other: names, or (name, properties)."""
    source = Source.objects.get_or_create(name="shop", defaults={"kind": "server"})[0]
    (identifier,) = identify([who]).values()
    rows = []
    for n, each in enumerate(what):
        name, properties = each if isinstance(each, tuple) else (each, {})
        time = to_micros(start + n * step)
        key = f"{who.value}-{name}-{time}-{channel}"
        rows.append(Row(source.pk, key, identifier, name, time, time, channel, "", "customer", json.dumps(properties)))
    with transaction.atomic():
        record(rows)
    return identifier


def ana_with_a_life():
    """Ana: two identifiers, every kind of touchpoint, a company. Gives her number."""
    Workspace.own()
    catalogued()
    ids = identify([ANA, BROWSER])
    connect([Link(ids[ANA], ids[BROWSER], True, 20, to_micros(NOON), "identify call")])
    describe([(ids[ANA], to_micros(NOON), {"name": "Ana Silva", "city": "Bantry"})])
    belong([(ids[ANA], "acme", to_micros(NOON), {"name": "Acme"})])
    happened(ANA, ("Order Completed", {"total": 164.9, "currency": "EUR", "order_id": "48213"}), "Payment Failed")
    happened(
        ANA,
        ("Mail Received", {"message": "Is it <lost>?"}),
        "Mail Answered",
        start=NOON + timedelta(days=1),
        channel="email",
    )
    happened(BROWSER, "News Sent", ("NPS Answered", {"score": 9, "max": 10}), start=NOON + timedelta(days=20))
    happened(BROWSER, "Parcel Waiting", ("NPS Answered", {"score": 6, "max": 10}), start=NOON + timedelta(days=21))
    journeys.follow()
    return ids[ANA]
