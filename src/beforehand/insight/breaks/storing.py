"""Scans that are kept: made when the data has changed, shown until the next one is finished."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from beforehand.insight.breaks.found import Found
from beforehand.insight.breaks.scanning import scan
from beforehand.insight.models import Break, Scan
from beforehand.journey import lake

MOST = 50
KEPT_SCANS = 10
GROWN = 0.01
LONGEST = timedelta(days=1)
"""A scan is made again after a day, or when the data has grown by one in a hundred, whichever comes first."""
SHORTEST = timedelta(minutes=10)


def run_scan(reader: Any = None) -> list[Found]:
    """Scan what the lake and the record hold now, and keep what was found."""
    if reader is None:
        with lake.reader() as snapshot:
            return run_scan(snapshot)
    record = Scan.objects.create(through=reader.through)
    found = scan(reader)[:MOST]
    with transaction.atomic():
        Break.objects.bulk_create(
            Break(scan=record, rank=one.rank, kind=one.kind, name=one.name[:200], payload=one.as_dict())
            for one in found
        )
        record.finished = timezone.now()
        record.save(update_fields=["finished"])
    keep = Scan.objects.order_by("-pk").values_list("pk", flat=True)[:KEPT_SCANS]
    Scan.objects.exclude(pk__in=list(keep)).delete()
    return found


def latest() -> list[Found]:
    """The breaks of the latest finished scan, the largest first."""
    last = Scan.objects.filter(finished__isnull=False).order_by("-finished", "-pk").first()
    return [Found.from_dict(one.payload) for one in last.breaks.all()] if last else []


def is_due() -> bool:
    """Whether there is enough that the latest scan has not seen."""
    through = lake.last_sequence()
    last = Scan.objects.order_by("-started").first()
    if last is None:
        return through > 0
    age = timezone.now() - last.started
    if last.through == through or age < SHORTEST:
        return False
    return age >= LONGEST or through >= last.through * (1 + GROWN)


def scan_when_due() -> bool:
    """What the scheduler does. Returns whether a scan was made."""
    if not is_due():
        return False
    run_scan()
    return True
