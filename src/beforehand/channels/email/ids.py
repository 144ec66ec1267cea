"""Message-IDs, as they are sent and as they are looked up."""

import re

from beforehand.channels.email import limits
from beforehand.channels.email.headers import loose

_ID = re.compile(r"<([^<>\s]{1,998})>")
_BARE = re.compile(r"[^\s<>,;\"()]{1,500}@[^\s<>,;\"()]{1,490}")


def ids_of(values: list[bytes]) -> tuple[str, ...]:
    """Every id of some headers in order, without brackets, each once. Where there are too many, the middle goes."""
    found: dict[str, None] = {}
    for value in values:
        text = loose(value)
        here = _ID.findall(text) or _BARE.findall(text)
        found.update(dict.fromkeys(here))
    every = tuple(found)
    return every if len(every) <= limits.MOST_IDS else (every[0], *every[1 - limits.MOST_IDS :])
