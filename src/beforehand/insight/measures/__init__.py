"""The measures, one in a file. A file here that has a `measure` is one: nothing else has to be told."""

import importlib
import pkgutil
from functools import cache

from beforehand.insight.measure import Measure
from beforehand.insight.query import BadQuery


@cache
def all() -> dict[str, Measure]:
    """Every measure by its slug, in the order of the files' names."""
    modules = (importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    found = [module.measure for module in modules if hasattr(module, "measure")]
    return {measure.slug: measure for measure in found}


def find(slug: str) -> Measure:
    try:
        return all()[slug]
    except KeyError:
        raise BadQuery(f"There is no measure “{slug}”. There are: {', '.join(all())}.") from None
