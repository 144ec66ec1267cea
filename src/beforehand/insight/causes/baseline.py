"""What would have been written without the trouble: rates by state, age, days since, week and weekday.

After a moment of stratum z, on day j since, a customer with tendency f writes f · r(z, j) · s(day) times, where s is
the product of a factor for the calendar week and one for the weekday. r and s are fitted in turn to the moments without
trouble (iterative proportional fitting, maximum likelihood for a log-linear Poisson model). Rates of strata with few
contacts are drawn towards those of the same state at all ages, and these towards all.
"""

from typing import NamedTuple

import numpy as np

from beforehand.insight.causes.landmarks import LAGS, LEVELS, STRETCHES, WINDOW, Followed, Strata

PARTS = 40
ROUNDS = 4
DRAWN = 4.0
"""So many contacts' worth of belief in the rate of the wider group."""


class Baseline(NamedTuple):
    """`rate[z, j]` a day, `season[day]`; `without[p, z, j]` and `seasons[p, day]` are those with part p of the
    customers left out."""

    rate: np.ndarray
    season: np.ndarray
    without: np.ndarray
    seasons: np.ndarray


def fit(seen: Followed, strata: Strata, length: int) -> Baseline:
    """`length` in days."""
    at, hits = seen.at_risk, seen.hits
    z_count, season = strata.size, np.ones(length + WINDOW + 2)
    drawn, thin = DRAWN * seen.repeated.reshape(-1, 1, 1, 1), 2 * DRAWN * float(seen.repeated.sum())
    observed = _by_part(hits, hits["day"] + hits["lag"], hits["count"], len(season))
    hit = np.bincount(hits["stratum"] * WINDOW + hits["lag"], hits["count"], z_count * WINDOW).reshape(-1, WINDOW)
    for _ in range(ROUNDS):
        risk = _risk(at, season, z_count)
        rate = _drawn(hit, risk, drawn, strata)
        expected = _expected(at, rate, len(season))
        season = _season(observed.sum(0), expected.sum(0), thin)
    risk = _risk(at, season, z_count)
    rate = _drawn(hit, risk, drawn, strata)
    return Baseline(
        rate, season, _parts(at, hits, season, hit, risk, drawn, strata), _seasons(observed, expected, season, thin)
    )


def _by_part(rows: dict[str, np.ndarray], day: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    """The sum of the values by part of the customers and day."""
    found: np.ndarray = np.bincount(rows["part"] * size + day, values, PARTS * size).reshape(PARTS, size)
    return found


def _risk(at: dict[str, np.ndarray], season: np.ndarray, z_count: int) -> np.ndarray:
    """Tendency-days by stratum and lag."""
    return np.column_stack(
        [
            np.bincount(at["stratum"], at["weight"] * season[at["day"] + lag] * (at["whole"] > lag), z_count)
            for lag in range(WINDOW)
        ]
    )


def _drawn(hit: np.ndarray, risk: np.ndarray, drawn: np.ndarray, strata: Strata) -> np.ndarray:
    """Rates, each drawn towards that of the wider group: all, pair, last contact, its days, its ages, stratum.

    Days are taken together in stretches (LAGS); inside one, all pairs have the same course.
    """
    pairs = len(strata.pairs)
    course = (hit.sum(0) + 1e-9) / np.maximum(risk.sum(0), 1e-9)
    cells = (pairs, STRETCHES, LEVELS, len(LAGS))
    h = np.add.reduceat(hit, LAGS, axis=1).reshape(cells)
    r = np.add.reduceat(risk * course, LAGS, axis=1).reshape(cells)
    level = np.ones(cells)
    for axes in ((1, 2, 3), (0, 1, 3), (1, 2), (1, 3), (2, 3), (3,), ()):
        top = h.sum(axes, keepdims=True) if axes else h
        mean = (r * level).sum(axes, keepdims=True) if axes else r * level
        level = level * (top + drawn) / (mean + drawn)
    widths = np.diff([*LAGS, WINDOW])
    return np.repeat(level.reshape(-1, len(LAGS)), widths, axis=1) * course


def _expected(at: dict[str, np.ndarray], rate: np.ndarray, size: int) -> np.ndarray:
    """Contacts by part and day, were all days alike."""
    found = np.zeros((PARTS, size))
    for lag in range(WINDOW):
        found += _by_part(at, at["day"] + lag, at["weight"] * rate[at["stratum"], lag] * (at["whole"] > lag), size)
    return found


def _season(observed: np.ndarray, expected: np.ndarray, drawn: float) -> np.ndarray:
    """The factor of each day: that of its week times that of its weekday."""
    days = np.arange(len(observed))
    factor = np.ones(len(observed))
    for group in (days // 7, days % 7):
        top = np.bincount(group, observed)[group] + drawn
        bottom = np.bincount(group, expected * factor)[group] + drawn
        factor = factor * top / bottom
    return factor


def _seasons(observed: np.ndarray, expected: np.ndarray, season: np.ndarray, drawn: float) -> np.ndarray:
    """The season with each part of the customers left out in turn, brought to the level of the season of all: the level
    is the rates'."""
    whole, usual = observed.sum(0), expected.sum(0)
    found = np.array([_season(whole - observed[p], usual - expected[p], drawn) for p in range(PARTS)])
    total = found @ usual
    return found * np.divide(float(season @ usual), total, out=np.ones(PARTS), where=total > 0)[:, None]


def _parts(
    at: dict[str, np.ndarray],
    hits: dict[str, np.ndarray],
    season: np.ndarray,
    hit: np.ndarray,
    risk: np.ndarray,
    drawn: np.ndarray,
    strata: Strata,
) -> np.ndarray:
    """The rates with each part of the customers left out in turn, the season as it is."""
    z_count, kept = strata.size, []
    for part in range(PARTS):
        own, wrote = at["part"] == part, hits["part"] == part
        less_risk = _risk({key: column[own] for key, column in at.items()}, season, z_count)
        less = np.bincount(
            hits["stratum"][wrote] * WINDOW + hits["lag"][wrote], hits["count"][wrote], z_count * WINDOW
        ).reshape(-1, WINDOW)
        kept.append(_drawn(hit - less, risk - less_risk, drawn, strata))
    return np.array(kept)
