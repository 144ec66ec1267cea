"""Many tests at once: how many of those called found may be false (Y. Benjamini, Y. Hochberg 1995, JRSS B 57)."""

from collections.abc import Sequence


def adjusted(ps: Sequence[float]) -> list[float]:
    """Each p as the smallest false discovery rate at which it would be called found, in the order given."""
    count = len(ps)
    smallest = 1.0
    result = [1.0] * count
    for rank, index in zip(range(count, 0, -1), sorted(range(count), key=lambda i: ps[i], reverse=True), strict=True):
        smallest = min(smallest, ps[index] * count / rank)
        result[index] = smallest
    return result


def found(ps: Sequence[float], rate: float = 0.05) -> list[bool]:
    """Which of the tests to call found, so that at most `rate` of them are false on average."""
    return [p <= rate for p in adjusted(ps)]
