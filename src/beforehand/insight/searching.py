"""When a search of the whole lake, for breaks or for causes, is made again, and how many are kept."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from beforehand.journey import lake

KEPT = 10
GROWN = 0.01
LONGEST = timedelta(days=1)
"""A search is made again after a day, or when the data has grown by one in a hundred, whichever comes first."""
SHORTEST = timedelta(minutes=10)


def is_due(searches: QuerySet[Any]) -> bool:
    """Whether there is enough that the latest of these searches, finished or not, has not seen."""
    through = lake.last_sequence()
    last = searches.order_by("-started").first()
    if last is None:
        return through > 0
    age = timezone.now() - last.started
    if last.through == through or age < SHORTEST:
        return False
    return age >= LONGEST or bool(through >= last.through * (1 + GROWN))


def latest_of(searches: QuerySet[Any]) -> Any:
    """The latest of these searches that was finished; None before the first."""
    return searches.filter(finished__isnull=False).order_by("-finished", "-pk").first()


def forget_older(searches: QuerySet[Any]) -> None:
    keep = searches.order_by("-pk").values_list("pk", flat=True)[:KEPT]
    searches.exclude(pk__in=list(keep)).delete()
