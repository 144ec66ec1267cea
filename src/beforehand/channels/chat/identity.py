"""Who a visitor is, by the word of the page they are on: a user id that the company's own server signed."""

import hashlib
import hmac
import time

from beforehand.channels.models import ChatWidget


def signature_of(secret: str, user: str, until: str = "") -> str:
    """HMAC-SHA256 in hex over the user id; with `until` (seconds since 1970) over `user`, a line feed and `until`."""
    text = f"{user}\n{until}" if until else user
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def vouches(widget: ChatWidget, user: str, signature: str, until: str = "") -> bool:
    """Whether the company's server signed this user id, and its word still holds."""
    secret = widget.open_secret()
    right = signature_of(secret or "-", user, until)
    fits = hmac.compare_digest(right.encode(), signature.strip().lower().encode("utf-8", "replace"))
    return fits and bool(secret and user) and (not until or _holds(until))


def _holds(until: str) -> bool:
    return until.isascii() and until.isdigit() and len(until) < 12 and time.time() <= int(until)
