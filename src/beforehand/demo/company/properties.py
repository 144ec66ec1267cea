"""How the columns of a log are written as properties: numbers of things and words as texts, amounts as numbers."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from beforehand.demo.company.answers import MEASURES
from beforehand.demo.company.orders import COURIERS, VERSIONS
from beforehand.demo.company.people import PLATFORMS, REGIONS
from beforehand.demo.company.plan import Plan
from beforehand.demo.company.subscriptions import BILLING, PLANS, STEPS, TOOLS
from beforehand.demo.company.table import Table
from beforehand.demo.company.troubles import SORT_NAMES
from beforehand.demo.company.visits import CATEGORIES, PRODUCTS, STORES

WORDS = {
    "courier": COURIERS,
    "region": REGIONS,
    "platform": PLATFORMS,
    "version": VERSIONS,
    "billing": BILLING,
    "store": STORES,
    "product": PRODUCTS,
    "category": CATEGORIES,
    "plan": PLANS,
    "step": STEPS,
    "tool": TOOLS,
    "measure": MEASURES,
    "about": SORT_NAMES,
    "article": ["How returns work"],
}
"""The words of columns that hold numbers of words; -1 is none."""
NUMBERS = ["order_id", "cart_id", "subscription_id", "invoice_id"]
AMOUNTS = ["total", "amount"]
WHOLE = ["score", "max"]
NAMES = [*NUMBERS, *WORDS, *AMOUNTS, *WHOLE, "due", "wrong", "text"]


def values(plan: Plan, texts: list[str], touchpoints: Table, name: str) -> tuple[NDArray[np.bool_], NDArray[Any]]:
    """Which touchpoints have a property, and its values for those: text, float, int or bool, as an object array."""
    column = touchpoints.columns[name]
    if name in AMOUNTS:
        here = ~np.isnan(column)
        return here, column[here].astype(object)
    if name == "wrong":
        return column, np.full(int(column.sum()), True, dtype=object)
    here = column >= 0
    return here, _written(plan, texts, name)(column[here])


def _written(plan: Plan, texts: list[str], name: str) -> Callable[[NDArray[Any]], NDArray[Any]]:
    if name in WHOLE:
        return lambda column: column.astype(object)
    if name == "text":
        return np.array([*texts, ""], dtype=object).__getitem__
    if name == "due":
        first = plan.start.date()
        days = np.array([f"{first + timedelta(days=day)}T00:00:00Z" for day in range(plan.days + 60)], dtype=object)
        return days.__getitem__
    if name in WORDS:
        return np.array(WORDS[name], dtype=object).__getitem__
    return lambda column: column.astype(str).astype(object)


def dictionaries(plan: Plan, texts: list[str], touchpoints: Table) -> list[dict[str, Any]]:
    """The properties of each touchpoint."""
    made: list[dict[str, Any]] = [{} for _ in range(len(touchpoints))]
    for name in NAMES:
        if name in touchpoints.columns:
            here, written = values(plan, texts, touchpoints, name)
            for row, value in zip(np.flatnonzero(here).tolist(), written.tolist(), strict=True):
                made[row][name] = value
    return made
