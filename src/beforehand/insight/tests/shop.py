"""A small shop's touchpoints in the record and the lake, up to today, for the tests of the boards."""

import json
from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from beforehand.customers import identity
from beforehand.customers.identity import Claim
from beforehand.insight.models import Break, Scan
from beforehand.journey import catalogue, journeys, lake
from beforehand.journey.models import Source
from beforehand.journey.record import Row, record
from beforehand.lib.fields import to_micros

ODD = '=cmd|"a/b" <script>alert(1)</script>'
"""A name as anybody may send it."""


def touchpoint(customer, name, time, channel="web", **properties):
    return customer, name, time, channel, properties


def visits(now=None, customers=40):
    """Forty customers, two visits each a month apart: half buy, a quarter write to us, one does something odd."""
    now = now or datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    for number in range(customers):
        who, plan = f"u{number}", "pro" if number % 3 else "free"
        for month in (0, 1):
            time = now - timedelta(days=30 * month + number % 25, hours=2)
            steps = ["Product Viewed", "Product Added"] + (["Order Completed"] if number % 2 else ["Product Viewed"])
            steps += ["Support Ticket Opened"] if number % 4 == 0 else []
            for place, name in enumerate(steps):
                moment = time + timedelta(minutes=7 * place)
                yield touchpoint(who, name, moment, "app" if number % 5 == 0 else "web", plan=plan)
    yield touchpoint("u0", ODD, now - timedelta(hours=1))
    yield touchpoint("u1", "NPS answered", now - timedelta(hours=3), survey="nps", score=9)


def load(rows):
    """Record these touchpoints, catalogue their names, seal them."""
    rows = list(rows)
    source, _ = Source.objects.get_or_create(name="shop", kind=Source.Kind.SERVER)
    ids = identity.identify({Claim("user_id", row[0], True) for row in rows})
    with transaction.atomic():
        record(
            Row(source.pk, f"m{place}", ids[Claim("user_id", who, True)], name, to_micros(time), to_micros(time),
                channel, properties=json.dumps(properties))
            for place, (who, name, time, channel, properties) in enumerate(rows)
        )  # fmt: skip
    catalogue.install_starter()
    catalogue.correct("Support Ticket Opened", stage="assistance", kind="contact")
    journeys.follow()
    lake.seal()


def break_found(**changes):
    """A finished scan with one break: from the added product to a ticket."""
    scan = Scan.objects.create(finished=timezone.now())
    today = date.today()  # noqa: DTZ011
    values = {
        "kind": "change", "name": "Product Added", "to": "Support Ticket Opened", "segment": "plan=pro",
        "start": (today - timedelta(days=20)).isoformat(), "end": None, "value": 0.4, "low": 0.3, "high": 0.5,
        "unit": "share", "baseline": 0.1, "customers": 14, "n": 60, "p": 0.002, "rank": 1,
        "sentence": "With plan pro, more customers write to us after the product is added.",
        "within": 3, "pause": 3600.0, **changes,
    }  # fmt: skip
    return Break.objects.create(scan=scan, rank=1, kind=values["kind"], name=values["name"], payload=values)
