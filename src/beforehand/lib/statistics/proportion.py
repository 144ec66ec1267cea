"""Shares: how many of n.

Wilson's interval (E. B. Wilson 1927, JASA 22) holds what it promises for small n and for shares near 0 and 1, where
the textbook interval does not. The difference of two shares is Newcombe's hybrid of two Wilson intervals (R. G.
Newcombe 1998, Statistics in Medicine 17, method 10).
"""

import math

from beforehand.lib.statistics.interval import NOTHING, Interval, normal


def wilson(successes: float, n: float, confidence: float = 0.95) -> Interval:
    """A share with Wilson's interval. `n` may be an effective number, hence not whole."""
    if n <= 0:
        return NOTHING
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n} is not a share.")
    z = normal(confidence)
    share = successes / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    low = 0.0 if successes == 0 else max(0.0, middle - half)
    high = 1.0 if successes == n else min(1.0, middle + half)
    return Interval(share, low, high)


def newcombe(successes: float, n: float, others: float, m: float, confidence: float = 0.95) -> Interval:
    """The share `successes`/`n` minus the share `others`/`m`, from two independent groups."""
    first, second = wilson(successes, n, confidence), wilson(others, m, confidence)
    difference = first.value - second.value
    down = math.hypot(first.value - first.low, second.high - second.value)
    up = math.hypot(first.high - first.value, second.value - second.low)
    return Interval(difference, difference - down, difference + up)
