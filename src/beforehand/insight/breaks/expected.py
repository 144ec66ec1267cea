"""What would be expected on a day, when a day differs from others in ways that are no break.

Where days are busier, all waits are shorter and fewer visits seem to end; so stops and waits are compared with those
at all other steps around the same days. And what customers do differs between weekdays.
"""

import numpy as np

SMOOTH = 7
PRIOR = 10.0
WEEK = 7


def wait_surroundings(sums: np.ndarray, many: np.ndarray, step: np.ndarray, steps: int) -> np.ndarray:
    """(bins, steps): the mean wait score at all other steps in the week around, drawn towards 0 by ten trials."""
    size = len(sums)
    by_step, trials = np.zeros((steps, size)), np.zeros((steps, size))
    np.add.at(by_step, step, sums.T)
    np.add.at(trials, step, many.T)
    others = _around(by_step.sum(0) - by_step)
    return (others / (_around(trials.sum(0) - trials) + PRIOR)).T


def stops_expected(
    tries: np.ndarray, total: np.ndarray, step: np.ndarray, of_all: tuple[np.ndarray, np.ndarray]
) -> np.ndarray:
    """(bins, candidates): the candidate's own share of stops, moved on the logit scale with all other steps'."""
    stops, trials = of_all
    usual = stops.sum() / max(trials.sum(), 1)
    others = _around((stops.sum(1, keepdims=True) - stops).T) + PRIOR * usual
    others /= _around((trials.sum(1, keepdims=True) - trials).T) + PRIOR
    own = total / np.maximum(tries.sum(axis=0), 1)
    moved = _expit(_logit(own) + _logit(others[step].T) - _logit(usual))
    expected = tries * moved
    expected *= total / np.maximum(expected.sum(axis=0), 1e-9)
    return np.minimum(expected, tries * 0.9999)


def by_weekday(cases: np.ndarray, expected: np.ndarray, trials: np.ndarray) -> None:
    """Let `expected` (changed in place) follow the weekdays, drawn towards no difference by ten cases."""
    total = cases.sum(axis=0)
    for weekday in range(min(WEEK, len(cases))):
        own = slice(weekday, None, WEEK)
        expected[own] *= (cases[own].sum(axis=0) + PRIOR) / (expected[own].sum(axis=0) + PRIOR)
    expected *= total / np.maximum(expected.sum(axis=0), 1e-9)
    np.minimum(expected, trials * 0.9999, out=expected)


def _around(rows: np.ndarray) -> np.ndarray:
    """Sums over the week around each bin; `rows` is (anything, bins)."""
    running = np.hstack([np.zeros((len(rows), 1)), np.cumsum(rows, axis=1)])
    size = rows.shape[1]
    low = np.maximum(np.arange(size) - SMOOTH // 2, 0)
    high = np.minimum(np.arange(size) + SMOOTH // 2 + 1, size)
    return running[:, high] - running[:, low]


def _logit(share: np.ndarray | float) -> np.ndarray:
    kept = np.clip(share, 1e-4, 1 - 1e-4)
    return np.log(kept / (1 - kept))


def _expit(value: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-value))
