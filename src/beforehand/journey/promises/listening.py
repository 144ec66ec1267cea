"""What becomes of promises and audits when customers change hands, ask for their data or are erased."""

from collections.abc import Collection
from typing import Any

from beforehand.journey.models import AuditItem, Promise, Touchpoint
from beforehand.journey.needs import projection as needs
from beforehand.journey.promises import projection
from beforehand.lib.bus import on
from beforehand.lib.rows import batches

TOLD = ("what", "who", "made", "due", "state", "settled", "ended")


@on("customers.changed")
def changed(customers: Collection[int]) -> None:
    projection.changed_hands(customers)


@on("promises.rules")
def rules_changed() -> None:
    """Everything is looked at again with the next catching-up: promises, and the contacts that follow broken ones."""
    projection.begin_again()
    needs.trace_everything_again()


@on("customers.export")
def export(customers: Collection[int], identifiers: Collection[int]) -> dict[str, Any]:
    """What was promised to them, and what became of it."""
    found: list[dict[str, Any]] = []
    for part in batches(sorted(customers), 500):
        found += Promise.objects.filter(customer__in=part).order_by("made", "id").values(*TOLD)
    return {"promises": [{key: _plain(value) for key, value in row.items()} for row in found]}


@on("customers.erase")
def erase(customers: Collection[int], identifiers: Collection[int]) -> dict[str, Any]:
    """Before their touchpoints go: the rows that name these."""
    promises = sum(
        Promise.objects.filter(customer__in=part).delete()[0] for part in batches(sorted(customers), 500)
    )  # fmt: skip
    judged = 0
    for part in batches(sorted(identifiers), 500):
        theirs = Touchpoint.objects.filter(identifier__in=part).values("id")
        judged += AuditItem.objects.filter(contact__in=theirs).delete()[0]
    return {"part": "promises", "promises": promises, "judged": judged}


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
