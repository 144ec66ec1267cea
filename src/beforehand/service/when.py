"""Times as people write them: “tue 9”, “tomorrow”, “in 3 days”, “morgen 14:30”, “24.12.”. English and German.

A day without an hour is nine in the morning; an hour without a day is the next time that the clock shows it.
"""

import re
from datetime import date, datetime, timedelta, tzinfo

from django.utils.translation import gettext as _

from beforehand.lib.trouble import Trouble

MORNING = 9
FURTHEST = timedelta(days=3 * 366)
UNITS = {
    "m": "minutes", "min": "minutes", "mins": "minutes", "minute": "minutes", "minutes": "minutes",
    "minuten": "minutes",
    "h": "hours", "hr": "hours", "hrs": "hours", "hour": "hours", "hours": "hours", "std": "hours", "stunde": "hours",
    "stunden": "hours",
    "d": "days", "day": "days", "days": "days", "tag": "days", "tage": "days", "tagen": "days",
    "w": "weeks", "week": "weeks", "weeks": "weeks", "woche": "weeks", "wochen": "weeks",
    "month": "months", "months": "months", "monat": "months", "monate": "months", "monaten": "months",
}  # fmt: skip
DAYS = (
    ("mon", "monday", "mo", "montag"), ("tue", "tuesday", "tues", "di", "dienstag"),
    ("wed", "wednesday", "mi", "mittwoch"), ("thu", "thursday", "thurs", "thur", "do", "donnerstag"),
    ("fri", "friday", "fr", "freitag"), ("sat", "saturday", "sa", "samstag", "sonnabend"),
    ("sun", "sunday", "so", "sonntag"),
)  # fmt: skip
MONTHS = (
    ("jan", "january", "januar"), ("feb", "february", "februar"), ("mar", "march", "märz", "mär"),
    ("apr", "april"), ("may", "mai"), ("jun", "june", "juni"), ("jul", "july", "juli"), ("aug", "august"),
    ("sep", "sept", "september"), ("oct", "october", "okt", "oktober"), ("nov", "november"),
    ("dec", "december", "dez", "dezember"),
)  # fmt: skip
WEEKDAY = {name: place for place, names in enumerate(DAYS) for name in names}
MONTH = {name: place for place, names in enumerate(MONTHS, 1) for name in names}
NEAR = {"today": 0, "heute": 0, "tomorrow": 1, "tmrw": 1, "morgen": 1, "übermorgen": 2}
PARTS = {
    "morning": 9, "früh": 9, "vormittag": 10, "noon": 12, "mittag": 12, "mittags": 12, "afternoon": 14,
    "nachmittag": 14, "evening": 18, "abend": 18, "abends": 18, "tonight": 18,
}  # fmt: skip
NUMBERS = dict.fromkeys(("a", "an", "one", "ein", "eine", "einer", "einem"), 1)
NUMBERS |= {"two": 2, "zwei": 2, "three": 3, "drei": 3}
NEXT = frozenset({"next", "nächsten", "nächster", "nächste", "nächstes", "kommenden"})
SMALL = frozenset(
    (
        "at",
        "on",
        "um",
        "am",
        "the",
        "of",
        "uhr",
        "den",
        "im",
        "bis",
        "by",
        "till",
        "until",
        "o'clock",
        "diesen",
        "this",
        ",",
    )
)
TIME = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s?(am|pm)?")
PLACE = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[t ]\d{2}:\d{2})?|\d{1,2}\.\d{1,2}\.(?:\d{4}|\d{2})?|\d{1,2}:\d{2}\s?(?:am|pm)?"
    r"|\d{1,2}\s?(?:am|pm)\b|[^\W\d_]+(?:'[^\W\d_]+)?|\d+|\S"
)


class NotATime(Trouble):
    def __init__(self, text: str) -> None:
        super().__init__(
            _("“%(text)s” is no time that is understood. Write “tue 9”, “tomorrow 14:30”, “in 3 days” or “24.12.”.")
            % {"text": text[:60]}
        )


class GoneBy(Trouble):
    def __init__(self) -> None:
        super().__init__(_("That time has gone by. Choose one in the future."))


