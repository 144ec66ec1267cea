"""Chance by name: every draw is a function of the seed, of what it is for, and of whom it is about.

A draw depends on nothing that was drawn before it. Taking a customer, an order or a cause out of a simulation leaves
every other draw as it was: common random numbers for as many purposes as there are words. The generator is the
finaliser of SplitMix64 (Steele, Lea and Flood, 2014), applied twice.
"""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Keys = NDArray[np.uint64]
Floats = NDArray[np.float64]


def _word(purpose: str) -> np.uint64:
    return np.uint64(int.from_bytes(blake2b(purpose.encode(), digest_size=8).digest(), "little"))


def _mix(keys: Keys) -> Keys:
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))


class Dice:
    """Draws for the things with these keys. The same seed, purpose and key always give the same draw."""

    def __init__(self, seed: int) -> None:
        self.seed = _mix(np.array([seed], dtype=np.uint64) + np.uint64(0x9E3779B97F4A7C15))

    def keys(self, purpose: str, of: NDArray[np.integer]) -> Keys:
        """Keys of new things, one for each thing in `of`: numbers, or the keys of what they belong to."""
        with np.errstate(over="ignore"):
            salt = _mix(self.seed ^ _word(purpose))
            return _mix(_mix(of.astype(np.uint64) + salt) * np.uint64(0x9E3779B97F4A7C15) + salt)

    def uniform(self, purpose: str, of: Keys) -> Floats:
        """Between 0 and 1, never either."""
        return (self.keys(purpose, of) >> np.uint64(11)).astype(np.float64) * 2.0**-53 + 2.0**-54

    def chance(self, purpose: str, of: Keys, share: float | Floats) -> NDArray[np.bool_]:
        return self.uniform(purpose, of) < share

    def between(self, purpose: str, of: Keys, low: float | Floats, high: float | Floats) -> Floats:
        return low + (high - low) * self.uniform(purpose, of)

    def normal(self, purpose: str, of: Keys) -> Floats:
        return np.asarray(ndtri(self.uniform(purpose, of)), dtype=np.float64)

    def around(self, purpose: str, of: Keys, median: float | Floats, spread: float) -> Floats:
        """Log-normal with this median; `spread` is the standard deviation of the logarithm."""
        return median * np.exp(spread * self.normal(purpose, of))

    def soon(self, purpose: str, of: Keys, mean: float | Floats) -> Floats:
        """Exponential: most of it early."""
        return -mean * np.log(self.uniform(purpose, of))

    def pick(self, purpose: str, of: Keys, weights: Sequence[float]) -> NDArray[np.int16]:
        """The place of one of the weights."""
        until = np.cumsum(weights) / np.sum(weights)
        return np.searchsorted(until, self.uniform(purpose, of)).clip(0, len(weights) - 1).astype(np.int16)
