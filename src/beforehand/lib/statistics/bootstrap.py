"""The bootstrap over customers: for numbers that no formula fits. Whole customers are drawn, never single rows."""

from collections.abc import Callable, Hashable, Sequence

import numpy as np

from beforehand.lib.statistics.interval import Interval


def over_customers(
    customers: Sequence[Hashable],
    values: Sequence[float],
    statistic: Callable[[np.ndarray], float] = lambda drawn: float(drawn.mean()),
    draws: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Interval:
    """`statistic` of the values, with the percentile interval of `draws` samples of customers with replacement.

    The same seed gives the same interval (B. Efron, R. Tibshirani 1993, An Introduction to the Bootstrap, ch. 13).
    """
    if len(customers) != len(values) or not len(values):
        raise ValueError("The bootstrap needs one customer for each value, and at least one value.")
    rows: dict[Hashable, list[int]] = {}
    for index, customer in enumerate(customers):
        rows.setdefault(customer, []).append(index)
    of_customer = [np.asarray(indexes) for indexes in rows.values()]
    data = np.asarray(values, dtype=float)
    chance = np.random.default_rng(seed)
    count = len(of_customer)
    samples = (np.concatenate([of_customer[i] for i in chance.integers(count, size=count)]) for _ in range(draws))
    drawn = [statistic(data[sample]) for sample in samples]
    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(statistic(data), float(low), float(high))


def percentile(samples: np.ndarray, confidence: float = 0.95) -> Interval:
    """The percentile interval of a statistic: the first is that of the data, the others those of its samples.

    Samples from which nothing can be estimated (NaN) are left out; where that is more than one in ten, and where there
    is one sample only, there is no interval.
    """
    drawn = samples[1:][np.isfinite(samples[1:])]
    if len(drawn) < 0.9 * len(samples[1:]) or not len(drawn):
        return Interval(float(samples[0]), float("nan"), float("nan"))
    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(samples[0]), float(low), float(high))
