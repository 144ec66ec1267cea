"""The measures, one in a file. A file here that has a `measure` is one: nothing else has to be told."""

import importlib
import pkgutil
from functools import cache

from beforehand.insight.measure import Measure
from beforehand.insight.query import BadQuery

_folders = [__name__]


def register(package: str) -> None:
    """Take in the measures of a room above: a package whose files are measures, like this one."""
    if package not in _folders:
        _folders.append(package)
        all.cache_clear()


@cache
def all() -> dict[str, Measure]:
    """Every measure by its slug, in the order of the files' names; those of rooms above come last."""
    folders = [importlib.import_module(package) for package in _folders]
    names = [f"{folder.__name__}.{found.name}" for folder in folders for found in pkgutil.iter_modules(folder.__path__)]
    modules = [importlib.import_module(name) for name in names]
    found = [module.measure for module in modules if hasattr(module, "measure")]
    return {measure.slug: measure for measure in found}


def find(slug: str) -> Measure:
    try:
        return all()[slug]
    except KeyError:
        raise BadQuery(f"There is no measure “{slug}”. There are: {', '.join(all())}.") from None
