"""Scans that are kept: made when the data has changed, shown until the next one is finished."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from beforehand.insight import searching
from beforehand.insight.breaks.found import Found
from beforehand.insight.breaks.scanning import scan
from beforehand.insight.models import Break, Scan
from beforehand.journey import lake

MOST = 50


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
    searching.forget_older(Scan.objects.all())
    return found


def latest() -> list[Found]:
    """The breaks of the latest finished scan, the largest first."""
    last = searching.latest_of(Scan.objects.all())
    return [Found.from_dict(one.payload) for one in last.breaks.all()] if last else []


def is_due() -> bool:
    """Whether there is enough that the latest scan has not seen."""
    return searching.is_due(Scan.objects.all())


def scan_when_due() -> bool:
    """What the scheduler does. Returns whether a scan was made."""
    if not is_due():
        return False
    run_scan()
    return True
