"""Charts put numbers where they belong, for any numbers."""

import itertools
import math
import re
from datetime import date, timedelta
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from beforehand.insight.charts import bars
from beforehand.insight.charts.scale import Scale, ticks, time_ticks
from beforehand.insight.charts.spark import spark
from beforehand.insight.charts.trend import Period, trend
from beforehand.insight.journey_map.lettering import width


class Point(NamedTuple):
    day: date
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    provisional: bool = False


START = date(2026, 3, 1)
numbers = st.none() | st.just(math.nan) | st.floats(-1e9, 1e9)


def points(values):
    return [Point(START + timedelta(days=index), *value) for index, value in enumerate(values)]


@settings(deadline=None)
@given(
    st.lists(st.tuples(numbers, numbers, numbers, st.integers(0, 9), st.booleans()), max_size=60),
    st.sampled_from([(1140.0, 270.0), (358.0, 230.0)]),
)
def test_a_trend_stays_in_its_drawing_and_its_labels_apart(values, size):
    chart = trend(points(values), *size, lambda value: f"{value:.4g}", [Period(START, START + timedelta(days=9), "1")])
    if chart is None:
        return
    paths = chart.lines + chart.soon_lines + chart.bands + chart.soon_bands
    for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", " ".join(paths)):
        assert chart.frame.left <= float(x) <= chart.frame.right
        assert 0 <= float(y) <= chart.frame.base
    ends = [(tick.at - width(tick.text, 11) / 2, tick.at + width(tick.text, 11) / 2) for tick in chart.frame.days]
    assert all(end < start for (_, end), (start, _) in itertools.pairwise(ends))


def test_a_gap_in_the_numbers_is_a_gap_in_the_line():
    chart = trend(points([(1.0,), (2.0,), (None,), (3.0,), (4.0,)]), 664, 236, str)
    assert len(chart.lines) == 2


def test_what_is_provisional_is_dotted_and_joined_to_what_is_firm():
    values = [(1.0, 0.5, 1.5, 9, False), (2.0, 1.5, 2.5, 9, False), (3.0, 2.0, 4.0, 9, True)]
    chart = trend(points(values), 664, 236, str)
    assert len(chart.lines) == len(chart.soon_lines) == 1
    assert chart.lines[0].split("L")[-1] == chart.soon_lines[0][1:].split("L")[0]
    assert chart.now.provisional


def test_one_day_is_no_trend():
    assert trend(points([(1.0,)]), 664, 236, str) is None


def test_an_axis_starts_at_zero_unless_all_happens_far_above():
    assert trend(points([(5.0,), (10.0,)]), 664, 236, str).frame.levels[0].text == "0.0"
    assert trend(points([(95.0,), (97.0,)]), 664, 236, str).frame.levels[0].text != "0.0"


@given(st.floats(-1e12, 1e12), st.floats(0, 1e12))
def test_ticks_enclose_the_values(low, more):
    found = ticks(low, low + more)
    slack = 1e-6 * max(abs(low), more, 1)
    assert found[0] <= low + slack and found[-1] >= low + more - slack
    assert 2 <= len(found) <= 7


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(1, 12_000), st.integers(2, 14))
def test_days_below_a_trend_are_in_it_and_not_too_many(first, days, most):
    found = time_ticks(first, first + timedelta(days=days), most)
    assert all(first <= day <= first + timedelta(days=days) for day, _ in found)
    assert len(found) <= most + 2


def test_a_value_outside_the_scale_is_put_on_its_edge():
    assert Scale(0, 10, 0, 100).at(25) == 100


def test_a_wait_falls_into_the_bin_that_its_label_says():
    chart = bars.waits([(bars.bin_of(30), 4), (bars.bin_of(90_000), 2)])
    assert chart.bars[0].title.replace("\u00a0", " ") == "10 s – 1 min" and chart.bars[0].n == 4
    assert chart.bars[-1].title.replace("\u00a0", " ") == "1 d – 3 d" and chart.bars[-1].n == 2
    assert bars.waits([]) is None


def test_sql_and_python_agree_on_bins():
    import duckdb

    waits = [0, 0.5, 1, 9.99, 10, 59, 60, 86_400, 1e9]
    for wait in waits:
        assert duckdb.sql(f"select {bars.bin_sql(str(wait))}").fetchone()[0] == bars.bin_of(wait)


def test_a_spark_needs_two_values():
    assert spark(points([(1.0,), (None,)])) == ""
    assert spark(points([(1.0,), (None,), (2.0,)])).count("L") == 1
