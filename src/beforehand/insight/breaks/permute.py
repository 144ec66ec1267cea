"""Days exchanged between customers: what the scan would find if nothing had to do with when.

Each customer keeps everything that happened, in its order, and is given the days of another customer who was active
on about as many days. So journeys stay whole (one busy customer stays one), the days stay as busy as they were, with
their weekdays and their growth, and only the tie between what happened and when is cut.
"""

import numpy as np

BLOCK = 30


def exchanged_days(unit_customer: np.ndarray, unit_bin: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A new bin for every unit (a customer's day); units are in the order of customer and day."""
    new = np.r_[True, unit_customer[1:] != unit_customer[:-1]]
    start = np.flatnonzero(new)
    size = np.diff(np.r_[start, len(unit_customer)])
    customers = len(start)
    order = np.lexsort((rng.random(customers), size))
    block = np.arange(customers) // BLOCK
    other = np.empty(customers, np.int64)
    other[order] = order[np.lexsort((rng.random(customers), block))]
    number = np.cumsum(new) - 1
    place = np.arange(len(unit_customer)) - start[number]
    giver = other[number]
    own, given = size[number], size[giver]
    return unit_bin[start[giver] + ((place + 0.5) * given / own).astype(np.int64)]
