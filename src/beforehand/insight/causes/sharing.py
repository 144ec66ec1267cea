"""Whose doing a contact is, where several troubles are at work at once.

One additive model for all: what is written in a piece is Poisson with mean expected + the sum of what the troubles at
work in it bring, each by its own rate for the days since it struck. The rates come by EM (Y. Vardi, L. Shepp, L.
Kaufman 1985, JASA 80; for contacts that follow one another: A. Veen, F. P. Schoenberg 2008, JASA 103). They are used
for one thing only: to divide the excess of a piece between the troubles in it. Every contact is so counted once.
"""

import numpy as np

from beforehand.insight.causes.exposed import Pieces
from beforehand.insight.causes.landmarks import LAGS

ROUNDS = 60


def shares(pieces: Pieces, expected: np.ndarray) -> np.ndarray:
    """Of each piece (rows) the share of its excess that belongs to each cause (columns); rows sum to 1."""
    causes = pieces.work.shape[1]
    row, cause = np.nonzero(pieces.work >= 0)
    stretch = np.searchsorted(LAGS, pieces.work[row, cause], side="right") - 1
    cell = cause * len(LAGS) + stretch
    exposure = pieces.length[row]
    total = np.bincount(cell, exposure, causes * len(LAGS))
    rate = np.where(total > 0, max(float((pieces.wrote - expected).sum()), 1e-6) / max(total.sum(), 1e-9), 0.0)
    floor = 1e-9
    for _ in range(ROUNDS):
        brought = np.bincount(row, rate[cell] * exposure, len(expected))
        ratio = pieces.wrote / np.maximum(expected + brought, 1e-12)
        gain = np.bincount(cell, ratio[row] * exposure, len(rate))
        rate = np.where(total > 0, rate * gain / np.maximum(total, 1e-12), 0.0) + floor
    part = rate[cell] * exposure
    whole = np.bincount(row, part, len(expected))
    result = np.zeros(pieces.work.shape)
    result[row, cause] = part / whole[row]
    return result
