"""Working time: what passes between two instants is counted exactly, in every zone, over every change of clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from beforehand.lib.fields import from_micros, to_micros
from beforehand.lib.working import (
    DAY_LONG,
    HOUR,
    MINUTE,
    SECOND,
    Calendar,
    CalendarRefused,
    NeverOpen,
    Window,
    calendar_in,
    countries,
    holidays_of,
    regions,
    window,
)

OFFICE = (window("09:00", "12:00"), window("13:00", "17:00"))
NIGHT = (window("22:00", "06:00"),)
ALWAYS = (DAY_LONG,)
WEEKDAYS = (OFFICE,) * 5 + ((), ())
DAY = 24 * HOUR


def calendar(week=WEEKDAYS, zone="Europe/Berlin", **more):
    return Calendar(zone, week, **more)


def at(text, zone="Europe/Berlin", fold=0):
    return to_micros(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold))


def local(micros, zone="Europe/Berlin"):
    return from_micros(micros).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")


def test_a_lunch_break_is_not_working_time():
    assert calendar().worked(at("2026-11-18T11:30"), at("2026-11-18T13:30")) == HOUR


def test_seconds_are_exact_and_so_are_their_parts():
    start = at("2026-11-18T16:59:58") + 250_000
    assert calendar().worked(start, at("2026-11-19T09:00:01")) == 2 * SECOND + 750_000


def test_over_a_weekend_nothing_passes():
    assert calendar().worked(at("2026-11-20T17:00"), at("2026-11-23T09:00")) == 0
    assert calendar().worked(at("2026-11-20T16:00"), at("2026-11-23T10:00")) == 2 * HOUR


def test_backwards_it_is_negative():
    assert calendar().worked(at("2026-11-18T11:00"), at("2026-11-18T10:00")) == -HOUR


def test_due_times_lie_in_hours():
    friday = at("2026-11-20T16:30")
    assert local(calendar().add(friday, HOUR)) == "2026-11-23 09:30:00"
    assert local(calendar().add(at("2026-11-21T12:00"), HOUR)) == "2026-11-23 10:00:00"


def test_what_ends_with_the_day_is_due_that_evening():
    assert local(calendar().add(at("2026-11-20T16:00"), HOUR)) == "2026-11-20 17:00:00"
    assert local(calendar().add(at("2026-11-20T16:00"), HOUR + 1)) == "2026-11-23 09:00:00"


def test_nothing_added_is_now_whether_open_or_not():
    assert calendar().add(at("2026-11-21T12:00"), 0) == at("2026-11-21T12:00")


def test_working_time_is_not_taken_away():
    with pytest.raises(ValueError):
        calendar().add(at("2026-11-20T16:00"), -1)


def test_a_window_is_half_open():
    assert calendar().is_open(at("2026-11-20T09:00"))
    assert calendar().is_open(at("2026-11-20T17:00") - 1)
    assert not calendar().is_open(at("2026-11-20T17:00"))
    assert not calendar().is_open(at("2026-11-20T12:00"))


def test_the_next_opening():
    assert local(calendar().opening(at("2026-11-20T17:00"))) == "2026-11-23 09:00:00"
    assert local(calendar().opening(at("2026-11-20T12:10"))) == "2026-11-20 13:00:00"
    assert local(calendar().opening(at("2026-11-20T10:10:10"))) == "2026-11-20 10:10:10"


def test_a_night_shift_runs_past_midnight():
    nights = calendar((NIGHT,) * 5 + ((), ()))
    assert nights.worked(at("2026-11-20T12:00"), at("2026-11-22T12:00")) == 8 * HOUR
    assert nights.is_open(at("2026-11-21T05:59:59"))
    assert not nights.is_open(at("2026-11-21T06:00"))
    assert not nights.is_open(at("2026-11-22T23:00"))


def test_windows_that_overlap_count_once():
    both = calendar(((window("08:00", "14:00"), window("12:00", "16:00")),) * 7)
    assert both.worked(at("2026-11-20T00:00"), at("2026-11-21T00:00")) == 8 * HOUR
    into_the_morning = calendar(((*NIGHT, window("05:00", "07:00")),) * 7)
    assert into_the_morning.worked(at("2026-11-20T12:00"), at("2026-11-21T12:00")) == 9 * HOUR


def test_the_day_on_which_the_clock_is_put_back_has_25_hours():
    assert calendar((ALWAYS,) * 7).worked(at("2026-10-25T00:00"), at("2026-10-26T00:00")) == 25 * HOUR
    assert calendar((NIGHT,) * 7).worked(at("2026-10-24T12:00"), at("2026-10-25T12:00")) == 9 * HOUR


def test_the_day_on_which_the_clock_is_put_forward_has_23_hours():
    assert calendar((ALWAYS,) * 7).worked(at("2026-03-29T00:00"), at("2026-03-30T00:00")) == 23 * HOUR
    assert calendar((NIGHT,) * 7).worked(at("2026-03-28T12:00"), at("2026-03-29T12:00")) == 7 * HOUR


def test_a_window_that_the_clock_jumps_over_is_no_time_at_all():
    early = calendar(((window("02:15", "02:45"),),) * 7)
    assert early.worked(at("2026-03-29T00:00"), at("2026-03-30T00:00")) == 0
    assert local(early.opening(at("2026-03-29T00:00"))) == "2026-03-30 02:15:00"


def test_a_window_that_begins_in_the_hour_that_is_missing_begins_when_the_clock_jumps():
    early = calendar(((window("02:30", "04:00"),),) * 7)
    assert early.opening(at("2026-03-29T00:00")) == at("2026-03-29T03:00")
    assert early.worked(at("2026-03-29T00:00"), at("2026-03-30T00:00")) == HOUR


def test_an_hour_that_comes_twice_belongs_to_the_window_that_holds_it_and_counts_twice_there():
    first, second = calendar(((window("00:00", "02:30"),),) * 7), calendar(((window("02:30", "06:00"),),) * 7)
    sunday, monday = at("2026-10-25T00:00"), at("2026-10-26T00:00")
    assert first.worked(sunday, monday) + second.worked(sunday, monday) == 7 * HOUR
    assert first.worked(sunday, monday) == 2.5 * HOUR


def test_a_zone_whose_clock_moves_by_half_an_hour():
    zone = "Australia/Lord_Howe"
    always = calendar((ALWAYS,) * 7, zone)
    assert always.worked(at("2026-04-05T00:00", zone), at("2026-04-06T00:00", zone)) == 24.5 * HOUR


def test_a_day_that_a_country_left_out_has_no_length():
    """Samoa went from Thursday, 29 December 2011, to Saturday."""
    always = calendar((ALWAYS,) * 7, "Pacific/Apia")
    fridays = calendar(((), (), (), (), OFFICE, (), ()), "Pacific/Apia")
    start, end = at("2011-12-29T00:00", "Pacific/Apia"), at("2012-01-01T00:00", "Pacific/Apia")
    assert always.worked(start, end) == 48 * HOUR
    assert fridays.worked(start, end) == 0
    assert local(fridays.opening(start), "Pacific/Apia") == "2012-01-06 09:00:00"


def test_leap_days_are_days():
    assert calendar().worked(at("2028-02-28T12:00"), at("2028-03-01T12:00")) == 14 * HOUR
    assert calendar().worked(at("2027-02-28T12:00"), at("2027-03-01T12:00")) == 3 * HOUR


def test_on_a_public_holiday_nothing_passes():
    bavaria = calendar(holidays=(holidays_of("DE", "BY"),))
    hamburg = calendar(holidays=(holidays_of("DE", "HH"),))
    start, end = at("2026-01-06T00:00"), at("2026-01-07T00:00")
    assert bavaria.worked(start, end) == 0
    assert hamburg.worked(start, end) == 7 * HOUR


def test_a_holiday_on_the_day_of_a_clock_change():
    """Easter Sunday of 2024 was the day on which the clock went forward."""
    easter = holidays_of("DE", "BB")
    assert date(2024, 3, 31) in easter.days
    always = calendar((ALWAYS,) * 7, holidays=(easter,))
    assert always.worked(at("2024-03-30T00:00"), at("2024-03-31T12:00")) == 24 * HOUR
    assert local(always.opening(at("2024-03-31T12:00"))) == "2024-04-02 00:00:00"
    open_again = calendar((ALWAYS,) * 7, holidays=(easter,), overrides=((date(2024, 3, 31), ALWAYS),))
    assert open_again.worked(at("2024-03-31T00:00"), at("2024-04-01T00:00")) == 23 * HOUR


def test_an_override_is_stronger_than_week_and_holiday():
    short = (window("09:00", "12:00"),)
    own = calendar(
        holidays=(holidays_of("DE"),),
        overrides=((date(2026, 12, 25), short), (date(2026, 12, 28), ()), (date(2026, 12, 27), short)),
    )
    assert own.worked(at("2026-12-25T00:00"), at("2026-12-26T00:00")) == 3 * HOUR
    assert own.worked(at("2026-12-27T00:00"), at("2026-12-28T00:00")) == 3 * HOUR
    assert own.worked(at("2026-12-28T00:00"), at("2026-12-29T00:00")) == 0


def test_a_night_shift_that_begins_before_a_holiday_runs_to_its_end():
    nights = calendar((NIGHT,) * 7, overrides=((date(2026, 12, 25), ()),))
    assert nights.worked(at("2026-12-24T12:00"), at("2026-12-26T12:00")) == 8 * HOUR


def test_a_long_closure_neither_errs_nor_loops():
    closed = tuple((date(2026, 1, 1) + timedelta(days=n), ()) for n in range(1200))
    assert local(calendar(overrides=closed).add(at("2025-12-31T16:00"), 2 * HOUR)) == "2029-04-16 10:00:00"


def test_hours_that_never_suffice_are_said_to_be_so():
    rare = calendar(((window("09:00", "09:01"),), (), (), (), (), (), ()))
    with pytest.raises(NeverOpen, match="too few hours"):
        rare.add(at("2026-01-01T00:00"), 1000 * HOUR)
    assert rare.add(at("2026-01-01T00:00"), 100 * MINUTE) == at("2027-11-29T09:01")


def test_times_that_no_clock_of_ours_ever_showed_are_closed_and_break_nothing():
    always = calendar((ALWAYS,) * 7, "UTC")
    year_one, year_9999 = (to_micros(datetime(year, 1, 1, tzinfo=UTC)) for year in (1, 9999))
    assert always.worked(year_one, 0) == 0
    assert always.worked(year_one, year_9999) == to_micros(datetime(2200, 1, 1, tzinfo=UTC))
    assert not always.is_open(year_9999)
    assert always.opening(-(10**18)) == 0
    with pytest.raises(NeverOpen):
        always.opening(10**18)


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"week": ((),) * 7}, "week", "no hours"),
        ({"week": (OFFICE,) * 5}, "week", "seven days"),
        ({"zone": "Europe/Bonn"}, "zone", "no time zone"),
        ({"zone": "../etc/passwd"}, "zone", "no time zone"),
        ({"week": ((Window(3600, 3600),),) * 7}, "week", "window"),
        ({"week": ((Window(-1, 3600),),) * 7}, "week", "window"),
        ({"week": ((Window(3600, 200_000),),) * 7}, "week", "window"),
        ({"overrides": ((date(2026, 1, 1), ()), (date(2026, 1, 1), OFFICE))}, "overrides", "twice"),
    ],
)
def test_a_calendar_that_says_nothing_is_refused_when_it_is_made(change, field, words):
    with pytest.raises(CalendarRefused, match=words) as refused:
        Calendar(**{"zone": "Europe/Berlin", "week": WEEKDAYS, **change})
    assert refused.value.field == field


@pytest.mark.parametrize(
    "pair", [("9", "17:00"), ("09:00", "09:00"), ("25:00", "26:00"), ("24:30", "25:00"), ("24:00", "01:00"), (9, 17)]
)
def test_times_that_are_none_are_refused_with_words(pair):
    with pytest.raises(CalendarRefused) as refused:
        window(*pair)
    assert len(str(refused.value)) > 20


def test_windows_are_written_as_they_are_read():
    for pair in (["09:00", "17:30"], ["22:00", "06:00"], ["00:00", "24:00"], ["20:00", "24:00"], ["08:00:30", "09:00"]):
        assert window(*pair).plain() == pair
    assert window("22:00", "00:00") == window("22:00", "24:00")
    assert str(window("22:00", "06:00")) == "22:00–06:00"


def test_holidays_are_known_by_country_and_region():
    assert "DE" in countries() and "BY" in regions("DE")
    assert regions("nowhere") == ()
    with pytest.raises(CalendarRefused, match="“XX”"):
        holidays_of("XX")
    with pytest.raises(CalendarRefused, match="BY"):
        holidays_of("DE", "ZZ")


FULL = calendar(
    (NIGHT,) * 7,
    holidays=(holidays_of("DE", "BY"),),
    overrides=((date(2026, 12, 24), OFFICE), (date(2026, 12, 31), ())),
)


def test_a_calendar_comes_back_from_its_plain_form():
    import json

    again = calendar_in(json.loads(json.dumps(FULL.plain())))
    assert again == FULL
    assert again.version == FULL.version
    assert hash(again) == hash(FULL)


def test_its_version_says_what_it_says():
    same = calendar(overrides=((date(2026, 2, 2), ()), (date(2026, 1, 1), ())))
    other_order = calendar(overrides=((date(2026, 1, 1), ()), (date(2026, 2, 2), ())))
    assert same.version == other_order.version
    versions = {calendar().version, FULL.version, calendar(zone="UTC").version, same.version}
    assert len(versions) == 4
    assert calendar().version == "f12503bb14c6"


def test_holidays_without_their_days_are_looked_up():
    plain = {**calendar().plain(), "holidays": [{"country": "DE", "region": "BY"}]}
    assert calendar_in(plain).holidays == (holidays_of("DE", "BY"),)


def test_holidays_stay_as_they_were_written_whatever_the_library_says_later():
    plain = {**calendar().plain(), "holidays": [{"country": "DE", "days": ["2026-11-18"]}]}
    assert calendar_in(plain).worked(at("2026-11-18T00:00"), at("2026-11-19T00:00")) == 0
    assert calendar_in(plain).worked(at("2026-12-25T00:00"), at("2026-12-26T00:00")) == 7 * HOUR


@pytest.mark.parametrize(
    "broken",
    [
        None,
        [],
        {"form": 2},
        {"week": "x"},
        {"week": [["09:00", "17:00"]] * 7},
        {"week": [[["09:00"]]] * 7},
        {"overrides": ["2026-01-01"]},
        {"overrides": {"Christmas": []}},
        {"holidays": ["DE"]},
        {"holidays": [{"country": "DE", "days": 3}]},
        {"holidays": [{"country": "DE", "days": [3]}]},
        {"zone": None},
    ],
)
def test_what_is_no_calendar_is_refused_with_words(broken):
    if isinstance(broken, dict):
        broken = {**calendar().plain(), **broken}
    with pytest.raises(CalendarRefused):
        calendar_in(broken)
