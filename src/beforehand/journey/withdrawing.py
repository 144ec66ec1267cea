"""Touchpoints that turn out to be none of a journey's, such as spam: they become bookkeeping, and may come back.

Nothing of a touchpoint is lost: number, time and content stay. A `$` before its name takes it off journeys, needs,
contacts, promises and the lake, as it keeps all bookkeeping off them. Who did it and when is for the room to record.
"""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Expression, F, QuerySet, Value
from django.db.models.functions import Concat, Substr

from beforehand.journey import journeys, lake
from beforehand.journey.models import Touchpoint
from beforehand.journey.needs import projection as needs
from beforehand.journey.promises import projection as promises
from beforehand.lib.rows import batches

AT_ONCE = 500


def withdraw(numbers: Collection[int], names: Collection[str]) -> int:
    """Take those of these touchpoints that bear one of the names off their journeys; how many.

    Belongs before whatever else the transaction records, as merging customers does: so no two wait for each other.
    """
    return _rename(numbers, names, Concat(Value("$"), F("name")))


def bring_back(numbers: Collection[int], names: Collection[str]) -> int:
    """Put those that were withdrawn, and bore one of the names, back where they were; how many."""
    return _rename(numbers, [f"${name}" for name in names], Substr("name", 2))


def _rename(numbers: Collection[int], names: Collection[str], name: Expression) -> int:
    with transaction.atomic():
        found: list[int] = []
        customers: set[int] = set()
        for part in _parts(numbers):
            for number, customer in part.filter(name__in=names).values_list("id", "identifier__customer"):
                found.append(number)
                customers.add(customer)
        for part in _parts(found):
            part.update(name=name)
        lake.mark_dirty(customers, "withdrawn")
        journeys.refresh(customers)
        needs.refresh(customers)
        promises.refresh(customers)
    return len(found)


def _parts(numbers: Collection[int]) -> list[QuerySet[Touchpoint]]:
    return [Touchpoint.objects.filter(pk__in=part) for part in batches(sorted(numbers), AT_ONCE)]
