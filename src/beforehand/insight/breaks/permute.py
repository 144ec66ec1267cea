"""What customers have exchanged between them: what the scan would find if nothing had to do with it.

For breaks in time, each customer keeps everything that happened, in its order, and is given the days of another
customer who was active on about as many days. So journeys stay whole (one busy customer stays one), the days stay as
busy as they were, with their weekdays and their growth, and only the tie between what happened and when is cut. For
standing loops, customers who came to the same step exchange their segments in the same way.
"""

import numpy as np

BLOCK = 30


def givers(owner: np.ndarray, rng: np.random.Generator, among: np.ndarray | None = None) -> np.ndarray:
    """For every row the row whose value it is given: that of another owner with about as many rows.

    Rows of an owner stand together; they are in the order of `among`, when only owners with the same value of it may
    exchange.
    """
    among = np.zeros(len(owner), np.int64) if among is None else among
    new = np.r_[True, (owner[1:] != owner[:-1]) | (among[1:] != among[:-1])][: len(owner)]
    start = np.flatnonzero(new)
    size = np.diff(np.r_[start, len(owner)])
    part = among[start]
    order = np.lexsort((rng.random(len(start)), size, part))
    first_of_part = np.r_[True, np.diff(part) != 0][: len(part)]
    place_in_part = np.arange(len(start)) - np.maximum.accumulate(np.where(first_of_part, np.arange(len(start)), 0))
    other = np.empty(len(start), np.int64)
    other[order] = order[np.lexsort((rng.random(len(start)), place_in_part // BLOCK, part))]
    number = np.cumsum(new) - 1
    place = np.arange(len(owner)) - start[number]
    own, given = size[number], size[other[number]]
    return start[other[number]] + ((place + 0.5) * given / own).astype(np.int64)


def exchanged_days(unit_customer: np.ndarray, unit_bin: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A new bin for every unit (a customer's day); units are in the order of customer and day."""
    return unit_bin[givers(unit_customer, rng)]
