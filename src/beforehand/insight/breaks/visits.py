"""Where one visit of a customer ends and the next begins, if the data has visits at all."""

import numpy as np

from beforehand.insight.breaks.log import Log

SHORTEST, LONGEST = 30 * 60, 14 * 86400
DEEP = 0.1
"""A valley counts when it is at most this share of the lower of the two hills beside it."""
BEYOND = 0.02


def gaps(log: Log) -> np.ndarray:
    """Seconds since the same customer's previous touchpoint; infinite for the first."""
    since = np.r_[np.inf, np.diff(log.time)] if len(log) else np.zeros(0)
    return np.where(log.new_customer, np.inf, since)


def pause_between_visits(waits: np.ndarray) -> float | None:
    """The pause that parts two visits, in seconds; None when the waits show no clear parting.

    The histogram of the logarithm of the waits has two hills where customers come in visits: steps within a visit,
    and the days or weeks between visits. The pause is the middle of the valley between them, when that valley is deep.
    """
    finite = waits[np.isfinite(waits) & (waits > 0)]
    if len(finite) < 200:
        return None
    counts, edges = np.histogram(np.log2(finite), bins=np.arange(0, 30))
    best: tuple[float, float] | None = None
    for at in range(1, len(counts) - 1):
        seconds = 2 ** (edges[at] + 0.5)
        if SHORTEST <= seconds <= LONGEST and counts[at + 1 :].sum() >= BEYOND * len(finite):
            hill = min(counts[:at].max(), counts[at + 1 :].max())
            if hill and counts[at] <= DEEP * hill and (best is None or counts[at] / hill < best[0] - 1e-9):
                best = (counts[at] / hill, seconds)
    return _middle_of_valley(counts, edges, best) if best else None


def _middle_of_valley(counts: np.ndarray, edges: np.ndarray, best: tuple[float, float]) -> float:
    lowest = int(np.floor(np.log2(best[1])))
    end = lowest
    while end + 1 < len(counts) and counts[end + 1] <= counts[lowest] and 2.0 ** edges[end + 1] <= LONGEST:
        end += 1
    return float(2 ** ((edges[lowest] + edges[end] + 1) / 2))
