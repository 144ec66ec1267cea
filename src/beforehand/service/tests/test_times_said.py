"""Times and promises as people write them."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from beforehand.service import promises_said, when

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 18, 10, 30, tzinfo=ZONE)  # a Wednesday


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("tue 9", "2026-11-24 09:00"),
        ("tuesday at 14:30", "2026-11-24 14:30"),
        ("tomorrow", "2026-11-19 09:00"),
        ("morgen 14 uhr", "2026-11-19 14:00"),
        ("übermorgen", "2026-11-20 09:00"),
        ("in 3 days", "2026-11-21 09:00"),
        ("in 2 h", "2026-11-18 12:30"),
        ("30 min", "2026-11-18 11:00"),
        ("in einer Woche", "2026-11-25 09:00"),
        ("next week", "2026-11-25 09:00"),
        ("in 2 monaten", "2027-01-18 09:00"),
        ("17:00", "2026-11-18 17:00"),
        ("9:00", "2026-11-19 09:00"),
        ("9am", "2026-11-19 09:00"),
        ("wed", "2026-11-25 09:00"),
        ("wed 17", "2026-11-18 17:00"),
        ("mi 8", "2026-11-25 08:00"),
        ("24.12.", "2026-12-24 09:00"),
        ("1.2. 10:15", "2027-02-01 10:15"),
        ("24 dec 8pm", "2026-12-24 20:00"),
        ("Dec 24", "2026-12-24 09:00"),
        ("2026-12-01", "2026-12-01 09:00"),
        ("2026-12-01 13:45", "2026-12-01 13:45"),
        ("heute Abend", "2026-11-18 18:00"),
        ("tonight", "2026-11-18 18:00"),
        ("friday noon", "2026-11-20 12:00"),
    ],
)
def test_a_time_is_read_as_people_mean_it(text, meant):
    assert when.read(text, NOW, ZONE).strftime("%Y-%m-%d %H:%M") == meant


@pytest.mark.parametrize("text", ["", "soon", "tue 99", "31.2.", "in 0.5 days", "in 99999999 days", "x" * 5000])
def test_what_is_no_time_is_told_so(text):
    with pytest.raises(when.Trouble):
        when.read(text, NOW, ZONE)


def test_a_time_that_has_gone_by_is_told_so():
    with pytest.raises(when.GoneBy):
        when.read("today 8", NOW, ZONE)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("Hello Ana,\n\nwe will call you on Friday.", "2026-11-20 18:00"),
        ("You will have your refund within 5 working days.", "2026-11-25 18:00"),
        ("I'll get back to you tomorrow at 3pm. Bye", "2026-11-19 15:00"),
        ("We will send your refund by Friday at noon.", "2026-11-20 12:00"),
        ("It will be with you on Friday before midday.", "2026-11-20 12:00"),
        ("Wir melden uns morgen bei Ihnen.", "2026-11-19 18:00"),
        ("Wir liefern Freitag mittag.", "2026-11-20 12:00"),
        ("Sie erhalten das Paket bis Freitag.", "2026-11-20 18:00"),
        ("Das Geld wird am 24.11. erstattet.", "2026-11-24 18:00"),
    ],
)
def test_a_promise_with_a_date_is_found(text, due):
    (said,) = promises_said.found(text, NOW, ZONE)
    assert said.due.strftime("%Y-%m-%d %H:%M") == due


@pytest.mark.parametrize(
    "text",
    [
        "Your parcel left on Friday.",
        "We will not call on Friday.",
        "Will you be in on Friday?",
        "> We will call you on Friday.",
        "If it does not come by Friday we will look again.",
        "We will see.",
    ],
)
def test_what_promises_nothing_offers_nothing(text):
    assert promises_said.found(text, NOW, ZONE) == []
