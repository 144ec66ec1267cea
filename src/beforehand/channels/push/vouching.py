"""Who pushes: a signed word to the push service that it is we (VAPID, RFC 8292).

The key follows from the secret key, so there is nothing to keep. A device is bound to the key that it was made for:
when the secret changes, those it replaced still vouch for older devices.
"""

import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from beforehand.channels.push.encrypting import CURVE, point
from beforehand.lib.signing import own_keys

PURPOSE = b"channels.push.vapid"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
HOURS = 12


def server_key() -> str:
    """The public key that new devices are made for."""
    return letters(point(_private(own_keys()[0])))


def vouch(endpoint: str, made_for: str) -> str | None:
    """The Authorization header for a push; None where no key of ours fits the device any more."""
    private = next((key for key in map(_private, own_keys()) if letters(point(key)) == made_for), None)
    if private is None:
        return None
    where = urlsplit(endpoint)
    claims = {"aud": f"{where.scheme}://{where.netloc}", "exp": int(time.time()) + HOURS * 3600, "sub": _contact()}
    said = ".".join(letters(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "ES256"}, claims))
    r, s = decode_dss_signature(private.sign(said.encode(), ec.ECDSA(hashes.SHA256())))
    return f"vapid t={said}.{letters(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}, k={made_for}"


def letters(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def bytes_of(text: str) -> bytes:
    """Raises ValueError for what is not base64 of the kind that browsers give."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _contact() -> str:
    return settings.URL or f"mailto:{settings.DEFAULT_FROM_EMAIL}"


@lru_cache(8)
def _private(secret: bytes) -> ec.EllipticCurvePrivateKey:
    seed = HKDF(hashes.SHA256(), 48, None, PURPOSE).derive(secret)
    return ec.derive_private_key(int.from_bytes(seed, "big") % (ORDER - 1) + 1, CURVE)
