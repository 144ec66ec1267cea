"""How the columns of a log are written as properties: numbers of things and words as texts, amounts as numbers."""

from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
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


def column(plan: Plan, texts: list[str], touchpoints: Table, name: str) -> pa.Array:
    """A property of every touchpoint, null where it has none."""
    numbers = touchpoints.columns[name]
    if name in AMOUNTS:
        return pa.array(numbers, pa.float64(), mask=np.isnan(numbers))
    if name == "wrong":
        return pa.array(numbers, pa.bool_(), mask=~numbers)
    if name in WHOLE:
        return pa.array(numbers, pa.int64(), mask=numbers < 0)
    if name in NUMBERS:
        return pa.array(numbers, pa.int64(), mask=numbers < 0).cast(pa.string())
    return words(numbers, texts if name == "text" else _days(plan) if name == "due" else WORDS[name])


def words(numbers: NDArray[Any], texts: list[str]) -> pa.Array:
    """Numbers into texts as texts, null where a number is negative."""
    places = pa.array(numbers.astype(np.int32), mask=numbers < 0)
    return pa.DictionaryArray.from_arrays(places, pa.array(texts, pa.string()))


def _days(plan: Plan) -> list[str]:
    """The midnights with which the days of the log begin, and some after it."""
    return [f"{plan.start.date() + timedelta(days=day)}T00:00:00Z" for day in range(plan.days + 60)]


def dictionaries(plan: Plan, texts: list[str], touchpoints: Table) -> list[dict[str, Any]]:
    """The properties of each touchpoint."""
    made: list[dict[str, Any]] = [{} for _ in range(len(touchpoints))]
    for name in NAMES:
        if name in touchpoints.columns:
            values = column(plan, texts, touchpoints, name)
            here = np.flatnonzero(values.is_valid())
            for row, value in zip(here.tolist(), values.take(pa.array(here)).to_pylist(), strict=True):
                made[row][name] = value
    return made
