"""When a mail says it was sent, and whether that can be."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

AHEAD = timedelta(hours=25)
BEHIND = timedelta(days=14)
_DATE = re.compile(
    r"(?:[A-Z][a-z]{2},? +)?\d{1,2} +[A-Z][a-z]{2} +\d{2,4} +\d{1,2}:\d\d(?::\d\d)?(?: +[+-]\d{4}| +[A-Z]{1,4})?"
)


def sent(value: str, arrived: datetime | None) -> tuple[datetime | None, str]:
    """The moment in UTC, and why it is doubted: "", missing, unreadable, no_zone, ahead, behind.

    `arrived`: when our own server took it, or what the topmost Received says; without one only the limits of
    plausible mail hold (1982 to 2100).
    """
    if not value.strip():
        return None, "missing"
    moment = _read(value)
    if moment is None:
        return None, "unreadable"
    doubt = ""
    if moment.tzinfo is None:
        moment, doubt = moment.replace(tzinfo=UTC), "no_zone"
    try:
        moment = moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return None, "unreadable"
    if moment.year < 1982 or (arrived and moment < arrived - BEHIND):
        return moment, "behind"
    if moment.year > 2100 or (arrived and moment > arrived + AHEAD):
        return moment, "ahead"
    return moment, doubt


def _read(value: str) -> datetime | None:
    for text in (value[:200], *(match[0] for match in _DATE.finditer(value[:2000]))):
        try:
            return parsedate_to_datetime(text)
        except (TypeError, ValueError, IndexError, OverflowError, AttributeError):
            continue
    return None


def of_received(value: str) -> datetime | None:
    """The moment at the end of a Received header."""
    moment = _read(value.rpartition(";")[2]) if ";" in value else None
    return moment.astimezone(UTC) if moment and moment.tzinfo and 1982 < moment.year < 2100 else None
