"""Which days and whom a board shows, for any query string."""

from datetime import date, timedelta
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beforehand.insight.filters import choose, extent
from beforehand.insight.segments import Segment

TODAY = date(2026, 11, 19)
LIVE = [(date(2025, 1, 1), TODAY, 1000)]
ENDED = [(date(2024, 3, 1), date(2024, 6, 9), 1000)]


def test_while_data_comes_in_the_last_four_weeks_are_shown():
    chosen = choose({}, LIVE, TODAY)
    assert (chosen.start, chosen.end, chosen.days) == (date(2026, 10, 23), TODAY, 28)
    assert chosen.before == (date(2026, 9, 25), date(2026, 10, 22))
    assert chosen.query == ""


def test_a_period_before_of_which_there_is_only_a_part_is_nothing_to_compare_with():
    chosen = choose({"days": "28"}, [(date(2026, 10, 1), TODAY, 1000)], TODAY)
    assert chosen.before is None


def test_where_data_ended_long_ago_all_of_it_is_shown():
    chosen = choose({}, ENDED, TODAY)
    assert (chosen.start, chosen.end, chosen.days) == (date(2024, 3, 1), date(2024, 6, 9), None)
    assert chosen.whole and chosen.label == "All of the data"
    assert chosen.before is None


def test_the_last_days_are_counted_back_from_the_end_of_the_data():
    chosen = choose({"days": "7"}, ENDED, TODAY)
    assert (chosen.start, chosen.end) == (date(2024, 6, 3), date(2024, 6, 9))
    assert chosen.label == "Last 7 days"


def test_days_can_be_named():
    chosen = choose({"from": "2024-04-09", "to": "2024-05-09", "segment": "platform:mobile"}, ENDED, TODAY)
    assert (chosen.start, chosen.end, chosen.length) == (date(2024, 4, 9), date(2024, 5, 9), 31)
    assert chosen.segment == Segment("platform", "mobile")
    assert parse_qs(chosen.query[1:]) == {"from": ["2024-04-09"], "to": ["2024-05-09"], "segment": ["platform:mobile"]}
    assert chosen.dates == "9\u00a0Apr\u00a0–\u00a09\u00a0May\u00a02024"


def test_one_end_is_enough():
    assert choose({"from": "2024-05-01"}, ENDED, TODAY).end == date(2024, 6, 9)
    assert choose({"to": "2024-05-01"}, ENDED, TODAY).start == date(2024, 3, 1)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"days": "0"}, "no number of days"),
        ({"days": "-3"}, "no number of days"),
        ({"days": "lots"}, "no number of days"),
        ({"days": "99999999999999"}, "no number of days"),
        ({"from": "yesterday"}, "no day"),
        ({"from": "0001-01-01"}, "no day"),
        ({"from": "2024-05-01", "to": "2024-04-01"}, "ended before it began"),
        ({"segment": "mobile"}, "no segment"),
    ],
)
def test_what_makes_no_sense_is_said_and_the_usual_is_shown(asked, says):
    chosen = choose(asked, ENDED, TODAY)
    assert says in " ".join(chosen.problems)
    assert (chosen.start, chosen.end, chosen.segment) == (date(2024, 3, 1), date(2024, 6, 9), None)


@given(st.dictionaries(st.sampled_from(["days", "from", "to", "segment", "page", "view"]), st.text(max_size=20)))
def test_any_query_string_gives_a_period(asked):
    chosen = choose(asked, ENDED, TODAY)
    assert chosen.start <= chosen.end
    assert chosen.choices and chosen.label


def test_stray_days_do_not_stretch_the_data():
    spans = [(date(1970, 1, 1), date(1970, 1, 1), 1), *ENDED[:1], (date(2099, 1, 1), date(2099, 1, 1), 1)]
    spans[1] = (*ENDED[0][:2], 100_000)
    assert extent(spans, TODAY) == ENDED[0][:2]


def test_an_old_beginning_counts_when_there_is_more_than_a_stray_row_in_it():
    spans = [(date(2010, 1, 1), date(2010, 1, 31), 5_000), (*ENDED[0][:2], 100_000)]
    assert extent(spans, TODAY) == (date(2010, 1, 1), ENDED[0][1])


def test_nothing_at_all_is_today():
    chosen = choose({}, [], TODAY)
    assert (chosen.first, chosen.last, chosen.end) == (TODAY, TODAY, TODAY)
    assert chosen.start == TODAY - timedelta(days=27)


def test_the_menu_keeps_what_else_was_asked_for():
    chosen = choose({"days": "7", "view": "table", "segment": "a:b", "page": "3"}, LIVE, TODAY)
    week, *_others, whole = chosen.choices
    assert week.current and not whole.current
    assert parse_qs(whole.query[1:]) == {
        "segment": ["a:b"],
        "view": ["table"],
        "from": ["2025-01-01"],
        "to": ["2026-11-19"],
    }
    assert parse_qs(chosen.segment_link(None)[1:]) == {"days": ["7"], "view": ["table"]}
