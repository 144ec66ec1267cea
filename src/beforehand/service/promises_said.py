"""Promises in what we write: a plain rule that needs a word of promising and a time in one sentence.

It offers, and a person takes it over or does not. English and German.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from beforehand.lib.trouble import Trouble
from beforehand.service import when

SENTENCE = re.compile(r"(?<=[.!?])(?<!\d\.)\s+|\n+")
PROMISES = re.compile(
    r"\b(?:(?:i|we)(?:['’]ll| will| shall| am going to| are going to| promise)"
    r"|you(?:['’]ll| will| can expect| should have)|it(?:['’]ll| will)"
    r"|(?:will|shall) be (?:with|there|sent|shipped|ready|done|on)"
    r"|(?:ich|wir) (?:werde|werden|melde|melden|schicke|schicken|rufe|rufen|sende|senden|erstatte|erstatten|kümmere"
    r"|kümmern|prüfe|prüfen|liefern|versprechen|verspreche)|(?:erhalten|bekommen) sie|sie (?:erhalten|bekommen|hören)"
    r"|du (?:erhältst|bekommst|hörst)|wird .{0,60}(?:geliefert|erstattet|verschickt|gesendet|da sein))",
    re.IGNORECASE,
)
NEVER = re.compile(
    r"\b(?:not|never|cannot|can['’]t|won['’]t|nicht|nie|kein|keine|if|falls|wenn|unless)\b", re.IGNORECASE
)
_DAY = (
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag"
    r"|tomorrow|today|tonight|übermorgen|morgen|heute"
)
_MONTH = "|".join(sorted({name for names in when.MONTHS for name in names if len(name) > 2}, key=len, reverse=True))
_HOUR = (
    r"(?:\s+(?:(?:at|by|before|vor|um)\s+)?(?:noon|midday|mittags?)\b"
    r"|\s+(?:at|um|by|bis|before|vor)?\s*\d{1,2}(?::\d{2})?\s?(?:am|pm|uhr|o'clock)?\b(?!\s*(?:days|tage|%|€)))?"
)
TIMES = re.compile(
    rf"\b(?:(?:next |nächsten )?(?:{_DAY}){_HOUR}"
    rf"|\d{{1,2}}\.\d{{1,2}}\.(?:\d{{4}})?{_HOUR}|\d{{4}}-\d{{2}}-\d{{2}}"
    rf"|\d{{1,2}}\.? (?:of )?(?:{_MONTH})\b{_HOUR}|(?:{_MONTH}) \d{{1,2}}(?:st|nd|rd|th)?\b{_HOUR}"
    r"|(?:in|within|innerhalb von|binnen)\s+(?:the next |den nächsten )?"
    r"(?:\d{1,3}|an?|one|two|three|einer?|einem|zwei|drei)"
    r"\s+(?:working |business |werk)?(?:minutes?|minuten|hours?|stunden?|days?|tagen?|weeks?|wochen?))",
    re.IGNORECASE,
)
WORKING_DAYS = re.compile(r"(\d{1,2}|one|two|three|ein|zwei|drei)\s+(?:working |business |werk)(?:days?|tage?n?)")
HOUR = re.compile(r"\d{1,2}:\d{2}|\d\s?(?:am|pm|uhr)|\bat \d|\bum \d|minute|stunde|hour|noon|mittag")
MOST = 20
LONGEST = 20_000


class Said(NamedTuple):
    """A sentence that promises, and by when."""

    text: str
    due: datetime


def found(text: str, now: datetime, zone: tzinfo) -> list[Said]:
    """Every sentence that promises something by a time in the future, without what is quoted."""
    own = "\n".join(line for line in text[:LONGEST].splitlines() if not line.lstrip().startswith(">"))
    return list(_found(own, now, zone))[:MOST]


def _found(text: str, now: datetime, zone: tzinfo) -> Iterator[Said]:
    for sentence in SENTENCE.split(text):
        sentence = " ".join(sentence.split())
        if not PROMISES.search(sentence) or NEVER.search(sentence) or sentence.endswith("?"):
            continue
        for match in TIMES.finditer(sentence):
            due = _due(match[0], now, zone)
            if due is not None:
                yield Said(sentence[:300], due)
                break


def _due(words: str, now: datetime, zone: tzinfo) -> datetime | None:
    """The end of what is said: a day without an hour ends with the office hours, which we take to be at 18:00."""
    words = words.casefold()
    if match := WORKING_DAYS.search(words):
        return _working_days(when.NUMBERS.get(match[1]) or int(match[1]), now, zone)
    words = re.sub(r"\b(?:within|innerhalb von|binnen)\b", "in", words)
    words = re.sub(r"\b(?:the next|den nächsten|before|vor)\s", "", words).replace("midday", "noon")
    words = re.sub(r"(\d)(?:st|nd|rd|th)\b", r"\1", words)
    words = re.sub(r"(\d)\. (?=[a-zäö])", r"\1 ", words)
    has_hour = bool(HOUR.search(words))
    try:
        return when.read(words if has_hour else f"{words} 18:00", now, zone)
    except Trouble:
        return None


def _working_days(number: int, now: datetime, zone: tzinfo) -> datetime:
    day = now.astimezone(zone)
    while number > 0:
        day += timedelta(days=1)
        number -= day.weekday() < 5
    return day.replace(hour=18, minute=0, second=0, microsecond=0)
