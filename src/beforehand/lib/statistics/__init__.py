"""Numbers with their intervals. One topic a module; every function says where its formula comes from.

An interval is always `Interval(value, low, high)`; its confidence is 95 % unless the call says otherwise. Nothing here
knows a touchpoint: counts, sums and lists go in, numbers come out.
"""

from beforehand.lib.statistics.interval import Interval

__all__ = ["Interval"]
