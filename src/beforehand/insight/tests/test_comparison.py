"""A verdict only where chance does not explain the difference."""

from typing import NamedTuple

import numpy as np
import pytest

from beforehand.insight import figures
from beforehand.insight.comparison import compare, compare_many, difference
from beforehand.lib.statistics.proportion import newcombe, wilson


class E(NamedTuple):
    value: float | None
    low: float | None
    high: float | None


def test_for_two_shares_it_is_newcombe():
    ours = difference(E(*wilson(56, 70)), E(*wilson(48, 80)))
    assert ours == pytest.approx(newcombe(56, 70, 48, 80))


def test_a_change_is_better_or_worse_by_what_is_good():
    now, before = E(0.118, 0.109, 0.127), E(0.141, 0.131, 0.151)
    better = compare(now, before, "down")
    assert (better.detectable, better.tone, better.up) == (True, "good", False)
    assert compare(now, before, "up").tone == "broken"
    assert compare(now, before, "none").tone == ""
    low, high = better.size_ends
    assert 0 < low < better.size < high


def test_within_chance_there_is_no_detectable_change():
    change = compare(E(0.72, 0.70, 0.74), E(0.71, 0.69, 0.73), "up")
    assert not change.detectable and change.tone == ""


def test_without_an_interval_nothing_is_said():
    assert compare(E(5.0, None, None), E(4.0, 3.0, 5.0), "up") is None
    assert compare(E(float("nan"), 1.0, 2.0), E(4.0, 3.0, 5.0), "up") is None
    assert compare_many([None], "up") == [None]


def test_of_many_comparisons_of_nothing_few_are_called():
    chance = np.random.default_rng(5)
    calls = []
    for _ in range(200):
        pairs = [(E(*wilson(*draw)), E(*wilson(*other))) for draw, other in _draws(chance)]
        calls.append(any(change.detectable for change in compare_many(pairs, "up")))
    assert sum(calls) / 200 < 0.1


def _draws(chance):
    return [((chance.binomial(200, 0.3), 200), (chance.binomial(200, 0.3), 200)) for _ in range(8)]


def test_figures_carry_their_units():
    plain = lambda text: text.replace("\u202f", " ").replace("\u00a0", " ")  # noqa: E731
    assert plain(figures.text(0.118, "share")) == "11.8 %"
    assert plain(figures.text(97_200, "seconds")) == "1 d 3 h"
    assert plain(figures.text(None, "share")) == "–"
    assert plain(figures.interval(0.109, 0.127, "share")) == "[10.9–12.7]"
    assert figures.interval(None, 0.1, "share") == ""
    assert figures.difference(0.023, "share", signed=True) == "+2.3"
    assert figures.difference(-0.023, "share", signed=True) == "−2.3"
