"""Things of one sort, column by column: customers, visits, orders, contacts."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Table:
    """Arrays of one length by name, which are read as attributes: `orders.time`."""

    def __init__(self, **columns: NDArray[Any]) -> None:
        self.columns = columns

    def __getattr__(self, name: str) -> NDArray[Any]:
        if name == "columns":
            raise AttributeError(name)
        try:
            return self.columns[name]
        except KeyError:
            raise AttributeError(name) from None

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()))) if self.columns else 0

    def take(self, rows: NDArray[Any]) -> "Table":
        """These rows: a mask or positions."""
        return Table(**{name: column[rows] for name, column in self.columns.items()})

    def set(self, **columns: NDArray[Any]) -> "Table":
        """The same with more or other columns."""
        return Table(**(self.columns | columns))


def stacked(tables: Iterable[Table]) -> Table:
    """One under the other. All have the same columns."""
    tables = list(tables)
    return Table(**{name: np.concatenate([table.columns[name] for table in tables]) for name in tables[0].columns})


def places(keys: NDArray[Any], among: NDArray[Any]) -> NDArray[np.intp]:
    """Where each key stands in `among`, which has each once; -1 where it does not."""
    if len(among) == 0:
        return np.full(len(keys), -1, dtype=np.intp)
    order = np.argsort(among)
    at = order[np.searchsorted(among, keys, sorter=order).clip(0, len(among) - 1)]
    return np.where(among[at] == keys, at, -1)
