"""Numbers, spans, money and intervals as people read them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beforehand.lib import format as plain


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"), (7, "7"), (18204, "18,204"), (71.44, "71.4"), (2.345, "2.35"), (-0.6, "−0.60"), (612.4, "612"),
        (-0.001, "0.00"), (Decimal("12.5"), "12.5"), (float("nan"), "–"), (float("inf"), "–"),
        (10**15, "1,000,000,000,000,000"),
    ],
)  # fmt: skip
def test_a_number_keeps_three_figures(value, said):
    assert plain.number(value) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"), (0.25, "250 ms"), (0.9999, "1 s"), (40, "40 s"), (59.7, "1 min"), (1080, "18 min"), (3600, "1 h"),
        (3599.9, "1 h"), (5400, "1 h 30 min"), (86_399, "1 d"), (97_200, "1 d 3 h"), (780_000, "9 d 1 h"),
        (-5400, "−1 h 30 min"), (timedelta(days=1000), "1,000 d"), (float("nan"), "–"),
    ],
)  # fmt: skip
def test_a_span_shows_its_two_largest_units(seconds, said):
    assert plain.duration(seconds).replace("\u00a0", " ") == said


@given(st.floats(0, 1e10))
def test_a_span_never_carries_a_full_unit(seconds):
    said = plain.duration(seconds).replace("\u00a0", " ")
    assert not any(wrong in f" {said} " for wrong in (" 24 h ", " 60 min ", " 60 s ", " 1000 ms "))


def test_money_knows_its_sign_and_its_place():
    assert plain.money(3978, "EUR") == "€3,978.00"
    assert plain.money(-12.5, "GBP") == "−£12.50"
    assert plain.money(123456, "USD") == "$123,456"
    assert plain.money(5000, "JPY") == "¥5,000"
    assert plain.money(5, "SEK") == "5.00\u00a0SEK"


def test_an_interval_with_a_minus_uses_a_word():
    assert plain.interval("70.1", "72.6") == "[70.1–72.6]"
    assert plain.interval(plain.number(-0.6), plain.number(3)) == "[−0.60 to 3]"


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (0.714, "share", ("71.4", "%")), (97_200, "seconds", ("1\u00a0d\u00a03\u00a0h", "")),
        (12.34, "points", ("12.3", "")), (4.2, "rate", ("4.20", "per 1,000")), (612, "count", ("612", "")),
        (4.25, "score", ("4.25", "")), (3, "kg", ("3", "kg")),
    ],
)  # fmt: skip
def test_every_unit_of_a_measure_can_be_said(value, unit, said):
    assert plain.figure(value, unit) == said
