"""How often something happens: events over an exposure, when the events come independently of one another.

The interval is Garwood's exact one (F. Garwood 1936, Biometrika 28), from the gamma distribution. Contacts of
customers are not independent (who wrote once writes again): for those use `cluster.ratio`.
"""

from beforehand.lib.statistics.interval import NOTHING, Interval


def garwood(events: int, exposure: float, confidence: float = 0.95) -> Interval:
    """Events per unit of exposure."""
    from scipy.special import gammaincinv

    if exposure <= 0:
        return NOTHING
    tail = (1 - confidence) / 2
    low = float(gammaincinv(events, tail)) if events else 0.0
    high = float(gammaincinv(events + 1, 1 - tail))
    return Interval(events / exposure, low / exposure, high / exposure)
