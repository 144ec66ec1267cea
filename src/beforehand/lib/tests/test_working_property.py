"""Laws of working time, for any calendar, in zones whose clocks do odd things, against a slow count of minutes."""

import json
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from beforehand.lib.fields import from_micros, to_micros
from beforehand.lib.working import DAY_LONG, MINUTE, SECOND, Calendar, Holidays, Window, calendar_in

DAY = 86_400 * SECOND
ODD_DAYS = {
    "UTC": [date(2024, 2, 29)],
    "Europe/Berlin": [date(2026, 3, 29), date(2026, 10, 25), date(2024, 3, 31)],
    "America/New_York": [date(2026, 3, 8), date(2026, 11, 1)],
    "America/St_Johns": [date(2006, 4, 2), date(2006, 10, 29)],  # changed a minute after midnight
    "America/Sao_Paulo": [date(2018, 11, 4), date(2018, 2, 18)],  # midnight itself was left out
    "Australia/Lord_Howe": [date(2026, 4, 5), date(2026, 10, 4)],  # half an hour
    "Antarctica/Troll": [date(2026, 3, 29), date(2026, 10, 25)],  # two hours
    "Africa/Casablanca": [date(2026, 2, 15), date(2026, 3, 22)],  # backwards for Ramadan
    "Asia/Kathmandu": [date(2026, 1, 1)],
    "Asia/Pyongyang": [date(2015, 8, 15), date(2018, 5, 5)],
    "Pacific/Apia": [date(2011, 12, 30)],  # a day left out
    "Pacific/Kwajalein": [date(1993, 8, 21)],  # a day left out
    "America/Caracas": [date(2007, 12, 9), date(2016, 5, 1)],
}


@st.composite
def windows(draw):
    """Any window to the minute, often at the hours at which clocks are changed."""
    start = draw(st.one_of(st.sampled_from([0, 60, 120, 150, 180, 540, 1320]), st.integers(0, 1439)))
    length = draw(st.one_of(st.sampled_from([1, 30, 60, 480]), st.integers(1, 1439)))
    return draw(
        st.sampled_from(
            [DAY_LONG, Window(start * 60, (start + length) * 60), Window(start * 60, (start + length) * 60)]
        )
    )


days = st.lists(windows(), max_size=3).map(tuple)


@st.composite
def calendars(draw):
    """A calendar, and an instant near a day on which its zone's clock does something."""
    zone = draw(st.sampled_from(sorted(ODD_DAYS)))
    middle = draw(st.sampled_from(ODD_DAYS[zone]))
    week = draw(st.tuples(*[days] * 7).filter(any))
    near = st.integers(-3, 3).map(lambda n: middle + timedelta(days=n))
    overrides = draw(st.dictionaries(near, days, max_size=2))
    holidays = draw(st.lists(near, max_size=2, unique=True))
    made = Calendar(zone, week, tuple(overrides.items()), (Holidays("", "", tuple(sorted(holidays))),))
    noon = datetime.combine(middle, time(12), UTC)
    return made, to_micros(noon)


spans = st.integers(-2 * 24 * 60, 2 * 24 * 60).map(lambda minutes: minutes * MINUTE)
fine = st.integers(-20 * DAY, 20 * DAY)


def oracle(calendar, start, end):
    """Minute by minute: open while the local clock, as far as it ever got, stands within a window."""
    zone, furthest, count = ZoneInfo(calendar.zone), None, 0
    for minute in range(start - 26 * 60 * MINUTE, end, MINUTE):
        shown = from_micros(minute).astimezone(zone).replace(tzinfo=None)
        furthest = shown if furthest is None else max(furthest, shown)
        count += minute >= start and within(calendar, furthest)
    return count * MINUTE


def within(calendar, shown):
    for back in (0, 1):
        day = shown.date() - timedelta(days=back)
        since = (shown - datetime.combine(day, time.min)).total_seconds()
        if any(window.start <= since < window.end for window in windows_of(calendar, day)):
            return True
    return False


