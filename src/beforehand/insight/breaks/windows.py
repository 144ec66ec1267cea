"""The spans of days that are searched, and how unusual a span is.

The statistic is the likelihood ratio of the scan statistic (M. Kulldorff 1997, Communications in Statistics 26): how
much better two shares, one inside the window and one outside, explain what was counted than one share for all days.
Expected counts stand in for the one share, so that what follows a step is compared with what usually follows it.
"""

from typing import NamedTuple

import numpy as np

MOST_BINS = 200
LENGTHS = (2, 4, 7, 10, 14, 21, 30, 45, 60, 90, 120, 160)
LEAST_TRIALS = 8
LEAST_CASES = 5
CHUNK = 256
WORTH_A_LOOK = 8.0
"""Windows whose squared Pearson residual stays under this are not worked out in full; maxima are far above."""


class Windows(NamedTuple):
    """Window i covers bins start[i] to end[i] - 1."""

    start: np.ndarray
    end: np.ndarray
    bins: int


def windows_over(bins: int) -> Windows:
    """Windows of growing length, each length at steps of a third of itself, and all that touch an end of the data."""
    spans: set[tuple[int, int]] = set()
    for length in LENGTHS:
        step = max(1, length // 3) if length > 2 else 2
        spans.update((start, start + length) for start in range(0, bins - length + 1, step))
    for edge in range(4, bins - 3, 4):
        spans.update({(0, edge), (edge, bins)})
    ordered = np.array(sorted(spans) or [(0, 1)], np.int64)
    return Windows(ordered[:, 0], ordered[:, 1], bins)


def apart(bins: int) -> float:
    """How many windows of all lengths lie side by side: about as many chances as the overlapping ones make."""
    return sum(bins / length for length in LENGTHS if length <= bins)


class Best(NamedTuple):
    """For each candidate: the signed root of twice the log likelihood ratio at its best window, and that window."""

    root: np.ndarray
    window: np.ndarray


def term(observed: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """x ln(x / e), which is 0 where x is 0."""
    return np.where(observed > 0, observed * np.log(np.maximum(observed, 1e-9) / np.maximum(expected, 1e-9)), 0.0)


def ratio(cases: np.ndarray, expected: np.ndarray, trials: np.ndarray) -> np.ndarray:
    """Log likelihood ratio of `cases` among `trials` where `expected` were expected."""
    return term(cases, expected) + term(trials - cases, np.maximum(trials - expected, 1e-9))


def best_windows(
    cases: np.ndarray, expected: np.ndarray, trials: np.ndarray, up: np.ndarray, down: np.ndarray, windows: Windows
) -> Best:
    """The most unusual window of each candidate. The three tables are (bins, candidates); `up` and `down` say which
    direction of a candidate counts."""
    running = [_running(table) for table in (cases, expected, trials)]
    best = Best(np.zeros(len(up)), np.zeros(len(up), np.int64))
    for begin in range(0, len(up), CHUNK):
        own = slice(begin, begin + CHUNK)
        found = _best_of([np.ascontiguousarray(table[:, own]) for table in running], up[own], down[own], windows)
        best.root[own], best.window[own] = found
    return best


def _best_of(running: list[np.ndarray], up: np.ndarray, down: np.ndarray, windows: Windows) -> Best:
    """`best_windows` for as many candidates as the processor keeps at hand."""
    inside = [table[windows.end] for table in running]
    for table, total in zip(inside, running, strict=True):
        table -= total[windows.start]
    o, e, n = inside
    total_o, total_e, total_n = (table[-1].astype(float) for table in running)
    pearson = o - e
    pearson *= pearson
    pearson *= n
    pearson *= total_n.astype(np.float32)
    spread = n - e
    spread *= e
    spread *= total_n.astype(np.float32) - n
    spread *= WORTH_A_LOOK
    window, candidate = np.nonzero(pearson > spread)
    cases, expected, trials = (table[window, candidate].astype(float) for table in inside)
    more = cases > expected
    others = total_n[candidate] - trials
    allowed = (
        (trials >= LEAST_TRIALS)
        & (others >= LEAST_TRIALS)
        & np.where(more, up[candidate] & (cases >= LEAST_CASES), down[candidate])
    )
    value = ratio(cases, expected, trials)
    value += ratio(total_o[candidate] - cases, np.maximum(total_e[candidate] - expected, 1e-9), others)
    root = np.sqrt(2 * np.maximum(value, 0)) * np.where(more, 1, -1) * allowed
    return _strongest(root, candidate, window, len(up))


def best_windows_of_scores(scores: np.ndarray, trials: np.ndarray, windows: Windows) -> Best:
    """The same for scores with mean 0 and variance 1 each; only larger scores inside count."""
    (s, total_s), (n, total_n) = (
        (table[windows.end] - table[windows.start], table[-1]) for table in (_running(scores), _running(trials))
    )
    allowed = (n >= LEAST_TRIALS) & (total_n - n >= LEAST_TRIALS)
    spread = np.sqrt(np.maximum(n * (1 - n / np.maximum(total_n, 1)), 1e-6))
    root = np.where(allowed, (s - n * (total_s / np.maximum(total_n, 1))) / spread, 0.0)
    window, candidate = np.nonzero(root > 0)
    return _strongest(root[window, candidate], candidate, window, scores.shape[1])


def _running(table: np.ndarray) -> np.ndarray:
    running = np.zeros((len(table) + 1, table.shape[1]), np.float32)
    np.cumsum(table, axis=0, out=running[1:])
    return running


def _strongest(root: np.ndarray, candidate: np.ndarray, window: np.ndarray, size: int) -> Best:
    """The largest |root| of each candidate; 0 and window 0 where there is none."""
    best = Best(np.zeros(size), np.zeros(size, np.int64))
    order = np.lexsort((np.abs(root), candidate))
    last = order[np.r_[np.diff(candidate[order]) != 0, True]] if len(order) else order
    best.root[candidate[last]] = root[last]
    best.window[candidate[last]] = window[last]
    return best