def read(text: str, now: datetime, zone: tzinfo) -> datetime:
    """The moment that is meant, after now. Raises NotATime, GoneBy."""
    words = [word for word in PLACE.findall(text.casefold().strip()[:80]) if word not in SMALL]
    if not words:
        raise NotATime(text)
    local = now.astimezone(zone)
    try:
        found = _in_a_while(words, local) or _on_a_day(words, local)
    except (ValueError, OverflowError):
        found = None
    if found is None or found - now > FURTHEST:
        raise NotATime(text)
    if found <= now:
        raise GoneBy
    return found


def _in_a_while(words: list[str], local: datetime) -> datetime | None:
    """in 3 days, 2 h, in einer Woche, next week."""
    if words[0] == "in":
        words = words[1:]
    if len(words) == 2 and words[0] in NEXT and words[1] in UNITS:
        number, unit = 1, UNITS[words[1]]
    elif len(words) >= 2 and (words[0].isdecimal() or words[0] in NUMBERS) and words[1] in UNITS:
        number, unit = NUMBERS.get(words[0]) or int(words[0]), UNITS[words[1]]
    else:
        return None
    hour = _hour(words[2:]) if len(words) > 2 else None
    if unit in {"minutes", "hours"}:
        return None if hour else (local + timedelta(**{unit: number})).replace(second=0, microsecond=0)
    if unit == "months":
        month = local.month - 1 + number
        day = min(local.day, 28)
        return _moment(date(local.year + month // 12, month % 12 + 1, day), hour, local)
    if len(words) > 2 and hour is None:
        return None
    return _moment(local.date() + timedelta(**{unit: number}), hour, local)


def _on_a_day(words: list[str], local: datetime) -> datetime | None:
    """tomorrow 14:30, tue 9, 24.12., 24 dec 9:00, 17:00."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}[t ]\d{2}:\d{2}", words[0]):
        return datetime.fromisoformat(words[0].replace("t", "T")).replace(tzinfo=local.tzinfo)
    day, rest = _day(words, local)
    if day is None:
        hour = _hour(rest)
        if hour is None:
            return None
        found = _moment(local.date(), hour, local)
        return found if found > local else _moment(local.date() + timedelta(days=1), hour, local)
    if rest and _hour(rest) is None:
        return None
    return _moment(day, _hour(rest), local)


def _day(words: list[str], local: datetime) -> tuple[date | None, list[str]]:
    """The day that the words begin with, and what is left of them."""
    first, today = words[0], local.date()
    if first in NEXT and len(words) > 1 and words[1] in WEEKDAY:
        words, first = words[1:], words[1]
    if first in NEAR:
        return today + timedelta(days=NEAR[first]), words[1:]
    if first in {"tonight"}:
        return today, words
    if first in WEEKDAY:
        ahead = (WEEKDAY[first] - today.weekday()) % 7
        if ahead == 0:
            hour = _hour(words[1:])
            ahead = 0 if hour is not None and _moment(today, hour, local) > local else 7
        return today + timedelta(days=ahead), words[1:]
    if match := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", first):
        return date(int(match[1]), int(match[2]), int(match[3])), words[1:]
    if match := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{2,4})?", first):
        return _date(int(match[1]), int(match[2]), match[3], today), words[1:]
    if first.isdecimal() and len(words) > 1 and words[1].rstrip(".") in MONTH:
        return _date(int(first), MONTH[words[1]], None, today), words[2:]
    if first in MONTH and len(words) > 1 and words[1].isdecimal():
        return _date(int(words[1]), MONTH[first], None, today), words[2:]
    return None, words


def _date(day: int, month: int, year: str | None, today: date) -> date:
    """Without a year the next such day."""
    if year is not None:
        return date(int(year) + (2000 if len(year) == 2 else 0), month, day)
    this = date(today.year, month, day)
    return this if this >= today else date(today.year + 1, month, day)


def _hour(words: list[str]) -> tuple[int, int] | None:
    text = " ".join(words)
    if text in PARTS:
        return PARTS[text], 0
    match = TIME.fullmatch(text)
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[2] or 0)
    if match[3]:
        hour = hour % 12 + (12 if match[3] == "pm" else 0)
    return (hour, minute) if hour < 24 and minute < 60 else None


def _moment(day: date, hour: tuple[int, int] | None, local: datetime) -> datetime:
    hours, minutes = hour or (MORNING, 0)
    return datetime(day.year, day.month, day.day, hours, minutes, tzinfo=local.tzinfo)