def windows_of(calendar, day):
    """Written anew, not asked of the calendar: an override, else nothing on a holiday, else the week."""
    for named, its_windows in calendar.overrides:
        if named == day:
            return its_windows
    if any(day in one.days for one in calendar.holidays):
        return ()
    return calendar.week[day.weekday()]


@settings(max_examples=60, deadline=None)
@given(calendars(), spans, st.integers(0, 36 * 60))
def test_it_is_what_counting_minutes_gives(made, offset, minutes):
    calendar, middle = made
    start = middle + offset
    assert calendar.worked(start, start + minutes * MINUTE) == oracle(calendar, start, start + minutes * MINUTE)


@settings(max_examples=60, deadline=None)
@given(calendars(), fine, fine, fine)
def test_parts_add_up_in_whatever_order(made, first, second, third):
    calendar, middle = made
    a, b, c = middle + first, middle + second, middle + third
    assert calendar.worked(a, b) + calendar.worked(b, c) == calendar.worked(a, c)
    assert calendar.worked(a, a) == 0
    assert calendar.worked(a, b) == -calendar.worked(b, a)


@settings(max_examples=60, deadline=None)
@given(calendars(), fine, st.integers(0, 10 * DAY), st.integers(0, 10 * DAY))
def test_it_never_runs_backwards_nor_faster_than_time(made, offset, length, more):
    calendar, middle = made
    start = middle + offset
    short, long = calendar.worked(start, start + length), calendar.worked(start, start + length + more)
    assert 0 <= short <= length
    assert 0 <= long - short <= more


@settings(max_examples=80, deadline=None)
@given(calendars(), fine, st.integers(0, 10 * DAY))
def test_what_passed_until_an_instant_in_hours_lands_on_it_when_it_is_added(made, offset, length):
    calendar, middle = made
    start = middle + offset
    end = start + length
    landed = calendar.add(start, calendar.worked(start, end))
    assert landed <= end
    assert calendar.worked(landed, end) == 0
    if calendar.is_open(end - 1):
        assert landed == end


@settings(max_examples=60, deadline=None)
@given(calendars(), fine, st.integers(1, 200 * 3600 * SECOND), st.integers(1, DAY))
def test_what_is_added_has_passed_and_not_a_moment_sooner(made, offset, span, more):
    calendar, middle = made
    start = middle + offset
    due = calendar.add(start, span)
    assert calendar.worked(start, due) == span
    assert calendar.worked(start, due - 1) == span - 1
    assert calendar.add(due, more) == calendar.add(start, span + more)


@settings(max_examples=60, deadline=None)
@given(calendars(), fine)
def test_the_next_opening_is_open_and_nothing_was_open_before_it(made, offset):
    calendar, middle = made
    at = middle + offset
    opening = calendar.opening(at)
    assert opening >= at
    assert calendar.is_open(opening)
    assert calendar.worked(at, opening) == 0
    assert calendar.is_open(at) is (opening == at)


@settings(max_examples=40, deadline=None)
@given(calendars(), fine, st.integers(0, 10 * DAY))
def test_the_plain_form_counts_the_same(made, offset, length):
    calendar, middle = made
    again = calendar_in(json.loads(json.dumps(calendar.plain())))
    assert again == calendar and again.version == calendar.version
    start = middle + offset
    assert again.worked(start, start + length) == calendar.worked(start, start + length)


@settings(max_examples=12, deadline=None)
@given(calendars(), st.lists(fine, min_size=2, max_size=6))
@example((Calendar("UTC", ((DAY_LONG,),) * 7), 0), [5 * 365 * DAY, -400 * DAY, 900 * DAY])
def test_it_does_not_matter_what_was_asked_before(made, offsets):
    """Years are laid out as they are asked for; a calendar that has answered before gives the answers of a new one."""
    calendar, middle = made
    for n, offset in enumerate(offsets):
        at = middle + offset + n * 400 * DAY
        fresh = Calendar(calendar.zone, calendar.week, calendar.overrides, calendar.holidays)
        assert fresh.worked(middle, at) == calendar.worked(middle, at)
        assert fresh.add(at, 90 * MINUTE) == calendar.add(at, 90 * MINUTE)
