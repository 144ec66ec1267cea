"""What came from outside as text, as a database takes it."""

import json
import re
from typing import Any

LONGEST_NUMBER = 18
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """The text without what no database takes: NUL is left out, half a character becomes U+FFFD."""
    return _UNSTORABLE.sub(lambda found: "" if found[0] == "\x00" else "\ufffd", text)


def object_in(body: bytes) -> dict[str, Any] | None:
    """The object that a JSON body is; None for a body that is none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def number_in(text: str) -> int:
    """The number of a row as somebody wrote it, plain digits; for all else 0, which no row has."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER else 0


def numbers_in(texts: list[str]) -> list[int]:
    """Those that are numbers of rows, in order."""
    return [number for number in map(number_in, texts) if number]
