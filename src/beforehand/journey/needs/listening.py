"""What becomes of needs when customers change hands, ask for their data or are erased."""

from collections.abc import Collection
from typing import Any

from beforehand.journey.lake import fact_files
from beforehand.journey.models import Contact, Need, NeedDue
from beforehand.journey.needs import projection
from beforehand.lib.bus import on
from beforehand.lib.rows import batches

NEED = ("id", "kind", "key", "opened", "step", "met", "how", "abandoned", "contacts", "first_contact")
CONTACT = ("id", "time", "name", "channel", "need", "cause", "probability", "owner")
AT_ONCE = 500


@on("customers.changed")
def changed(customers: Collection[int]) -> None:
    projection.refresh(customers)


@on("customers.export")
def export(customers: Collection[int], identifiers: Collection[int]) -> dict[str, Any]:
    """What they wanted to get done and how far it went; when they came to us, and what we take for the reason."""
    needs: list[dict[str, Any]] = []
    contacts: list[dict[str, Any]] = []
    for part in batches(sorted(customers), AT_ONCE):
        needs += Need.objects.filter(customer__in=part).order_by("opened", "id").values(*NEED)
        contacts += Contact.objects.filter(customer__in=part).order_by("time", "id").values(*CONTACT)
    plain = [[{key: _plain(value) for key, value in row.items()} for row in rows] for rows in (needs, contacts)]
    return {"needs": plain[0], "contacts": plain[1]}


@on("customers.erase")
def erase(customers: Collection[int], identifiers: Collection[int]) -> dict[str, Any]:
    counts = {"needs": 0, "contacts": 0}
    for part in batches(sorted(customers), AT_ONCE):
        counts["needs"] += Need.objects.filter(customer__in=part).delete()[0]
        counts["contacts"] += Contact.objects.filter(customer__in=part).delete()[0]
        NeedDue.objects.filter(customer__in=part).delete()
    fact_files.forget(customers)
    return {"part": "needs", **counts}


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
