"""What journey does when customers change hands, ask for their data or are erased."""

from collections.abc import Collection, Iterator
from typing import Any

from django.db import connection
from django.urls import reverse

from beforehand.customers.finding import find
from beforehand.customers.models import Identifier
from beforehand.journey import forgetting, journeys, lake
from beforehand.journey.models import Journey, Touchpoint
from beforehand.journey.needs import listening as needs_listening  # noqa: F401  its listeners connect when imported
from beforehand.journey.promises import listening as listening  # its listeners connect when it is imported
from beforehand.lib.bus import on
from beforehand.lib.fields import from_micros
from beforehand.lib.palette import Answer
from beforehand.lib.rows import batches, relation
from beforehand.team.models import Member

AT_ONCE = 500
ANSWERS = 8
TOUCHPOINT = ("id", "name", "time", "received", "channel", "place", "actor", "properties", "sent_as")


@on("customers.changed")
def changed(customers: Collection[int]) -> None:
    """Touchpoints have changed hands, by a merge or its undoing: what was derived of these customers is done again."""
    lake.mark_dirty(customers, "identity")
    journeys.refresh(customers)


@on("identifiers.moved")
def travelled(identifiers: Collection[int]) -> set[int]:
    """Those of the identifiers that have a touchpoint: only they take anything along when they change hands."""
    found: set[int] = set()
    with connection.cursor() as cursor:
        for batch in batches(identifiers):
            given, rows = relation({"id": "bigint"}, [(id,) for id in batch])
            having = "exists (select 1 from journey_touchpoint where identifier_id = given.id)"
            cursor.execute(f"select given.id from {given} as given where {having}", [rows])
            found.update(id for (id,) in cursor.fetchall())
    return found


@on("customers.export")
def export_touchpoints(customers: Collection[int], identifiers: Collection[int]) -> dict[str, Any]:
    """Every touchpoint of these identifiers, bookkeeping too, with what was sent."""
    found: list[dict[str, Any]] = []
    for part in _parts(identifiers):
        of_part = Touchpoint.objects.filter(identifier__in=part).order_by("time", "id")
        for row in of_part.values(*TOUCHPOINT, "source__name", "identifier__kind", "identifier__value"):
            found.append({key: _plain(key, value) for key, value in row.items()})
    return {"touchpoints": sorted(found, key=lambda row: (row["time"], row["id"]))}


@on("customers.erase")
def erase_intake(customers: Collection[int], identifiers: Collection[int]) -> dict[str, Any]:
    return forgetting.forget(identifiers)


@on("customers.erase")
def erase_touchpoints(customers: Collection[int], identifiers: Collection[int]) -> dict[str, Any]:
    gone = sum(Touchpoint.objects.filter(identifier__in=part).delete()[0] for part in _parts(identifiers))
    journeys_gone = sum(Journey.objects.filter(customer__in=part).delete()[0] for part in _parts(customers))
    return {"part": "touchpoints", "touchpoints": gone, "journeys": journeys_gone}


@on("customers.erase")
def erase_lake(customers: Collection[int], identifiers: Collection[int]) -> dict[str, Any]:
    return {"part": "lake", **lake.forget(customers)}


@on("palette.search")
def find_customers(q: str, member: Member) -> list[Answer]:
    """Customers by the beginning of a name or an identifier, with what tells two of the same name apart."""
    if not member.may_see_customers:
        return []
    found = find(q, ANSWERS)
    known: dict[int, str] = {}
    identifiers = Identifier.objects.filter(customer__in=[customer.pk for customer in found]).order_by("-proved", "id")
    for customer, value in identifiers.values_list("customer_id", "value"):
        known.setdefault(customer, value)
    return [
        Answer(str(one), reverse("journey:customer", args=[one.pk]), known.get(one.pk, ""), "user") for one in found
    ]


def _parts(keys: Collection[int]) -> Iterator[list[int]]:
    ordered = sorted(keys)
    for start in range(0, len(ordered), AT_ONCE):
        yield ordered[start : start + AT_ONCE]


def _plain(key: str, value: Any) -> Any:
    """Times as text that says its zone."""
    if key in {"time", "received"}:
        return (from_micros(value) if isinstance(value, int) else value).isoformat()
    return value
