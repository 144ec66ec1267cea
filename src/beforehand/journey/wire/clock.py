"""Times as they are sent, and the time when it really happened by our clock."""

from datetime import UTC, datetime
from functools import lru_cache

from beforehand.lib.fields import to_micros

SECOND = 1_000_000
SKEW = 5 * SECOND
AHEAD = 23 * 3600 * SECOND
MILLISECONDS_FROM = 100_000_000_000

Sent = str | int | float | None


@lru_cache(maxsize=4096)
def moment(sent: Sent) -> int | None:
    """Microseconds since 1970 of an ISO 8601 text, or of Unix time in seconds or milliseconds; None for nothing.

    Raises ValueError for what is no time. A text without a zone is UTC. Cached: a batch was sent at one moment.
    """
    if sent is None or sent == "":
        return None
    if isinstance(sent, str):
        when = datetime.fromisoformat(sent.strip())
        return to_micros(when if when.tzinfo else when.replace(tzinfo=UTC))
    unit = 1000 if abs(sent) >= MILLISECONDS_FROM else SECOND
    return to_micros(datetime.fromtimestamp(sent * unit / SECOND, UTC))


def corrected(original: int | None, sent: int | None, received: int) -> int:
    """When it happened, in microseconds: received − (sent − original) for a device whose clock is wrong by over 5 s.

    Formula: Segment's HTTP tracking API, “Timestamps”. A message from the past that is sent with a right clock stays
    where it is, and so does one that says nothing of when it was sent. What would lie more than 23 hours ahead of
    its receipt happened, as far as anybody can know, when it was received.
    """
    if original is None:
        return received
    time = original
    if sent is not None and abs(received - sent) > SKEW:
        time = received - (sent - original)
    return received if time > received + AHEAD else time
