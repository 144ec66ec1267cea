"""Durations as people write them: "14 days", "36 hours"."""

import re

UNITS = {"week": 604_800, "day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
SHORT = {"w": "week", "d": "day", "h": "hour", "min": "minute", "m": "minute", "s": "second"}
PATTERN = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([a-z]+)\s*")


def seconds_in(text: object) -> float | None:
    """The seconds of "2 days" or "36 h"; None when it is no duration. A bare number would leave its unit open."""
    found = PATTERN.fullmatch(str(text).lower())
    if found is None:
        return None
    word = SHORT.get(found[2], found[2].removesuffix("s"))
    return float(found[1]) * UNITS[word] if word in UNITS else None


def duration_text(seconds: float) -> str:
    """The same in the largest unit that divides it: 86,400 -> "1 day"; 129,600 -> "36 hours"."""
    for word, length in UNITS.items():
        if word != "week" and seconds >= length and seconds % length == 0:
            count = int(seconds // length)
            return f"{count} {word}" if count == 1 else f"{count} {word}s"
    return f"{seconds:g} seconds"
