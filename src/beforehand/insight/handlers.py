"""What insight does for the rooms below: it says who is behind a number, and forgets results that may name somebody."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from beforehand.insight.models import StoredResult
from beforehand.lib.bus import on

if TYPE_CHECKING:
    from beforehand.journey.listing import Chosen


@on("customers.chosen")
def choose(asked: Mapping[str, str], before: tuple[int, int] | None, limit: int) -> "Chosen | None":
    from beforehand.insight import drilldown  # here, because the lake is slow to load and most commands never need it

    return drilldown.customers(asked, before, limit)


@on("customers.erase")
def erase(customers: list[int], identifiers: list[int]) -> dict[str, Any]:
    return {"results": {"stored results": StoredResult.objects.all().delete()[0]}}
