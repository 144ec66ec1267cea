"""What insight does when somebody is erased: kept results may name them, and can be computed again."""

from typing import Any

from beforehand.insight.models import StoredResult
from beforehand.lib.bus import on


@on("customers.erase")
def erase(customers: list[int], identifiers: list[int]) -> dict[str, Any]:
    return {"results": {"stored results": StoredResult.objects.all().delete()[0]}}
