"""Small signed values that fit where only letters and figures do: the local part of an address, a Message-ID.

HMAC-SHA256 cut to 96 bits, base32 in lower case (mail programs change the case of addresses), compared in constant
time.
They never expire. The first key signs; all keys are tried, so that a key can be changed without losing a conversation.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

from django.conf import settings

MAC_BYTES = 12
MOST_BYTES = 32


def own_keys() -> list[bytes]:
    """The keys of this house: the secret in force first, then those it replaced."""
    return [str(key).encode() for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def sign(purpose: str, payload: bytes, keys: Sequence[bytes]) -> str:
    """Letters a–z and figures 2–7 that carry the payload (at most 32 bytes) and its signature for one purpose."""
    if len(payload) > MOST_BYTES:
        raise ValueError(f"A signed value holds at most {MOST_BYTES} bytes.")
    return _letters(payload + _mac(purpose, payload, keys[0]))


def check(purpose: str, text: str, keys: Sequence[bytes]) -> bytes | None:
    """The payload of a value that we signed for this purpose; None for any other text."""
    if not text.isascii() or len(text) > 2 * (MOST_BYTES + MAC_BYTES):
        return None
    try:
        content = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except (binascii.Error, ValueError):
        return None
    # The last letter may hold bits that stand for nothing: one value has one spelling.
    if _letters(content) != text.lower():
        return None
    payload, mac = content[:-MAC_BYTES], content[-MAC_BYTES:]
    # Every key is tried, so that the time tells nothing about which one fits.
    fits = [hmac.compare_digest(_mac(purpose, payload, key), mac) for key in keys]
    return payload if any(fits) and len(content) > MAC_BYTES else None


def _letters(content: bytes) -> str:
    return base64.b32encode(content).decode("ascii").rstrip("=").lower()


def _mac(purpose: str, payload: bytes, key: bytes) -> bytes:
    return hmac.digest(key, purpose.encode() + b"\x00" + payload, hashlib.sha256)[:MAC_BYTES]
