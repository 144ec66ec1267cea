"""Calendar parts (RFC 5545), only so far as a desk shows them: what is asked, for when, and what was answered."""

import re

from beforehand.channels.email.parsed import Event

_FOLD = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(r"([A-Za-z-]{1,30})((?:;[^:\"\n]{0,200}(?:\"[^\"\n]{0,200}\")?){0,20}):(.*)")
_STATE = re.compile(r"PARTSTAT=([A-Za-z-]{1,20})", re.IGNORECASE)


def read(text: str, method: str, most: int) -> list[Event]:
    """The events of one part, at most `most`."""
    found: list[Event] = []
    current: dict[str, str] | None = None
    for line in _FOLD.sub("", text[:200_000]).splitlines():
        match = _LINE.match(line.strip()[:4000])
        if not match:
            continue
        name, value = match[1].upper(), match[3].strip()
        if name == "METHOD":
            method = method or value
        elif name == "BEGIN" and value.upper() == "VEVENT":
            current = {}
        elif name == "END" and value.upper() == "VEVENT" and current is not None:
            found.append(_event(method, current))
            current = None
        elif current is not None:
            if name == "ATTENDEE" and (state := _STATE.search(match[2])):
                value = state[1].upper()
            current.setdefault(name, value)
    return (found or [_event(method, {})])[: max(most, 0)]


def _event(method: str, values: dict[str, str]) -> Event:
    summary = re.sub(r"\\([,;\\])", r"\1", values.get("SUMMARY", "").replace("\\n", " "))
    answer = values.get("ATTENDEE", "") if method.upper() == "REPLY" else ""
    return Event(
        method.upper()[:20], values.get("UID", "")[:500], summary[:500], values.get("DTSTART", "")[:40], answer[:20]
    )
